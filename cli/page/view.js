// What is seen. It keeps nothing of its own: it is given what there is and changes what differs.
//
// Everything somebody else wrote becomes text nodes, names in isolates: no markup, and no direction that reaches further
// than the word it stands in.

import { noted, pieces, presenceParts } from "./rows.js";

const NEAR_PX = 48;
const WIDE_LINES = 12; // A longer list takes the whole width.
const LONG_LETTERS = 1_200; // A longer message is folded.

export const $ = (id) => document.getElementById(id);

// An element with its attributes and children; strings become text.
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const hue = (number) => `hue-${(number ?? 0) % 8}`;
const name = (nick) => h("bdi", {}, nick);

const clockFormat = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hour12: false });
const dayFormat = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const yearFormat = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const fullFormat = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium" });

function clock(at) {
  if (at === undefined || at === null) return h("time");
  const date = new Date(at);
  return h("time", { datetime: date.toISOString(), title: fullFormat.format(date) }, clockFormat.format(date));
}

function dayName(at) {
  const date = new Date(at);
  return (date.getFullYear() === new Date().getFullYear() ? dayFormat : yearFormat).format(date);
}

function words(text, me) {
  const out = h("span", { class: "words" });
  for (const piece of pieces(text)) {
    if (piece.href) {
      out.append(h("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer" }, piece.text));
    } else {
      out.append(...marked(piece.text, me));
    }
  }
  return out;
}

// One's own name stands out.
function marked(text, me) {
  const name = me.replace(/[\\^$.*+?()[\]{}|-]/gu, "\\$&");
  const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}_-])(@?${name})(?![\\p{L}\\p{N}_-])`, "giu"));
  return parts.map((part, i) => (i % 2 === 1 ? h("mark", {}, part) : part)).filter((part) => part !== "");
}

const DRAW = {
  day: (row) => h("div", { class: "rule day" }, dayName(row.at)),
  unread: () => h("div", { class: "rule unread" }, "new"),
  presence: (row, me) => h("div", { class: "quiet presence" }, clock(row.at), dash(), presence(row.items, me)),
  deed: (row, me) => h("div", { class: "quiet remark" }, clock(row.at), dash(), h("div", { class: "what" }, who(row, me), ` ${row.text}`)),
  remark: (row) => quiet(row.text),
  list: (row) => (row.lines.length > WIDE_LINES ? wide : quiet)(row.text, h("dl", {}, row.lines.flatMap(([what, does]) => [h("dt", {}, what), h("dd", {}, does)]))),
  alone: (row) => quiet(row.text, alone()),
  said,
};

const dash = () => h("span", { class: "dash", "aria-hidden": "true" }, "—");
const quiet = (text, ...more) => h("div", { class: "quiet remark" }, h("time"), dash(), h("div", { class: "what" }, text, ...more));

const wide = (text, list) => h("div", { class: "quiet list" }, h("p", {}, text), list);

const who = (row, me) => (row.from === me.nick ? "you" : h("span", { class: `nick ${hue(row.hue)}` }, name(row.from)));

function presence(items, me) {
  const out = h("div", { class: "what" });
  presenceParts(items, me).forEach(({ people, more, did }, i) => {
    if (i > 0) out.append(" · ");
    people.forEach((person, j) => {
      if (j > 0) out.append(j === people.length - 1 && more === 0 ? " and " : ", ");
      out.append(person.you ? "you" : h("span", { class: `nick ${hue(person.hue)}` }, name(person.nick)));
    });
    if (more > 0) out.append(` and ${more} more`);
    out.append(` ${did}`);
  });
  return out;
}

function alone() {
  const { hostname, href } = location;
  if (["localhost", "127.0.0.1", "[::1]"].includes(hostname)) return null;
  return h("div", { class: "link-card" }, "Others join at ", h("code", {}, href), copyButton(href));
}

function copyButton(text) {
  const button = h("button", { type: "button", class: "small" }, "Copy");
  button.addEventListener("click", () => {
    // navigator.clipboard is not there on plain http.
    const field = h("textarea", { class: "aside", "aria-hidden": "true" });
    field.value = text;
    button.parentElement.append(field);
    field.select();
    button.textContent = document.execCommand("copy") ? "Copied" : "Select it and copy";
    field.remove();
    button.focus();
  });
  return button;
}

function said(row, me) {
  const names = (row.to ?? []).map((nick) => (nick === me.nick ? "you" : nick));
  const tag = row.to && h("span", { class: "tag" }, "to ", names.flatMap((nick, i) => (i > 0 ? [", ", name(nick)] : [name(nick)])));
  const note = row.notes ? noted(row.notes, row.room) : "";
  const marks = row.waiting
    ? h("span", { class: "marks" }, h("i", { "aria-hidden": "true" }, "…"), h("span", { class: "aside" }, "waiting"))
    : h("span", { class: "marks" }, row.own ? [h("span", { "aria-hidden": "true" }, "✓"), h("span", { class: "aside" }, "accepted")] : []);
  const classes = ["row", row.to && "private", row.mentions && "mention", row.action && "action", row.waiting && "waiting"];
  classes.push(row.together ? "together" : "first");
  return h(
    "div",
    { class: classes.filter(Boolean).join(" "), "data-seq": row.seq },
    clock(row.at),
    h("span", { class: `nick ${hue(row.hue)}`, title: row.from }, name(row.from)),
    h("div", { class: "text" }, tag, row.action ? [h("span", { class: `nick ${hue(row.hue)}` }, name(row.from)), " "] : [], folded(row.text, words(row.text, row.mine ? "\u0000" : me.nick)), note && h("span", { class: "note" }, note)),
    marks,
  );
}

// A long message shows how it begins; the rest is a click away.
function folded(text, shown) {
  const letters = text.length;
  if (letters <= LONG_LETTERS) return shown;
  const unfold = (event) => {
    shown.classList.remove("folded");
    event.currentTarget.remove();
  };
  shown.classList.add("folded");
  return [shown, h("button", { type: "button", class: "small", onclick: unfold }, `all ${letters.toLocaleString("en")} letters`)];
}

// The rows of the conversation, kept in step with what they should be.
export class Log {
  constructor(box) {
    this.box = box;
    this.drawn = new Map(); // By key: { element, sign }.
    this.stays = true; // At the newest message, and staying there.
  }

  get overflows() {
    return this.box.scrollHeight > this.box.clientHeight;
  }

  atEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_PX;
  }

  // `quietly`: what is added is not news (another room, history).
  render(rows, me, top, quietly) {
    const anchor = this.stays ? null : this.anchor();
    this.box.setAttribute("aria-live", quietly ? "off" : "polite");
    const kept = new Map();
    let place = this.box.firstChild;
    for (const row of [top, ...rows]) {
      const sign = JSON.stringify([row, me.nick]);
      let drawn = this.drawn.get(row.key);
      if (drawn?.sign !== sign) {
        const element = row.kind === "top" ? h("div", { class: "top" }, row.text) : DRAW[row.kind](row, me);
        if (drawn?.element === place && place) place = place.nextSibling;
        drawn?.element.remove();
        drawn = { element, sign };
      }
      kept.set(row.key, drawn);
      if (drawn.element === place) place = place.nextSibling;
      else this.box.insertBefore(drawn.element, place);
    }
    for (const [key, { element }] of this.drawn) if (!kept.has(key)) element.remove();
    this.drawn = kept;
    if (this.stays) this.toEnd();
    else if (anchor) this.box.scrollTop += anchor.element.getBoundingClientRect().top - anchor.top;
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.stays = true;
  }

  // To the beginning of the last row of a kind.
  toLast(kind) {
    const row = [...this.box.querySelectorAll(kind)].at(-1);
    if (row) this.box.scrollTop += row.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
  }

  // A row that is seen and stays: what is added above it must not push it away.
  anchor() {
    const { top } = this.box.getBoundingClientRect();
    for (const [key, { element }] of this.drawn) {
      if (!key.startsWith("said ")) continue;
      const rect = element.getBoundingClientRect();
      if (rect.bottom > top) return { element, top: rect.top };
    }
    return null;
  }
}

// The lists at the side.
export function renderRooms(list, rooms, here, go) {
  const item = ({ room, unread }) => {
    const count = unread > 0 ? h("span", { class: "count" }, String(unread), h("span", { class: "aside" }, " unread")) : null;
    const button = { type: "button", "aria-current": room === here && "true", onclick: () => go(room) };
    return h("li", {}, h("button", button, h("bdi", {}, `#${room}`), count));
  };
  if (replaceChildren(list, rooms, here, item)) bringInto(list, list.querySelector("[aria-current]"));
}

// Scrolls the list alone: `scrollIntoView` would move the page, where the list is out of sight.
function bringInto(list, element) {
  if (!element) return;
  const [box, its] = [list.getBoundingClientRect(), element.getBoundingClientRect()];
  if (its.top < box.top) list.scrollTop += its.top - box.top;
  else if (its.bottom > box.bottom) list.scrollTop += its.bottom - box.bottom;
}

export function renderPeople(list, people, more, me, write, open) {
  const item = (person) => {
    const lost = person.idle === undefined;
    const you = person.nick === me.nick;
    const about = [person.role, DOORS[person.door], idleWords(person.idle)].filter(Boolean).join(" · ");
    const title = you ? "you" : `write to ${person.nick} alone`;
    const offers = { type: "button", class: "more-about", title: `what can be done about ${person.nick}`, onclick: () => open(person) };
    return h(
      "li",
      { class: `person ${lost ? "lost" : ""}` },
      h(
        "button",
        { type: "button", title, onclick: () => write(person) },
        h("span", { class: `face ${hue(person.hue)}`, "aria-hidden": "true" }),
        h("span", { class: hue(person.hue) }, name(person.nick)),
        you ? "(you)" : "",
        h("small", {}, about),
      ),
      h("button", offers, h("span", { "aria-hidden": "true" }, "⋯"), h("span", { class: "aside" }, `more about ${person.nick}`)),
    );
  };
  replaceChildren(list, people, [me.nick, more], item, more > 0 ? h("li", {}, `… and ${more} more`) : null);
}

// By which door somebody came, if it is not the usual.
const DOORS = { text: "netcat", irc: "IRC" };

function idleWords(idle) {
  if (idle === undefined) return "connection lost";
  if (idle < 60) return "";
  return idle < 3_600 ? `${Math.floor(idle / 60)} min` : `${Math.floor(idle / 3_600)} h`;
}

// Draws a list anew if it has changed, and says whether; whoever has the focus there keeps it.
function replaceChildren(list, items, context, draw, last = null) {
  const sign = JSON.stringify([items, context]);
  if (list.sign === sign) return false;
  list.sign = sign;
  const drawn = items.map(draw);
  if (last) drawn.push(last);
  const focus = [...list.children].findIndex((child) => child.contains(document.activeElement));
  const which = focus < 0 ? -1 : [...list.children[focus].querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...drawn);
  if (focus >= 0) list.children[Math.min(focus, list.children.length - 1)]?.querySelectorAll("button")[which]?.focus();
  return true;
}

// How the connection is: its state is read aloud when it changes, the countdown is not.
export function renderLink({ state, why, retryAt }, waiting, now) {
  const ended = state === "ended";
  const offline = state === "offline";
  const parts = [ended ? why : state];
  if (waiting > 0 && state !== "online") parts.push(`${waiting} waiting`);
  const text = parts.join(" · ");
  if ($("state-text").textContent !== text) $("state-text").textContent = text;
  $("link").className = ended ? "offline" : state;
  $("link").title = offline ? why : "";
  $("retry").hidden = !offline;
  const left = offline ? Math.max(0, Math.ceil((retryAt - now) / 1_000)) : 0;
  $("countdown").textContent = offline ? (left > 0 ? `· retry in ${left} s` : "· trying") : "";
}
