// What people type: the same words as at netcat and in the client (core/src/door/typed.rs is the model).
//
// `understand(line, room)` gives one of
//   { ask }      something to be decided: say, join, leave, nick
//   { read }     something to be looked up: who, rooms, history
//   { go }       to a room one is in already, or to enter it
//   { quit } { help } { nothing }
//   { slip }     a sentence for whoever typed it: nothing is sent

import { ORDER_HELP, understandOrder } from "./order.js";

export const HISTORY_LINES = 50;
const PEOPLE_NAMED_MAX = 16;
export const TEXT_BYTES_MAX = 4096;
const SPACE = /^\s$/u;

export const HELP = [
  ["text", "say it in the room you are in"],
  ["@ada @bob: text", "say it to them alone"],
  ["/me text", "say what you do"],
  ["/join ROOM [KEY]", "enter a room and talk there"],
  ["/leave [ROOM]", "leave a room"],
  ["/rooms", "which rooms there are"],
  ["/who [ROOM]", "who is here; of a room: also how it is kept"],
  ["/nick NAME", "be called something else"],
  ["/history [#ROOM]", "further back; scrolling up does the same"],
  ...ORDER_HELP,
  ["/quit", "go, and be forgotten by this browser"],
  ["//text", "say something that begins with a slash"],
];

export const KEYS = [
  ["Enter", "send; Shift and Enter begins another line, sent as one more message"],
  ["Tab", "after @ and a few letters: the whole name"],
  ["↑ ↓", "in an empty field: what you said before"],
  ["Esc", "back to the newest message"],
];

export function understand(typed, room) {
  const line = typed.replace(/\t/gu, " ").replace(/\s+$/u, "");
  const said = line.replace(/^\s+/u, "");
  if (said === "") return { nothing: true };
  if (said === "exit" || said === "{quit}") return { quit: true };
  if (said.startsWith("//")) return say(room, said.slice(1));
  if (said.startsWith("/")) return command(said, room);
  if (said.startsWith("@")) return whisperLine(said);
  return say(room, line);
}

function say(room, text, action = false) {
  const slip = tooLong(text);
  return slip ?? { ask: { type: "say", room, text, ...(action && { action }) } };
}

function whisper(to, text) {
  const slip = tooLong(text);
  return slip ?? { ask: { type: "say", to, text } };
}

function tooLong(text) {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= TEXT_BYTES_MAX) return null;
  return { slip: `not sent: a message has at most ${TEXT_BYTES_MAX} bytes, this one ${bytes}` };
}

const usage = (how) => ({ slip: `not sent; it goes like this: ${how}` });

function firstWord(text) {
  const end = text.search(/\s/u);
  return end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end).trim()];
}

// A room's name as the server writes it.
export const roomName = (name) => name.trim().replace(/^#/u, "").normalize("NFKC").toLowerCase();

// A room, and its key if it takes one.
const join = (name, key) => (key === "" ? { go: roomName(name) } : { ask: { type: "join", room: roomName(name), key } });

function command(line, room) {
  const [word, rest] = firstWord(line);
  switch (word) {
    case "/me":
      return rest === "" ? usage("/me text") : say(room, rest, true);
    case "/join":
    case "/j":
      return rest === "" ? usage("/join ROOM") : join(...firstWord(rest));
    case "/leave":
    case "/part":
      return { ask: { type: "leave", room: rest === "" ? room : roomName(rest) } };
    case "/nick":
      return rest === "" ? usage("/nick NAME") : { ask: { type: "nick", nick: rest } };
    case "/msg":
    case "/w": {
      const [name, text] = firstWord(rest);
      if (name === "" || text === "") return usage("/msg NAME text");
      return whisper([name.replace(/^@+/u, "")], text);
    }
    case "/who":
      return { read: rest === "" ? { type: "who" } : { type: "room", room: roomName(rest) } };
    case "/rooms":
    case "/list":
      return { read: { type: "rooms" } };
    case "/history":
    case "/log": {
      const name = rest.split(/\s+/u).find((part) => part !== "" && !/^#?\d+$/u.test(part));
      return { read: { type: "history", room: name ? roomName(name) : room } };
    }
    case "/quit":
    case "/exit":
    case "/q":
      return { quit: true };
    case "/help":
    case "/?":
    case "/h":
      return { help: true };
    default:
      return understandOrder(word, rest, room, roomName) ?? { slip: `there is no command ${word.slice(0, 24)}; /help lists them` };
  }
}

// `@ada @bob: text`, `@ada text`, `@ada:text`.
function whisperLine(line) {
  const names = [];
  let rest = line;
  while (rest.startsWith("@")) {
    const named = [...rest.slice(1)];
    let end = named.findIndex((c) => SPACE.test(c) || ":,@".includes(c));
    if (end < 0) end = named.length;
    const name = named.slice(0, end).join("");
    if (name === "") return usage("@ada @bob: text");
    names.push(name);
    if (names.length > PEOPLE_NAMED_MAX) {
      return { slip: `not sent: a private message names at most ${PEOPLE_NAMED_MAX} people` };
    }
    rest = named.slice(end).join("").trimStart();
    if (rest.startsWith(":")) {
      rest = rest.slice(1).trimStart();
      break;
    }
    rest = rest.replace(/^,/u, "").trimStart();
  }
  return rest === "" ? usage("@ada @bob: text") : whisper(names, rest);
}
