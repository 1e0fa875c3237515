// Binds the client machine to a browser: WebSocket, timers, storage, and what a person does.

import { Client, newMemory } from "./client.js";
import { aboutRoom } from "./order.js";
import { Field, wellFormed } from "./field.js";
import { Roster } from "./roster.js";
import { Story, isNews, layout } from "./rows.js";
import { Claims, Storage } from "./storage.js";
import { HELP, HISTORY_LINES, KEYS, roomName, understand } from "./typed.js";
import { Wire } from "./wire.js";
import { $, Log, h, renderPeople, renderRooms } from "./view.js";

const LINES_MAX = 40; // Pasted lines sent at once.
const SHOW_TAB_MS = 1_000;

const grant = (storage) => {
  try {
    return storage();
  } catch {
    return null; // Forbidden by the browser.
  }
};
const random = (bytes) => {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return [...drawn].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
const now = () => Math.round(performance.now());

const storage = new Storage(grant(() => localStorage), grant(() => sessionStorage));
const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("causerie") : null;
const claims = new Claims(random(8), channel);
const log = new Log($("log"));
const wire = new Wire((input) => tell(input));
const entry = $("entry");
const field = new Field(entry, () => roster.list().filter((person) => person.nick !== me.nick));

let client = null;
let story = new Story();
const roster = new Roster();
let rosterAsked = false; // One question at a time: its answer tells what came before it.
let me = { nick: "", hue: 0 };
let room = "lobby";
let rooms = ["lobby"];
let link = { state: "connecting" };
let welcomed = false;
let unreadAfter = null;
let readUpTo = null; // What was read in an earlier life.
let missed = 0; // Messages that came while further up.
let reading = null; // The room whose history is being fetched.
let quietly = true;
let timer = null;
let tabTimer = null;
let quitAnyway = false;
let drawing = false;

// --- The machine's orders.

function tell(input) {
  if (!client) return;
  for (const order of client.handle(now(), input)) carryOut(order);
  clearTimeout(timer);
  const due = client?.deadline() ?? null;
  if (due !== null) timer = setTimeout(() => tell({ tick: true }), Math.max(0, due - now()));
  render();
}

function carryOut(order) {
  if ("connect" in order) wire.connect(order.connect);
  else if ("send" in order) wire.send(order.lines);
  else if ("close" in order) wire.close();
  else if ("remember" in order) {
    if (storage.id && !storage.remember(order.remember)) {
      notice("this browser has no room to keep what waits: do not close this page before it is sent");
    }
    rememberTab();
  } else show(order);
}

// --- What the machine tells.

function show(news) {
  switch (news.show) {
    case "online":
      return online(news);
    case "offline":
      link = { state: "offline", retryAt: news.retryAt, why: news.why };
      if (!welcomed) $("who-error").textContent = `${news.why}; trying again`;
      return;
    case "waiting":
      log.toEnd();
      return;
    case "accepted":
      return accepted(news);
    case "refused":
      return refused(news);
    case "saw":
      return saw(news.entry);
    case "who":
      return who(news);
    case "rooms":
      return listRooms(news);
    case "room":
      return story.remark(`#${news.room}`, { kind: "list", lines: aboutRoom(news) });
    case "oper":
      return notice("you operate this server until you go");
    case "page":
      return page(news);
    case "missed":
      return notice(`what stands after #${news.from} and up to #${news.to} is no longer kept`);
    case "notice":
      return notice(news.text);
    default:
      return ended(news);
  }
}

function online({ welcome, newLog }) {
  if (newLog) {
    story = new Story();
    [unreadAfter, readUpTo] = [null, null];
    notice("the server has another log than before: what was said in that one is not here");
  }
  const first = !welcomed;
  welcomed = true;
  link = { state: "online" };
  me = { nick: welcome.you, hue: welcome.hue };
  roster.set(me.nick, welcome.here, welcome.more, welcome.head);
  rosterAsked = false;
  story.head = welcome.head;
  rooms = welcome.rooms;
  if (!rooms.includes(room)) enter(rooms.includes("lobby") ? "lobby" : (rooms[0] ?? "lobby"));
  for (const each of rooms) story.read[each] ??= readUpTo ?? welcome.head;
  if ($("who").open) $("who").close();
  if (first && welcome.here.length <= 1) story.remark("You are alone in server", { kind: "alone" });
  if (first && story.before(room) === undefined) fetchHistory();
  if (first) $("entry").focus();
}

function take(entry) {
  // Who is invited is not there yet: it is told wherever they are.
  if (entry.type === "invited") entry = { ...entry, place: entry.room, room: undefined };
  if (!story.add(entry)) return;
  if (roster.take(entry, rooms)) askRoster();
  if (entry.type === "kicked" && entry.nick === me.nick) {
    notice(`${entry.from} put you out of #${entry.room}`);
    left(entry.room);
  }
  if (log.stays) story.trim();
}

function saw(entry) {
  take(entry);
  if (!isNews(entry) || (entry.room !== undefined && entry.room !== room)) return;
  // What was said while the connection was lost is news, even if it is seen as it comes.
  if (isRead() && entry.seq > roster.asOf) return;
  unreadAfter ??= entry.seq - 1;
  if (!log.stays) missed += 1;
}

// Whether what comes is seen as it comes.
const isRead = () => document.visibilityState === "visible" && log.stays;

// What an entry is called whose author asked for this.
const DONE = {
  join: "joined", leave: "left", nick: "renamed", topic: "topic",
  kick: "kicked", invite: "invited", change: "changed", kill: "killed",
};

function accepted({ pending, seq, at, entry, notes }) {
  const { ask } = pending ?? {};
  const own = { seq, at, from: me.nick, hue: me.hue, own: true, notes };
  if (entry) take({ ...entry, own: true, notes });
  else if (ask?.type === "say") {
    const { text, action, to } = ask;
    const got = to?.filter((nick) => !notes.unknown.includes(nick));
    take({ ...own, type: "said", text, action, ...(to ? { to: got } : { room: ask.room }) });
  } else if (ask) take({ ...ask, ...own, type: DONE[ask.type] });
  const what = entry?.type ?? DONE[ask?.type];
  if (what === "renamed") me = { ...me, nick: entry?.nick ?? ask.nick };
  if (what === "joined") joined(entry?.room ?? ask.room, ask !== undefined);
  if (what === "left") left(entry?.room ?? ask.room);
}

function joined(name, goThere) {
  if (!rooms.includes(name)) rooms = [...rooms, name].sort();
  story.read[name] ??= story.last;
  if (goThere) enter(name);
}

function left(name) {
  rooms = rooms.filter((each) => each !== name);
  delete story.whole[name]; // What is said there meanwhile is fetched on return.
  if (name === room) enter(rooms.includes("lobby") ? "lobby" : (rooms[0] ?? "lobby"));
}

function refused({ ask, code, text }) {
  const what = ask?.text === undefined ? "" : `“${ask.text}” `;
  story.remark(code === "outcome_unknown" ? `${what}${text}` : `not sent: ${what && `${what}— `}${text}`, { room: ask?.room ?? null });
}

function notice(text) {
  story.remark(text);
}

function who({ people, more, reference }) {
  roster.set(me.nick, people, more, story.last);
  if (reference === "roster") rosterAsked = false;
  if (reference === "asked") {
    const names = people.map((person) => person.nick).join(", ");
    notice(`online: ${names}${more > 0 ? ` and ${more} more` : ""}`);
  }
}

function askRoster() {
  if (rosterAsked || !client?.online) return;
  rosterAsked = true;
  for (const order of client.handle(now(), { read: { type: "who" }, reference: "roster" })) carryOut(order);
}

function listRooms({ rooms: listed, reference }) {
  $("all-rooms").replaceChildren(...listed.map((each) => h("option", { value: each.room })));
  if (reference !== "asked") return;
  const lines = listed.map((each) => [`#${each.room}`, `${each.here} here, ${each.members} members`]);
  story.remark("rooms: /join one, or make one", { kind: "list", lines });
}

function page({ room: of, entries, more }) {
  reading = null;
  quietly = true;
  story.addPage({ room: of, entries, more });
  if (isRead()) markRead();
}

function ended({ code, text }) {
  wire.close();
  claims.release();
  const before = client.memory;
  client = null;
  if (code === "taken_over") {
    link = { state: "ended", why: "open elsewhere" };
    notice("this conversation goes on in another window of yours; reload this one to have it here");
    return;
  }
  if (code === "quit") {
    storage.forget();
    story = new Story();
    link = { state: "ended", why: "left" };
    return ask("You left. Come back under any name.", "");
  }
  if (code === "violation" && welcomed) {
    link = { state: "ended", why: "ended" };
    return notice(`the server did not understand this page: ${text}; reload it to go on`);
  }
  if (!welcomed) return ask(null, text.replace(/^hello's "nick": /u, ""), before.nick, before);
  link = { state: "ended", why: "ended" };
  storage.forget();
  ask(`${text}. You can go on as somebody new.`, "", before.nick);
}

// --- Who one is.

// Asks for a name; `memory` is kept if only the name was wrong.
function ask(text, error, nick = "", memory = null) {
  welcomed = false;
  $("who-text").textContent = text ?? "What should the others call you?";
  $("who-error").textContent = error;
  $("nick").value = nick;
  $("who").memory = memory;
  if (!$("who").open) $("who").showModal();
  $("nick").select();
  render();
}

async function begin() {
  const tab = storage.tab();
  if (tab && (await claims.claim(tab.id))) return resume(tab.id, tab);
  const last = storage.last();
  const offered = last && last.id !== tab?.id && (await claims.claim(last.id)) ? last : null;
  if (!offered) return ask(null, "");
  claims.release();
  $("who").offered = offered;
  ask("Last time you were somebody here: keep the name and what you missed comes too.", "", offered.memory.nick);
}

function resume(id, tab = {}) {
  const memory = storage.who(id);
  // What was shown and how far it was shown belong together.
  if (tab.cursor !== undefined && tab.log === memory.log) memory.cursor = tab.cursor;
  story = new Story(tab.log === memory.log ? tab.story : {});
  readUpTo = memory.log ? memory.cursor : null;
  room = tab.room ?? room;
  rooms = tab.rooms ?? rooms;
  $("entry").value = tab.draft ?? "";
  start(id, memory);
}

function start(id, memory) {
  storage.become(id);
  claims.held = id;
  me = { nick: memory.nick, hue: me.hue };
  link = { state: "connecting" };
  client = new Client(memory, { random: Math.random, newKey: () => random(16) });
  tell({ tick: true });
}

$("who-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const dialog = $("who");
  const nick = $("nick").value.trim();
  if (nick === "" || welcomed) return;
  const offered = dialog.offered;
  const memory = client?.memory ?? dialog.memory; // Still trying: under this name, then.
  [dialog.offered, dialog.memory, client] = [null, null, null];
  wire.close();
  $("who-error").textContent = "";
  if (offered && nick === offered.memory.nick && (await claims.claim(offered.id))) resume(offered.id);
  else if (memory) start(storage.id ?? random(8), { ...memory, nick });
  else start(random(8), newMemory(random(16), nick));
});
$("who").addEventListener("cancel", (event) => event.preventDefault());

function rememberTab() {
  if (!storage.id || !client) return;
  const { cursor, log } = client.memory;
  storage.rememberTab({ cursor, log, story: story.kept(), room, rooms, draft: $("entry").value });
}

// --- Where one is.

function enter(name) {
  if (name === room && story.before(name) !== undefined) return;
  markRead();
  room = name;
  unreadAfter = story.unread(room) > 0 ? story.read[room] : null;
  missed = 0;
  quietly = true;
  log.stays = true;
  if (story.before(room) === undefined) fetchHistory();
  document.body.classList.remove("side-open");
}

function go(name) {
  if (rooms.includes(name)) {
    enter(name);
    tell({ tick: true });
    $("entry").focus();
  } else {
    tell({ ask: { type: "join", room: name } });
  }
}

function markRead() {
  if (story.last > 0) story.read[room] = Math.max(story.read[room] ?? 0, story.last);
}

function fetchHistory(of = room) {
  if (!client?.online || reading !== null || !story.hasMore(of)) return;
  reading = of;
  const before = story.before(of);
  const read = { type: "history", room: of, limit: HISTORY_LINES, ...(before !== undefined && { before }) };
  for (const order of client.handle(now(), { read, reference: "history" })) carryOut(order);
}

// --- What a person does.

function typed(line) {
  const { ask: what, read, go: name, quit, help, slip } = understand(line, room);
  if (what) return tell({ ask: what });
  if (name !== undefined) return go(name);
  if (read?.type === "history") {
    if (read.room !== room && rooms.includes(read.room)) enter(read.room);
    return fetchHistory(read.room);
  }
  if (read) return tell({ read, reference: "asked" });
  if (help) story.remark("what can be typed", { kind: "list", lines: [...HELP, ...KEYS] });
  if (slip) notice(slip);
  if (quit) return leave();
  return render();
}

function leave() {
  const waiting = client?.memory.outbox.length ?? 0;
  if (waiting > 0 && !quitAnyway) {
    quitAnyway = true;
    notice(`${waiting} of your messages ${waiting === 1 ? "waits" : "wait"} to be sent; /quit again gives up on that`);
    return render();
  }
  tell({ quit: true });
}

function submit() {
  const lines = entry.value.split("\n").map(wellFormed).filter((line) => line.trim() !== "");
  if (lines.length === 0 || !client) return;
  if (lines.length > LINES_MAX) {
    notice(`not sent: that is ${lines.length} lines, each a message of its own; at most ${LINES_MAX} go at once`);
    return render();
  }
  field.clear();
  unreadAfter = null;
  missed = 0;
  lines.forEach(typed);
  log.toEnd();
  markRead();
  render();
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  entry.focus();
});
entry.addEventListener("input", () => {
  clearTimeout(tabTimer);
  tabTimer = setTimeout(rememberTab, SHOW_TAB_MS);
});
entry.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // Enter ends a composition first.
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (field.key(event)) {
    event.preventDefault();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || $("who").open) return;
  document.body.classList.remove("side-open");
  $("side-toggle").setAttribute("aria-expanded", "false");
  toNewest();
});

function write(person) {
  document.body.classList.remove("side-open");
  if (person.nick !== me.nick && !entry.value.startsWith("@")) entry.value = `@${person.nick} ${entry.value}`;
  entry.focus();
}

function toNewest() {
  log.toEnd();
  seen();
  entry.focus();
}

// What there is has been seen.
function seen() {
  if (!isRead()) return;
  missed = 0;
  markRead();
  render();
}

$("down").addEventListener("click", toNewest);
$("log").addEventListener("scroll", () => {
  const stayed = log.stays;
  log.stays = log.atEnd();
  if (log.stays && !stayed) seen();
  if ($("log").scrollTop < 300 && welcomed) fetchHistory();
});
$("retry").addEventListener("click", () => tell({ retry: true }));
$("side-toggle").addEventListener("click", () => {
  const open = document.body.classList.toggle("side-open");
  $("side-toggle").setAttribute("aria-expanded", String(open));
  if (open) ($("rooms").querySelector("button") ?? $("join-room")).focus();
});
$("join").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = roomName($("join-room").value);
  $("join-room").value = "";
  if (name !== "" && client) go(name);
});
$("join-room").addEventListener("focus", () => client?.online && tell({ read: { type: "rooms" }, reference: "offered" }));

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    if (log.stays && story.unread(room) === 0) unreadAfter = null;
    draw(); // There are no frames from here on.
    return rememberTab();
  }
  seen();
  tell({ retry: true });
});
window.addEventListener("pagehide", rememberTab);
window.addEventListener("pageshow", (event) => event.persisted && tell({ retry: true }));
window.addEventListener("online", () => tell({ retry: true }));
window.addEventListener("resize", () => log.stays && log.toEnd());

// --- What is seen.

// Once a frame, or soon after where there are none.
function render() {
  if (drawing) return;
  drawing = true;
  if (document.visibilityState === "visible") requestAnimationFrame(draw);
  else setTimeout(draw, 50);
}

function draw() {
  drawing = false;
  if (isRead()) markRead();
  const pending = client?.memory.outbox ?? [];
  const rows = layout(story, { room, me, pending, unreadAfter });
  const more = story.hasMore(room);
  const top = { key: "top", kind: "top", text: !welcomed ? "" : more ? (reading ? "…" : "scroll up for more") : `the beginning of #${room}` };
  log.render(rows, me, top, quietly);
  quietly = false;
  $("room").textContent = room;
  $("log").setAttribute("aria-label", `Conversation in #${room}`);
  entry.placeholder = innerWidth < 500 ? `Message #${room}` : `Message #${room}  ·  @name for private  ·  /help`;
  $("log-text").href = `/log.txt?room=${encodeURIComponent(room)}`;
  $("down").hidden = log.stays;
  $("down").textContent = missed > 0 ? `${missed} new ↓` : "newest ↓";
  const counts = rooms.map((each) => ({ room: each, unread: each === room ? 0 : story.unread(each) }));
  renderRooms($("rooms"), counts, room, go);
  renderPeople($("people"), roster.list(), roster.more, me, write);
  $("here-count").textContent = String(roster.size);
  const elsewhere = counts.reduce((sum, { unread }) => sum + unread, 0);
  $("elsewhere").hidden = elsewhere === 0;
  $("elsewhere").textContent = `· ${elsewhere} unread`;
  const unread = elsewhere + story.unread(room) + story.unreadPrivate(room);
  document.title = `${unread > 0 ? `(${unread}) ` : ""}#${room} · causerie`;
  renderLink(pending.length);
}

function renderLink(waiting) {
  const { state, why } = link;
  const parts = [state === "ended" ? why : state];
  if (waiting > 0 && state !== "online") parts.push(`${waiting} waiting`);
  const text = parts.join(" · ");
  if ($("state-text").textContent !== text) $("state-text").textContent = text;
  $("link").className = state === "ended" ? "offline" : state;
  $("link").title = state === "offline" ? why : "";
  const offline = state === "offline";
  $("retry").hidden = !offline;
  const left = offline ? Math.max(0, Math.ceil((link.retryAt - now()) / 1_000)) : 0;
  $("countdown").textContent = offline ? (left > 0 ? `· retry in ${left} s` : "· trying") : "";
}

// The countdown; it is not read aloud.
setInterval(() => link.state === "offline" && renderLink(client?.memory.outbox.length ?? 0), 250);

begin();
