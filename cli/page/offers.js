// What can be done with a person or about a room, each as a sentence and the line that does it. Pure.
//
// The page writes the line into the field and leaves it to its reader to send it: so the commands are learned by using them.

const LOBBY = "lobby";

const has = (list, mask) => list.some((each) => each.text.toLowerCase() === mask.toLowerCase());

// `about` is the room one is in, as it is known; `keeps` says that one may keep it in order.
export function offersFor(nick, { me, room, about, keeps }) {
  if (nick === me) return [{ does: "take another name", line: "/nick " }];
  const offers = [{ does: "write to them alone", line: `@${nick} ` }];
  if (!about) return offers;
  const there = about.people.get(nick);
  if (!there) {
    const mayInvite = keeps || !about.modes.has("invite_only");
    if (mayInvite && room !== LOBBY) offers.push({ does: `ask them into #${room}`, line: `/invite ${nick}` });
    return offers;
  }
  if (!keeps) return offers;
  if (there.role === "operator") offers.push({ does: "an operator no more", line: `/deop ${nick}` });
  else offers.push({ does: `make them an operator of #${room}`, line: `/op ${nick}` });
  if (there.role === "voice") offers.push({ does: "no voice any more", line: `/devoice ${nick}` });
  else if (about.modes.has("moderated") && !there.role) offers.push({ does: "let them speak", line: `/voice ${nick}` });
  if (has(about.mutes, nick)) offers.push({ does: "unmute", line: `/unmute ${nick}` });
  else offers.push({ does: "mute: they read, and say nothing", line: `/mute ${nick}` });
  offers.push({ does: `put them out of #${room}; you may add why`, line: `/kick ${nick} ` });
  offers.push({ does: "ban: they neither speak nor come back", line: `/ban ${nick}` });
  return offers;
}

const SWITCHES = [
  ["invite_only", "i", "let in only who was invited", "let in everybody"],
  ["moderated", "m", "let only operators and voices speak", "let everybody speak"],
  ["secret", "s", "hide the room from those outside", "list the room for everybody"],
  ["topic_locked", "t", "leave the topic to operators", "leave the topic to everybody"],
];

export function offersAbout({ room, about, keeps }) {
  const offers = [];
  if (about) {
    if (keeps || !about.modes.has("topic_locked")) {
      const topic = about.topic?.text ?? "";
      const where = topic.startsWith("#") ? `#${room} ` : ""; // A first word like that would be taken for the room.
      offers.push({ does: topic ? "change the topic" : "say what the room is about", line: `/topic ${where}${topic}` });
    }
    if (room !== LOBBY && (keeps || !about.modes.has("invite_only"))) offers.push({ does: "ask somebody in", line: "/invite " });
    if (keeps) offers.push(...keeping(about));
  }
  if (room !== LOBBY) offers.push({ does: "leave the room", line: `/leave ${room}` });
  return offers;
}

function keeping(about) {
  const offers = SWITCHES.map(([mode, letter, on, off]) =>
    about.modes.has(mode) ? { does: off, line: `/mode -${letter}` } : { does: on, line: `/mode +${letter}` },
  );
  offers.push(about.keyed ? { does: "take the key away", line: "/mode -k" } : { does: "lock it with a key", line: "/mode +k " });
  if (about.limit === undefined) offers.push({ does: "limit how many members there are", line: "/mode +l " });
  else offers.push({ does: "as many members as like to", line: "/mode -l" });
  for (const { text } of about.bans) offers.push({ does: `lift the ban on ${text}`, line: `/unban ${text}` });
  for (const { text } of about.mutes) offers.push({ does: `unmute ${text}`, line: `/unmute ${text}` });
  return offers;
}
