// Who is here, as far as the page hears of it: those one shares a room with. Pure: it names no browser.
//
// The welcome says who is here, and which rooms one shares with each; from then on entries tell. Whoever shares no room any more
// leaves the roster, because nobody would say when they go. What entries leave open is asked: `take` says whether.

const byName = new Intl.Collator("en", { numeric: true });

export class Roster {
  constructor() {
    this.me = null; // Their line: oneself is always here.
    this.people = new Map(); // The others: each with the rooms shared, and whether these are all.
    this.more = 0;
    this.asOf = 0;
  }

  get size() {
    return this.people.size + (this.me === null ? 0 : 1) + this.more;
  }

  // The server lists who is here. What happened up to `asOf` is counted in it.
  set(me, here, more, asOf) {
    this.me = here.find((person) => person.nick === me) ?? this.me;
    const others = here.filter((person) => person.nick !== me);
    const shared = others.map((person) => ({ ...person, rooms: new Set(person.rooms ?? ["lobby"]), sure: true }));
    this.people = new Map(shared.filter((person) => person.rooms.size > 0).map((person) => [person.nick, person]));
    this.more = more ?? 0;
    this.asOf = Math.max(this.asOf, asOf);
  }

  // An entry, and the rooms one is in after it. Tells whether the roster has to be asked for.
  take(entry, mine) {
    if (entry.seq <= this.asOf) return false; // Counted.
    const { type, from, nick, room } = entry;
    if (this.me !== null && from === this.me.nick) return this.did(entry, mine);
    if (type === "arrived") this.arrived(entry, mine);
    else if (type === "joined") this.joined(entry);
    else if (type === "departed") {
      if (!this.people.delete(from)) this.more = Math.max(this.more - 1, 0);
    } else if (type === "renamed" && this.people.has(from)) {
      this.people.set(nick, { ...this.people.get(from), nick });
      this.people.delete(from);
    } else if (type === "left") return this.part(from, room, mine);
    else if (type === "kicked") return nick === this.me?.nick ? this.left(room, mine) : this.part(nick, room, mine);
    return false;
  }

  // Something one did oneself.
  did({ type, nick, room }, mine) {
    if (type === "renamed") this.me = { ...this.me, nick };
    else if (type === "left") return this.left(room, mine);
    else if (type === "kicked") return this.part(nick, room, mine);
    return type === "joined"; // Who else is in there?
  }

  // The entry does not say which rooms they are in; if one is in one alone, it is that.
  arrived({ from, hue, door }, mine) {
    const sure = mine.length === 1;
    this.people.set(from, { nick: from, hue, door, idle: 0, rooms: new Set(sure ? mine : []), sure });
  }

  // Who comes through IRC comes into no room: the others see them from the first room on.
  joined({ from, hue, room }) {
    const person = this.people.get(from) ?? { nick: from, hue, idle: 0, rooms: new Set(), sure: this.more === 0 };
    person.rooms.add(room);
    this.people.set(from, person);
  }

  left(room, mine) {
    const inside = [...this.people.values()].filter((person) => person.rooms.has(room) || !person.sure);
    return inside.filter((person) => this.part(person.nick, room, mine)).length > 0;
  }

  // One does not share a room with somebody any more.
  part(nick, room, mine) {
    const person = this.people.get(nick);
    if (person === undefined) return false;
    person.rooms.delete(room);
    if (person.rooms.size > 0) return false;
    if (!person.sure && mine.some((other) => other !== room)) return true;
    this.people.delete(nick);
    return false;
  }

  list() {
    const everybody = this.me === null ? [...this.people.values()] : [this.me, ...this.people.values()];
    return everybody.sort((a, b) => byName.compare(a.nick, b.nick));
  }
}
