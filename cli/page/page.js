// Binds the client machine and the conversation to a browser: WebSocket, timers, storage, and what a person does.

import { Chat } from "./chat.js";
import { Client, newMemory } from "./client.js";
import { Field, wellFormed } from "./field.js";
import { offersAbout, offersFor } from "./offers.js";
import { aboutRoom } from "./order.js";
import { layout } from "./rows.js";
import { Sheet } from "./sheet.js";
import { Claims, Storage } from "./storage.js";
import { HELP, KEYS, roomName, understand } from "./typed.js";
import { $, Log, h, renderLink, renderPeople, renderRooms } from "./view.js";
import { Who } from "./who.js";
import { Wire } from "./wire.js";

const LINES_MAX = 40; // Pasted lines sent at once.
const SHOW_TAB_MS = 1_000;
const COUNTDOWN_MS = 250;
const LOOK_MS = 60_000;
const LOOK_LOST_MS = 3_000;
const NEAR_TOP_PX = 300;

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
const chat = new Chat({
  isRead: () => isRead(),
  stays: () => log.stays,
  toEnd: () => log.toEnd(),
  isOnline: () => client?.online ?? false,
  look: (read, reference) => carryOutAll(client.handle(now(), { read, reference })),
  entered: () => {
    log.stays = true;
    closeSide();
  },
});
const field = new Field(entry, () => chat.roster.list().filter((person) => person.nick !== chat.me.nick));
const sheet = new Sheet((line) => {
  closeSide();
  field.offer(line);
});
const who = new Who(answered);

let client = null;
let password = null; // The server's, if it takes one.
let offered = null; // Who was here last.
let remembered = null; // Who could not join under that name, or not without the password.
let link = { state: "connecting" };
let timer = null;
let tabTimer = null;
let quitAnyway = false;
let drawing = false;
let lookedAt = 0;
let showsHelp = false; // It is read from its beginning.

// --- The machine's orders.

function tell(input) {
  if (!client) return;
  carryOutAll(client.handle(now(), input));
  clearTimeout(timer);
  const due = client?.deadline() ?? null;
  if (due !== null) timer = setTimeout(() => tell({ tick: true }), Math.max(0, due - now()));
  render();
}

function carryOutAll(orders) {
  for (const order of orders) carryOut(order);
}

function carryOut(order) {
  if ("connect" in order) wire.connect(order.connect);
  else if ("send" in order) wire.send(order.lines);
  else if ("close" in order) wire.close();
  else if ("remember" in order) {
    if (storage.id && !storage.remember(order.remember)) {
      chat.remark("this browser has no room to keep what waits: do not close this page before it is sent");
    }
    rememberTab();
  } else show(order);
}

function show(news) {
  if (news.show === "ended") return ended(news);
  if (news.show === "offline") {
    link = { state: "offline", retryAt: news.retryAt, why: news.why };
    if (!chat.welcomed) who.complain(`${news.why}; trying again`);
    return;
  }
  if (news.show === "online") {
    link = { state: "online" };
    who.close();
    if (!chat.welcomed) entry.focus();
  }
  chat.take(news);
  if (news.show === "rooms") $("all-rooms").replaceChildren(...chat.allRooms.map((room) => h("option", { value: room })));
}

function ended({ code, text }) {
  wire.close();
  claims.release();
  const before = client.memory;
  client = null;
  link = { state: "ended", why: "ended" };
  if (code === "taken_over") {
    link.why = "open elsewhere";
    chat.remark("this conversation goes on in another window of yours; reload this one to have it here");
  } else if (code === "quit") {
    storage.forget();
    link.why = "left";
    chat.begin({ nick: "", hue: 0 });
    ask({ text: "You left. Come back under any name." });
  } else if (code === "wrong_password") {
    const error = password === null ? "This server takes a password." : "That is not this server's password.";
    password = null;
    ask({ error, nick: before.nick, takesPassword: true }, before);
  } else if (code === "violation" && chat.welcomed) {
    chat.remark(`the server did not understand this page: ${text}; reload it to go on`);
  } else if (!chat.welcomed) {
    ask({ error: text.replace(/^hello's "nick": /u, ""), nick: before.nick }, before);
  } else {
    storage.forget();
    ask({ text: `${text}. You can go on as somebody new.`, nick: before.nick });
  }
}

// --- Who one is.

// Asks for a name; `memory` is kept if only the name or the password was wrong.
function ask(question, memory = null) {
  remembered = memory;
  chat.welcomed = false;
  who.ask(question);
  render();
}

async function begin() {
  const tab = storage.tab();
  password = tab?.password ?? null;
  if (tab && (await claims.claim(tab.id))) return resume(tab.id, tab);
  const last = storage.last();
  offered = last && last.id !== tab?.id && (await claims.claim(last.id)) ? last : null;
  if (!offered) return ask({});
  claims.release();
  ask({ text: "Last time you were somebody here: keep the name and what you missed comes too.", nick: offered.memory.nick });
}

async function answered(answer) {
  if (chat.welcomed) return;
  const { nick } = answer;
  password = answer.password ?? password;
  const [before, memory] = [offered, client?.memory ?? remembered]; // Still trying: under this name, then.
  [offered, remembered, client] = [null, null, null];
  wire.close();
  who.complain("");
  if (before && nick === before.memory.nick && (await claims.claim(before.id))) resume(before.id);
  else if (memory) start(storage.id ?? random(8), { ...memory, nick });
  else start(random(8), newMemory(random(16), nick));
}

function resume(id, tab = {}) {
  const memory = storage.who(id);
  // What was shown and how far it was shown belong together.
  const isOfLog = tab.log === memory.log;
  if (tab.cursor !== undefined && isOfLog) memory.cursor = tab.cursor;
  entry.value = tab.draft ?? "";
  field.fit();
  entry.focus();
  start(id, memory, isOfLog ? tab : { ...tab, story: undefined });
}

// What was shown stays, unless another tab's is to be shown.
function start(id, memory, tab = chat.kept()) {
  storage.become(id);
  claims.held = id;
  chat.begin({ nick: memory.nick, hue: chat.me.hue }, tab, memory.log ? memory.cursor : null);
  link = { state: "connecting" };
  client = new Client(memory, { random: Math.random, newKey: () => random(16), password });
  tell({ tick: true });
}

function rememberTab() {
  if (!storage.id || !client) return;
  const { cursor, log: of } = client.memory;
  storage.rememberTab({ cursor, log: of, ...chat.kept(), draft: entry.value, ...(password && { password }) });
}

// --- What a person says.

function go(name) {
  if (!chat.rooms.includes(name)) return tell({ ask: { type: "join", room: name } });
  chat.enter(name);
  tell({ tick: true });
  entry.focus();
}

function typed(line) {
  const { ask: what, read, go: name, quit, help, slip } = understand(line, chat.room);
  if (what) return tell({ ask: what });
  if (name !== undefined) return go(name);
  if (read?.type === "history") {
    if (read.room !== chat.room && chat.rooms.includes(read.room)) chat.enter(read.room);
    chat.fetchHistory(read.room);
  } else if (read) {
    tell({ read, reference: "asked" });
  }
  if (help) {
    chat.answer("what can be typed", { kind: "list", lines: [...HELP, ...KEYS] });
    showsHelp = true;
  }
  if (slip) chat.answer(slip);
  if (quit) leave();
}

function leave() {
  const waiting = client?.memory.outbox.length ?? 0;
  if (waiting > 0 && !quitAnyway) {
    quitAnyway = true;
    chat.remark(`${waiting} of your messages ${waiting === 1 ? "waits" : "wait"} to be sent; /quit again gives up on that`);
    return;
  }
  tell({ quit: true });
}

function submit() {
  const lines = entry.value.split("\n").map(wellFormed).filter((line) => line.trim() !== "");
  if (lines.length === 0 || !client) return;
  if (lines.length > LINES_MAX) {
    chat.answer(`not sent: that is ${lines.length} lines, each a message of its own; at most ${LINES_MAX} go at once`);
    return render();
  }
  field.clear();
  chat.unreadAfter = null;
  lines.forEach(typed);
  log.toEnd();
  chat.seen();
  render();
}

function write(person) {
  closeSide();
  if (person.nick !== chat.me.nick && !entry.value.startsWith("@")) entry.value = `@${person.nick} ${entry.value}`;
  entry.focus();
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

// --- What a person looks at.

// Whether what comes is seen as it comes.
const isRead = () => document.visibilityState === "visible" && log.stays;

// What there is has been seen.
function seen() {
  if (!isRead()) return;
  chat.seen();
  render();
}

function toNewest() {
  log.toEnd();
  seen();
  entry.focus();
}

function openSide(open) {
  document.body.classList.toggle("side-open", open);
  $("side-toggle").setAttribute("aria-expanded", String(open));
}

const closeSide = () => openSide(false);

const WAYS = { native: "the page or a client", text: "netcat or telnet", irc: "IRC" };

function openPerson(person) {
  const lines = [["role", person.role], ["comes by", WAYS[person.door]], ["connection", person.idle === undefined && "lost"]];
  sheet.open(person.nick, lines.filter(([, is]) => is), offersFor(person.nick, chat.about));
}

function openRoom() {
  const { about } = chat.about;
  const here = [...(about?.people.values() ?? [])];
  const lines = about ? aboutRoom({ ...about, modes: [...about.modes], here, members: undefined }) : [];
  sheet.open(`#${chat.room}`, lines, offersAbout(chat.about));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || who.isOpen || sheet.isOpen) return;
  closeSide();
  toNewest();
});
$("down").addEventListener("click", toNewest);
$("log").addEventListener("scroll", () => {
  const stayed = log.stays;
  log.stays = log.atEnd();
  if (log.stays !== stayed) {
    chat.hold(!log.stays);
    render();
  }
  if (log.stays && !stayed) seen();
  if (!log.stays && $("log").scrollTop < NEAR_TOP_PX && chat.welcomed && chat.further()) render();
});
$("log").addEventListener("click", closeSide);
$("retry").addEventListener("click", () => tell({ retry: true }));
$("room-about").addEventListener("click", openRoom);
$("side-toggle").addEventListener("click", () => {
  const open = !document.body.classList.contains("side-open");
  openSide(open);
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
    if (log.stays && chat.story.unread(chat.room) === 0) chat.unreadAfter = null;
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
  if (isRead()) chat.markRead();
  const { story, room, me, unreadAfter, from } = chat;
  const pending = client?.memory.outbox ?? [];
  log.render(layout(story, { room, me, pending, unreadAfter, from }), me, { key: "top", kind: "top", text: topText() }, chat.quietly);
  chat.quietly = false;
  if (showsHelp) log.toLast(".list");
  showsHelp = false;
  // Nobody can scroll where nothing overflows.
  if (chat.welcomed && !log.overflows && !chat.hasFurther) chat.fetchHistory();
  $("log").setAttribute("aria-label", `Conversation in #${room}`);
  entry.placeholder = innerWidth < 500 ? `Message #${room}` : `Message #${room}  ·  @name for private  ·  /help`;
  $("log-text").href = `/log.txt?room=${encodeURIComponent(room)}`;
  $("down").hidden = log.stays;
  $("down").textContent = chat.missed > 0 ? `${chat.missed} new ↓` : "newest ↓";
  drawRoom();
  drawSide();
  renderLink(link, pending.length, now());
}

function topText() {
  const { story, room } = chat;
  if (!chat.welcomed) return "";
  if (chat.hasFurther) return "scroll up for more";
  if (!story.hasMore(room)) return `the beginning of #${room}`;
  if (story.isFull) return "further back: “this room as text”, at the side";
  return chat.reading ? "…" : "scroll up for more";
}

function drawRoom() {
  const topic = chat.about.about?.topic?.text ?? "";
  $("room").textContent = chat.room;
  if ($("topic").textContent !== topic) $("topic").textContent = topic;
  $("topic").title = topic;
  $("topic").hidden = topic === "";
}

function drawSide() {
  const { room, me, roster, story } = chat;
  const counts = chat.counts();
  renderRooms($("rooms"), counts, room, go);
  const { inside, outside, more } = chat.people();
  renderPeople($("people"), inside, more, me, write, openPerson);
  renderPeople($("outside"), outside, 0, me, write, openPerson);
  const title = chat.rooms.includes(room) ? `In #${room}` : "Online";
  $("people-title").textContent = inside.length > 0 ? `${title} · ${inside.length + more}` : title;
  $("outside-part").hidden = outside.length === 0;
  $("here-count").textContent = String(roster.size);
  const elsewhere = counts.reduce((sum, { unread }) => sum + unread, 0);
  $("elsewhere").hidden = elsewhere === 0;
  $("elsewhere").textContent = `· ${elsewhere} unread`;
  const unread = elsewhere + story.unread(room) + story.unreadPrivate(room);
  document.title = `${unread > 0 ? `(${unread}) ` : ""}#${room} · causerie`;
}

// Who has been silent for how long is asked now and then; whose connection is lost may be back unannounced.
setInterval(() => {
  const isDue = now() - lookedAt > LOOK_MS || chat.people().inside.some((person) => person.idle === undefined);
  if (document.visibilityState !== "visible" || !isDue) return;
  lookedAt = now();
  chat.look();
}, LOOK_LOST_MS);

// The countdown; it is not read aloud.
setInterval(() => link.state === "offline" && renderLink(link, client?.memory.outbox.length ?? 0, now()), COUNTDOWN_MS);

begin();
