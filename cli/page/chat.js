// The conversation as somebody has it: what was said, who is here, which rooms, what is new. It takes what the client machine
// tells, and names no browser: `host` is what it needs of the page.

import { aboutRoom } from "./order.js";
import { Known } from "./known.js";
import { Roster } from "./roster.js";
import { ENTRIES_READ_MAX, Story, isNews } from "./rows.js";
import { HISTORY_LINES } from "./typed.js";

const LOBBY = "lobby";

// What an entry is called whose author asked for this.
const DONE = {
  join: "joined", leave: "left", nick: "renamed", topic: "topic",
  kick: "kicked", invite: "invited", change: "changed", kill: "killed",
};

export class Chat {
  // host: isRead() whether what comes is seen as it comes; stays() whether the newest is in view; toEnd(); look(read,
  // reference) asks; isOnline(); entered() after another room is shown.
  constructor(host) {
    this.host = host;
    this.roster = new Roster();
    this.begin({ nick: "", hue: 0 });
  }

  // As somebody: `tab` is what this tab showed of them before.
  begin(me, tab = {}, readUpTo = null) {
    this.me = me;
    this.story = new Story(tab.story);
    this.known = new Known();
    this.room = tab.room ?? LOBBY;
    this.rooms = tab.rooms ?? [LOBBY];
    this.allRooms = [];
    this.welcomed = false;
    this.operates = false; // The server.
    this.unreadAfter = null;
    this.readUpTo = readUpTo; // What was read in an earlier life.
    this.missed = 0; // Messages that came while further up.
    this.from = null; // The first entry shown, while further up.
    this.reading = null; // The room whose history is being fetched.
    this.asking = false; // Who is here is being asked.
    this.looking = false; // A room is being looked at …
    this.lookAgain = false; // … and has to be once more.
    this.quietly = true;
  }

  // What a reload finds again.
  kept() {
    return { story: this.story.kept(), room: this.room, rooms: this.rooms };
  }

  // Takes what the machine tells, but for the connection's own affairs.
  take(news) {
    switch (news.show) {
      case "online":
        return this.online(news);
      case "waiting":
        return this.host.toEnd();
      case "accepted":
        return this.accepted(news);
      case "refused":
        return this.refused(news);
      case "saw":
        return this.saw(news.entry);
      case "who":
        return this.who(news);
      case "rooms":
        return this.listRooms(news);
      case "room":
        return this.tellRoom(news);
      case "oper":
        this.operates = true;
        return this.remark("you operate this server until you go");
      case "page":
        return this.page(news);
      case "missed":
        return this.remark(`what stands after #${news.from} and up to #${news.to} is no longer kept`);
      default:
        return this.remark(news.text);
    }
  }

  // Said in every room.
  remark(text, more) {
    this.story.remark(text, more);
  }

  // Said in the room where it was asked.
  answer(text, more = {}) {
    this.remark(text, { room: this.room, ...more });
  }

  // --- Coming.

  online({ welcome, newLog }) {
    if (newLog) {
      this.story = new Story();
      [this.unreadAfter, this.readUpTo] = [null, null];
      this.remark("the server has another log than before: what was said in that one is not here");
    }
    const first = !this.welcomed;
    this.welcomed = true;
    this.operates = false;
    this.known = new Known();
    [this.looking, this.lookAgain, this.asking] = [false, false, false];
    this.me = { nick: welcome.you, hue: welcome.hue };
    this.roster.set(welcome.you, welcome.here, welcome.more, welcome.head);
    this.story.head = welcome.head;
    this.rooms = sorted(welcome.rooms);
    if (!this.rooms.includes(this.room)) this.enter(this.elsewhere());
    for (const each of this.rooms) this.story.read[each] ??= this.readUpTo ?? welcome.head;
    if (first && welcome.here.length <= 1) this.remark("You are alone in server", { kind: "alone", room: this.room });
    if (first && this.story.before(this.room) === undefined) this.fetchHistory();
    this.look();
  }

  elsewhere() {
    return this.rooms.includes(LOBBY) ? LOBBY : (this.rooms[0] ?? LOBBY);
  }

  // --- What happens.

  add(entry) {
    // Who is invited is not there yet: it is told wherever they are.
    if (entry.type === "invited") entry = { ...entry, place: entry.room, room: undefined };
    if (!this.story.add(entry)) return;
    if (this.roster.take(entry, this.rooms)) this.askRoster();
    // Who comes through IRC is told of without their door.
    const isNew = entry.type === "joined" && !this.roster.people.get(entry.from)?.door;
    if (this.known.take(entry) || isNew) this.look();
    if (entry.type === "kicked" && entry.nick === this.me.nick) {
      this.remark(`${entry.from} put you out of #${entry.room}`);
      this.left(entry.room);
    }
    this.story.trim(this.host.stays() ? undefined : ENTRIES_READ_MAX);
  }

  saw(entry) {
    this.add(entry);
    if (!isNews(entry) || (entry.room !== undefined && entry.room !== this.room)) return;
    // What was said while the connection was lost is news, even if it is seen as it comes.
    if (this.host.isRead() && entry.seq > this.roster.asOf) return;
    this.unreadAfter ??= entry.seq - 1;
    if (!this.host.stays()) this.missed += 1;
  }

  accepted({ pending, seq, at, entry, notes }) {
    const { ask } = pending ?? {};
    const own = { seq, at, from: this.me.nick, hue: this.me.hue, own: true, notes };
    if (entry) this.add({ ...entry, own: true, notes });
    else if (ask?.type === "say") {
      const { text, action, to } = ask;
      const got = to?.filter((nick) => !notes.unknown.includes(nick));
      this.add({ ...own, type: "said", text, action, ...(to ? { to: got } : { room: ask.room }) });
    } else if (ask) this.add({ ...ask, ...own, type: DONE[ask.type] });
    const what = entry?.type ?? DONE[ask?.type];
    if (what === "renamed") this.me = { ...this.me, nick: entry?.nick ?? ask.nick };
    if (what === "joined") this.joined(entry?.room ?? ask.room, ask !== undefined);
    if (what === "left") this.left(entry?.room ?? ask.room);
  }

  joined(name, goThere) {
    if (!this.rooms.includes(name)) this.rooms = sorted([...this.rooms, name]);
    this.story.read[name] ??= this.story.last;
    if (goThere) this.enter(name);
  }

  left(name) {
    this.rooms = this.rooms.filter((each) => each !== name);
    delete this.story.whole[name]; // What is said there meanwhile is fetched on return.
    this.known.forget(name);
    if (name === this.room) this.enter(this.elsewhere());
  }

  refused({ ask, code, text, reference }) {
    if (reference === "looked") {
      this.looking = false; // Put out meanwhile.
      return;
    }
    if (reference === "history") this.reading = null;
    const what = ask?.text === undefined ? "" : `“${ask.text}” `;
    const isWords = !ask || ask.type === "say";
    const said = code === "outcome_unknown" ? `${what}${text}` : `not ${isWords ? "sent" : "done"}: ${what && `${what}— `}${text}`;
    // Who could not enter a room does not see what is remarked there.
    this.remark(said, { room: this.rooms.includes(ask?.room) ? ask.room : null });
  }

  // --- What is looked up.

  who({ people, more, reference }) {
    this.roster.set(this.me.nick, people, more, this.story.last);
    if (reference === "roster") this.asking = false;
    if (reference === "asked") {
      const names = people.map((person) => person.nick).join(", ");
      this.answer(`online: ${names}${more > 0 ? ` and ${more} more` : ""}`);
    }
  }

  // An entry left open who is here: one question at a time, since its answer tells what came before it.
  askRoster() {
    if (this.asking || !this.host.isOnline()) return;
    this.asking = true;
    this.host.look({ type: "who" }, "roster");
  }

  listRooms({ rooms: listed, reference }) {
    this.allRooms = listed.map((each) => each.room);
    if (reference !== "asked") return;
    const members = (many) => `${many} ${many === 1 ? "member" : "members"}`;
    const lines = listed.map((each) => [`#${each.room}`, `${each.here} here, ${members(each.members)}`]);
    this.answer("rooms: /join one, or make one", { kind: "list", lines });
  }

  tellRoom(news) {
    this.known.set(news);
    if (news.reference === "asked") return this.answer(`#${news.room}`, { kind: "list", lines: aboutRoom(news) });
    this.looking = false;
    if (this.lookAgain) this.look();
  }

  // Asks what the room one is in is like; once at a time.
  look() {
    if (!this.host.isOnline() || !this.rooms.includes(this.room)) return;
    this.lookAgain = this.looking;
    if (this.looking) return;
    this.looking = true;
    this.host.look({ type: "room", room: this.room }, "looked");
  }

  page({ room: of, entries, more }) {
    this.reading = null;
    this.quietly = true;
    this.story.addPage({ room: of, entries, more });
    if (this.from !== null && of === this.room && entries.length > 0) this.from = Math.min(this.from, entries[0].seq);
    if (this.host.isRead()) this.markRead();
  }

  // Shows more of what stands before: what is kept here, then what the server has. True if it is shown already.
  further() {
    const from = this.furtherFrom();
    if (from === null) {
      this.fetchHistory();
      return false;
    }
    this.quietly = true;
    this.from = from;
    return true;
  }

  get hasFurther() {
    return this.furtherFrom() !== null;
  }

  furtherFrom() {
    const { story, room, from } = this;
    return story.further(room, from ?? story.firstShown(room));
  }

  // Somebody reads further up from here on, or is at the newest again.
  hold(isFurtherUp) {
    this.from = isFurtherUp ? this.story.firstShown(this.room) : null;
  }

  fetchHistory(of = this.room) {
    if (!this.host.isOnline() || this.reading !== null || !this.story.hasMore(of) || this.story.isFull) return;
    this.reading = of;
    const before = this.story.before(of);
    this.host.look({ type: "history", room: of, limit: HISTORY_LINES, ...(before !== undefined && { before }) }, "history");
  }

  // --- Where one is.

  enter(name) {
    if (name === this.room && this.story.before(name) !== undefined) return;
    this.markRead();
    this.room = name;
    this.unreadAfter = this.story.unread(name) > 0 ? this.story.read[name] : null;
    this.missed = 0;
    this.from = null;
    this.quietly = true;
    this.host.entered();
    if (this.story.before(name) === undefined) this.fetchHistory();
    this.look();
  }

  markRead() {
    const { story, room } = this;
    if (story.last > 0) story.read[room] = Math.max(story.read[room] ?? 0, story.last);
  }

  // All that there is has been seen.
  seen() {
    this.missed = 0;
    this.from = null;
    this.markRead();
  }

  // --- What the page shows.

  // The room as it is known, and whether one may keep it in order.
  get about() {
    const { known, room, operates, me } = this;
    return { room, me: me.nick, about: known.of(room), keeps: operates || known.role(room, me.nick) === "operator" };
  }

  // Who is in this room, and who is elsewhere.
  people() {
    const about = this.known.of(this.room);
    const everybody = this.roster.list();
    if (!about) return { inside: everybody, outside: [], more: this.roster.more };
    const names = new Map(everybody.map((person) => [person.nick, person]));
    const inside = [...about.people.values()].map((person) => ({ ...names.get(person.nick), ...person }));
    const outside = everybody.filter((person) => !about.people.has(person.nick));
    // The lists are cut: who is on neither is not known to be elsewhere.
    return { inside: byName(inside), outside: about.more > 0 ? [] : outside, more: Math.max(about.more, this.roster.more) };
  }

  // The rooms, each with what is unread there, but for the one that is looked at.
  counts() {
    return this.rooms.map((room) => ({ room, unread: room === this.room ? 0 : this.story.unread(room) }));
  }
}

const order = new Intl.Collator("en", { numeric: true });
const sorted = (rooms) => [...rooms].sort(order.compare);
const byName = (people) => people.sort((a, b) => order.compare(a.nick, b.nick));
