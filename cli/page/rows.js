// What was said, and how it is laid out. Pure: it names no browser.
//
// A `Story` holds entries by their number, wherever they came from (live, on resume, from history), so none is there twice.
// `layout` makes rows of what one room shows.

import { deed, isDeed } from "./order.js";

const ENTRIES_MAX = 2_000; // Kept while the newest is in view …
export const ENTRIES_READ_MAX = 4_000; // … and while somebody reads further up.
const SHOWN_MAX = 300; // Of a room's, at the newest; further up, what follows the first that is shown.
const FURTHER = 150; // More of them, each time the top is near.
const PRESENCE_NAMED_MAX = 6; // People named who did the same.
const REMARKS_MAX = 200;
const KEPT_MAX = 400;
const TOGETHER_MS = 5 * 60_000;
const TOGETHER_MAX = 12;

const PRESENCE = ["arrived", "departed", "joined", "left", "renamed"];
export const isPresence = (entry) => PRESENCE.includes(entry.type);

export class Story {
  constructor(kept = {}) {
    this.entries = kept.entries ?? []; // In order.
    this.whole = kept.whole ?? {}; // By room: { from: no gap after this entry, begun: there is nothing before it }.
    this.read = kept.read ?? {}; // By room: the last entry that was seen.
    this.remarks = [];
    this.count = 0;
    this.head = 0; // What is remarked stands after this entry, whether it is shown or not.
  }

  // Adds an entry, unless it is there.
  add(entry) {
    const place = this.placeOf(entry.seq);
    if (this.entries[place]?.seq === entry.seq) {
      // What history tells, and what one's own page knows better.
      this.entries[place] = { ...entry, ...this.entries[place] };
      return false;
    }
    this.entries.splice(place, 0, entry);
    return true;
  }

  placeOf(seq) {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get last() {
    return this.entries.at(-1)?.seq ?? 0;
  }

  // A remark is nobody's words: it stands after the newest entry, in one room or in all.
  remark(text, { room = null, kind = "remark", ...more } = {}) {
    this.count += 1;
    this.remarks.push({ type: kind, seq: Math.max(this.last, this.head), sub: this.count, text, room, ...more });
    if (this.remarks.length > REMARKS_MAX) this.remarks.shift();
  }

  // A page of a room's history.
  addPage({ room, entries, more }) {
    for (const entry of entries) this.add(entry);
    const known = this.whole[room];
    const from = entries.length > 0 ? entries[0].seq : (known?.from ?? this.last);
    this.whole[room] = { from: Math.min(from, known?.from ?? from), begun: !more };
  }

  // The entry before which a room's history goes on; none while nothing is known of it.
  before(room) {
    return this.whole[room]?.from;
  }

  // Whether there may be more before what is shown of a room.
  hasMore(room) {
    return !this.whole[room]?.begun;
  }

  // No more is fetched from history than can be kept.
  get isFull() {
    return this.entries.length >= ENTRIES_READ_MAX;
  }

  // Forgets the oldest.
  trim(max = ENTRIES_MAX) {
    if (this.entries.length <= max) return;
    this.entries = this.entries.slice(-max);
    this.forgetBefore(this.entries[0].seq);
  }

  forgetBefore(seq) {
    for (const whole of Object.values(this.whole)) {
      if (whole.from < seq) Object.assign(whole, { from: seq, begun: false });
    }
  }

  // What a reload finds again.
  kept() {
    const story = new Story({ entries: this.entries.slice(-KEPT_MAX), whole: structuredClone(this.whole), read: this.read });
    if (this.entries.length > KEPT_MAX) story.forgetBefore(story.entries[0].seq);
    const { entries, whole, read } = story;
    return { entries, whole, read };
  }

  // What a room shows: its own entries, private words wherever one is, and who came and went since what is shown begins.
  of(room) {
    const from = this.whole[room]?.from ?? 0;
    const belongs = (entry) => (entry.room === undefined ? !isPresence(entry) || entry.seq >= from : entry.room === room);
    const shown = this.entries.filter(belongs);
    const remarks = this.remarks.filter((remark) => remark.room === null || remark.room === room);
    return [...shown, ...remarks].sort((a, b) => a.seq - b.seq || (a.sub ?? 0) - (b.sub ?? 0));
  }

  // The first that is shown at the newest.
  firstShown(room) {
    return this.of(room).at(-SHOWN_MAX)?.seq ?? 0;
  }

  // The first that is shown further up than `from`; none, if that is not kept here.
  further(room, from) {
    const before = this.of(room).filter((item) => item.seq < from);
    return before.length === 0 ? null : (before.at(-FURTHER)?.seq ?? 0);
  }

  // How much was said by others in a room since it was looked at.
  unread(room) {
    const read = this.read[room] ?? Infinity;
    return this.entries.filter((entry) => entry.seq > read && isNews(entry) && entry.room === room).length;
  }

  unreadPrivate(room) {
    const read = this.read[room] ?? Infinity;
    return this.entries.filter((entry) => entry.seq > read && isNews(entry) && entry.to).length;
  }
}

export const isNews = (entry) => entry.type === "said" && !entry.own;

// The rows of a room: { key, kind, … }, oldest first. What stands before `from` is left out. What waits for its answer comes last.
export function layout(story, { room, me, pending, unreadAfter, from = null }) {
  const rows = [];
  const first = from ?? story.firstShown(room);
  let [day, before, told] = [null, null, false];
  for (const item of story.of(room)) {
    if (item.seq < first) continue;
    const today = item.at === undefined ? day : dayOf(item.at);
    if (today !== day) {
      day = today;
      before = null;
      rows.push({ key: `day ${day}`, kind: "day", at: item.at });
    }
    if (!told && unreadAfter !== null && item.seq > unreadAfter && isNews(item)) {
      told = true;
      before = null;
      rows.push({ key: "unread", kind: "unread" });
    }
    if (isPresence(item)) {
      const fold = rows.at(-1)?.kind === "presence" ? rows.at(-1) : null;
      if (fold) fold.items.push(item);
      else rows.push({ key: `presence ${item.seq}`, kind: "presence", at: item.at, items: [item] });
      before = null;
    } else if (item.type === "said") {
      const row = saidRow(item, me, before);
      before = row;
      rows.push(row);
    } else if (isDeed(item)) {
      rows.push({ key: `deed ${item.seq}`, kind: "deed", at: item.at, from: item.from, hue: item.hue, text: deed(item, item.from === me.nick) });
      before = null;
    } else if (item.sub !== undefined) {
      rows.push({ key: `remark ${item.sub}`, kind: item.type, text: item.text, lines: item.lines });
      before = null;
    }
  }
  before = null;
  for (const { line, ask } of pending) {
    if (ask.type === "say" && (ask.to || ask.room === room)) {
      const item = { ...ask, type: "said", from: me.nick, hue: me.hue, own: true };
      before = saidRow(item, me, before);
      rows.push({ ...before, key: `waiting ${line}`, waiting: true });
    } else if (ask.type !== "say") {
      rows.push({ key: `waiting ${line}`, kind: "remark", text: `${doing(ask)} …`, waiting: true });
    }
  }
  return rows;
}

function saidRow(item, me, before) {
  const { seq, at, from, hue, room, to = null, text, action = false, own = false, notes = null } = item;
  const together =
    before !== null && !before.action && !action && before.from === from && String(before.to) === String(to) &&
    (at === before.at || at - before.at < TOGETHER_MS) && before.run < TOGETHER_MAX;
  const run = together ? before.run + 1 : 1;
  const mine = own || from === me.nick;
  const mentions = !mine && (to !== null || namesMe(text, me.nick));
  return { key: `said ${seq}`, kind: "said", seq, at, from, hue, room, to, text, action, own, mine, mentions, together, run, notes };
}

function doing(ask) {
  if (ask.type === "join") return `joining #${ask.room}`;
  if (ask.type === "leave") return `leaving #${ask.room}`;
  if (ask.type !== "nick") return `${ask.type}${ask.nick ? ` ${ask.nick}` : ""}`;
  return `taking the name ${ask.nick}`;
}

const WORD = /[\p{L}\p{N}_-]/u;

// Whether a text has a name in it as a word of its own.
export function namesMe(text, nick) {
  const [haystack, needle] = [text.toLowerCase(), nick.toLowerCase()];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    const before = [...haystack.slice(0, at)].at(-1) ?? " ";
    const after = [...haystack.slice(at + needle.length)][0] ?? " ";
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

export function dayOf(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

// What a row of comings and goings says, people who did the same together: names in between words.
export function presenceParts(items, me) {
  const groups = new Map();
  for (const item of items) {
    const did = doneBy(item);
    if (!groups.has(did)) groups.set(did, []);
    groups.get(did).push({ nick: item.from, hue: item.hue });
  }
  return [...groups].map(([did, people]) => ({ ...few(onlyOnce(people, me)), did }));
}

// One's own name, and as many others as can be read.
function few(people) {
  if (people.length <= PRESENCE_NAMED_MAX) return { people, more: 0 };
  const named = [...people].sort((a, b) => b.you - a.you).slice(0, PRESENCE_NAMED_MAX - 1);
  return { people: named, more: people.length - named.length };
}

function onlyOnce(people, me) {
  const seen = new Map(people.map((person) => [person.nick, person]));
  return [...seen.values()].map((person) => ({ ...person, you: person.nick === me.nick }));
}

function doneBy(item) {
  if (item.type === "arrived") return "joined";
  if (item.type === "departed") return { lost: "left (connection lost)", killed: "was sent away" }[item.why] ?? "left";
  if (item.type === "joined") return `joined #${item.room}`;
  if (item.type === "left") return `left #${item.room}`;
  return `is now ${item.nick}`;
}

// What its author alone is told of an entry.
export function noted({ unknown = [], away = [], alone = false } = {}, room = "lobby") {
  const told = [];
  if (alone) told.push(room === "lobby" ? "You are alone in server" : `You are alone in #${room}`);
  if (unknown.length > 0) {
    told.push(`${unknown.join(", ")} ${unknown.length === 1 ? "is" : "are"} not here; the others got it`);
  }
  if (away.length > 0) {
    told.push(`${away.join(", ")} ${away.length === 1 ? "is away and gets" : "are away and get"} it on return`);
  }
  return told.join("; ");
}

const LINK = /https?:\/\/[^\s<>"'`]+/giu;

// A text in pieces: words, and links that lead where they say.
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(LINK)) {
    const link = match.replace(/[.,;:!?)\]}»”’]+$/u, (tail) => (tail.startsWith(")") && match.includes("(") ? ")" : ""));
    const href = addressOf(link);
    if (href === null) continue;
    if (index > end) found.push({ text: text.slice(end, index) });
    found.push({ text: link, href });
    end = index + link.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

function addressOf(link) {
  try {
    const url = new URL(link);
    return ["http:", "https:"].includes(url.protocol) && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}
