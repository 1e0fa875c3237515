// The rooms one is in, as far as they are known: topic, how each is kept, who is there and in which role. Pure.
//
// The server tells a room in full when it is asked; from then on what happens there is counted in.

const change = (list, text, on) => {
  const others = list.filter((each) => each.text !== text);
  return on ? [...others, { text }] : others;
};

export class Known {
  constructor() {
    this.rooms = new Map();
  }

  // The answer to the question what a room is like.
  set({ room, topic = null, modes = [], keyed = false, key, limit, bans = [], mutes = [], here, more = 0, members }) {
    const people = new Map(here.map((person) => [person.nick, person]));
    this.rooms.set(room, { room, topic, modes: new Set(modes), keyed, key, limit, bans, mutes, people, more, members });
  }

  of(room) {
    return this.rooms.get(room) ?? null;
  }

  forget(room) {
    this.rooms.delete(room);
  }

  role(room, nick) {
    return this.of(room)?.people.get(nick)?.role ?? null;
  }

  // Counts in what happened. True if a room has to be asked for anew: somebody came back, and it is not said into which.
  take(entry) {
    const { type, from, hue } = entry;
    const about = this.of(entry.room);
    switch (type) {
      case "said":
        for (const { people } of this.rooms.values()) wake(people.get(from));
        return false;
      case "arrived":
        if (entry.door !== "irc") this.of("lobby")?.people.set(from, { nick: from, hue, idle: 0 });
        return entry.door === "native";
      case "departed":
        for (const { people } of this.rooms.values()) people.delete(from);
        return false;
      case "renamed":
        for (const { people } of this.rooms.values()) rename(people, from, entry.nick);
        return false;
      case "joined":
        about?.people.set(from, { nick: from, hue, idle: 0 });
        return false;
      case "left":
        about?.people.delete(from);
        return false;
      case "kicked":
        about?.people.delete(entry.nick);
        return false;
      case "topic":
        if (about) about.topic = entry.text ? { text: entry.text, by: from } : null;
        return false;
      case "changed":
        if (about) for (const one of entry.changes) alter(about, one);
        return false;
      default:
        return false;
    }
  }
}

function wake(person) {
  if (person) person.idle = 0;
}

function rename(people, from, to) {
  const person = people.get(from);
  if (!person) return;
  people.delete(from);
  people.set(to, { ...person, nick: to });
}

function alter(about, { mode, on = true, nick, mask, key, limit }) {
  const person = about.people.get(nick);
  switch (mode) {
    case "operator":
    case "voice":
      // Who operates a room may speak there anyway: one role is shown, the higher.
      if (person && on && (mode === "operator" || person.role !== "operator")) person.role = mode;
      else if (person && !on && person.role === mode) delete person.role;
      return;
    case "key":
      Object.assign(about, { keyed: on, key: on ? key : undefined });
      return;
    case "limit":
      about.limit = on ? limit : undefined;
      return;
    case "ban":
      about.bans = change(about.bans, mask, on);
      return;
    case "mute":
      about.mutes = change(about.mutes, mask, on);
      return;
    default:
      if (on) about.modes.add(mode);
      else about.modes.delete(mode);
  }
}
