// What keeps rooms in order: topics, operators, invitations, bans. The commands (core/src/door/typed/order.rs is the model) and
// the sentences for what was done.

const MODES = { i: "invite_only", m: "moderated", s: "secret", t: "topic_locked" };
const USAGE = "/mode +i -m +s -t +k KEY +l NUMBER +o NAME +v NAME +b MASK +q MASK";

const usage = (how) => ({ slip: `not sent; it goes like this: ${how}` });
const bare = (name) => name.replace(/^@/u, "");
const split = (text) => text.split(/\s+/u).filter((word) => word !== "");

export const ORDER_HELP = [
  ["/topic [TEXT]", "what the room is about; - clears it"],
  ["/invite NAME", "ask somebody into the room"],
  ["/kick NAME [WHY]", "put somebody out; this and what follows is for its operators"],
  ["/op NAME, /deop NAME", "make somebody an operator of the room, or no more"],
  ["/voice NAME, /devoice NAME", "let somebody speak though it is moderated"],
  ["/ban NAME, /unban NAME", "keep somebody from entering and speaking (bob*: all like it)"],
  ["/mute NAME, /unmute NAME", "keep somebody from speaking"],
  ["/mode +m-i", "moderated +m, invitation only +i, secret +s, topic by operators +t, key +k KEY, at most +l N members"],
  ["/oper NAME PASSWORD", "operate the server: all that in any room (#ROOM first), /kill NAME"],
];

// Understands one of these commands; none, if it is another. A first word that begins with # names the room.
export function understandOrder(command, typed, here, roomName) {
  const [first = "", ...others] = split(typed);
  const [room, rest] = first.startsWith("#") ? [roomName(first), others.join(" ")] : [here, typed];
  const [name = "", ...more] = split(rest);
  const why = more.length > 0 ? { text: more.join(" ") } : {};
  const ask = (words) => ({ ask: { room, ...words } });
  const about = { read: { type: "room", room } };
  const each = (change) => (name === "" ? null : ask({ type: "change", changes: split(rest).map((word) => change(bare(word))) }));
  switch (command) {
    case "/topic":
      return rest === "" ? about : ask({ type: "topic", ...(rest !== "-" && { text: rest }) });
    case "/invite":
      if (name === "") return usage("/invite NAME");
      return { ask: { type: "invite", room: more.length > 0 ? roomName(more[0]) : room, nick: bare(name) } };
    case "/kick":
      return name === "" ? usage("/kick NAME [why]") : ask({ type: "kick", nick: bare(name), ...why });
    case "/kill":
      return name === "" ? usage("/kill NAME [why]") : { ask: { type: "kill", nick: bare(name), ...why } };
    case "/op":
    case "/deop":
      return each((nick) => change("operator", command === "/op", { nick })) ?? usage(`${command} NAME`);
    case "/voice":
    case "/devoice":
      return each((nick) => change("voice", command === "/voice", { nick })) ?? usage(`${command} NAME`);
    case "/ban":
    case "/unban":
      return each((mask) => change("ban", command === "/ban", { mask })) ?? about;
    case "/mute":
    case "/unmute":
      return each((mask) => change("mute", command === "/mute", { mask })) ?? about;
    case "/mode":
      return name === "" ? about : modes(name, more, ask);
    case "/names":
      return about;
    case "/oper":
      if (split(typed).length < 2) return usage("/oper NAME PASSWORD");
      return { read: { type: "oper", name: first, password: typed.trim().slice(first.length).trim() } };
    default:
      return null;
  }
}

const change = (mode, on, more = {}) => ({ mode, ...(!on && { on }), ...more });

// Letters as of IRC: `+im-k+o bob`.
function modes(letters, words, ask) {
  if (!/^[+-]/u.test(letters)) return usage(USAGE);
  const changes = [];
  let on = true;
  for (const letter of letters) {
    if ("+-".includes(letter)) on = letter === "+";
    else if (MODES[letter]) changes.push(change(MODES[letter], on));
    else if (letter === "k" && !on) changes.push(change("key", false));
    else if (letter === "l" && !on) changes.push(change("limit", false));
    else if (letter !== "n") {
      const word = words.shift();
      const mode = { k: "key", l: "limit", o: "operator", v: "voice", b: "ban", q: "mute" }[letter];
      const field = { key: "key", limit: "limit", operator: "nick", voice: "nick", ban: "mask", mute: "mask" }[mode];
      if (!mode || word === undefined || (mode === "limit" && !/^\d+$/u.test(word))) return usage(USAGE);
      changes.push(change(mode, on, { [field]: mode === "limit" ? Number(word) : bare(word) }));
    }
  }
  return changes.length > 0 ? ask({ type: "change", changes }) : usage(USAGE);
}

const DEEDS = ["topic", "kicked", "invited", "changed", "killed"];
export const isDeed = (entry) => DEEDS.includes(entry.type);

// What somebody did, without their name: "put bob out of #lab: too loud". `mine`: the name is "you".
export function deed(entry, mine = false) {
  const reason = entry.text ? `: ${entry.text}` : "";
  const room = `#${entry.room ?? entry.place}`;
  switch (entry.type) {
    case "topic":
      return entry.text ? `set the topic of ${room}${reason}` : `cleared the topic of ${room}`;
    case "kicked":
      return `put ${entry.nick} out of ${room}${reason}`;
    case "invited":
      return `${mine ? "invite" : "invites"} ${entry.nick} into ${room}`;
    case "killed":
      return `ended the connection of ${entry.nick}${reason}`;
    default:
      return entry.changes.map((one) => changed(one, room)).join(", ");
  }
}

function changed({ mode, on = true, nick, mask, key, limit }, room) {
  switch (mode) {
    case "invite_only":
      return `${on ? "closed" : "opened"} ${room} to who is not invited`;
    case "moderated":
      return `made ${room} ${on ? "moderated" : "unmoderated"}`;
    case "secret":
      return `made ${room} ${on ? "secret" : "public"}`;
    case "topic_locked":
      return `left the topic of ${room} to ${on ? "its operators" : "everybody"}`;
    case "key":
      return on ? `set the key of ${room}${key ? ` to ${key}` : ""}` : `took the key from ${room}`;
    case "limit":
      return on ? `limited ${room} to ${limit} members` : `took the limit from ${room}`;
    case "operator":
      return on ? `made ${nick} an operator of ${room}` : `made ${nick} no operator of ${room} any more`;
    case "voice":
      return on ? `gave ${nick} a voice in ${room}` : `took the voice in ${room} from ${nick}`;
    case "ban":
      return on ? `banned ${mask} from ${room}` : `lifted the ban on ${mask} in ${room}`;
    case "mute":
      return on ? `muted ${mask} in ${room}` : `unmuted ${mask} in ${room}`;
    default:
      return `changed how ${room} is kept`;
  }
}

// A room in full, in lines of two columns.
export function aboutRoom({ topic, modes: flags = [], keyed, key, limit, bans = [], mutes = [], here, more = 0, members }) {
  const kept = flags.map((flag) => flag.replaceAll("_", " "));
  if (keyed) kept.push(key ? `key ${key}` : "takes a key");
  if (limit !== undefined) kept.push(`at most ${limit} members`);
  const mark = { operator: "@", voice: "+" };
  const names = here.map((person) => `${mark[person.role] ?? ""}${person.nick}`).join(", ");
  const lines = [["topic", topic ? `${topic.text} (${topic.by})` : "none"]];
  if (kept.length > 0) lines.push(["rules", kept.join(", ")]);
  if (bans.length > 0) lines.push(["banned", bans.map((ban) => ban.text).join(", ")]);
  if (mutes.length > 0) lines.push(["muted", mutes.map((mute) => mute.text).join(", ")]);
  lines.push(["here", `${names}${more > 0 ? ` and ${more} more` : ""}`]);
  if (members !== undefined) lines.push(["members", String(members)]);
  return lines;
}
