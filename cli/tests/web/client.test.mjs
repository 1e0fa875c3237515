// The page's client machine against a server that is played by hand: what it says on the wire, and what it keeps.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Client, newMemory } from "../../page/client.js";

const LIMITS = { text_bytes: 4096, nick_chars: 24, window: 32, heartbeat_ms: 5_000, idle_ms: 15_000 };
const KEYS = ["00".repeat(16), "11".repeat(16)];

function welcome(more = {}) {
  return { type: "welcome", log: "aa", you: "ada", hue: 0, head: 1, last: 0, rooms: ["lobby"], here: [], limits: LIMITS, ...more };
}

// A client and what came of it.
class Desk {
  constructor(memory = newMemory(KEYS[0], "ada")) {
    this.client = new Client(memory, { random: () => 1, newKey: () => KEYS[1] });
    this.now = 0;
    this.news = [];
    this.kept = null;
    this.tell({ tick: true });
  }

  tell(input) {
    const sent = [];
    for (const order of this.client.handle(this.now, input)) {
      if ("send" in order) {
        assert.notEqual(this.kept, null, "nothing is sent before it is kept");
        sent.push(...order.lines.map((line) => JSON.parse(line)));
      } else if ("remember" in order) this.kept = JSON.stringify(order.remember);
      else if ("show" in order) this.news.push(order);
    }
    return sent;
  }

  connect() {
    this.kept ??= "";
    return this.tell({ connected: this.client.attempt });
  }

  hear(...lines) {
    return this.tell({ received: this.client.attempt, text: lines.map((line) => `${JSON.stringify(line)}\n`).join("") });
  }

  join(more) {
    this.connect();
    return this.hear(welcome(more));
  }

  say(text) {
    return this.tell({ ask: { type: "say", room: "lobby", text } });
  }

  lose() {
    this.tell({ closed: this.client.attempt, why: "cut" });
    this.now = this.client.deadline();
    this.tell({ tick: true });
  }

  pass(ms) {
    this.now += ms;
    return this.tell({ tick: true });
  }

  shown(kind) {
    return this.news.filter((news) => news.show === kind);
  }
}

const brief = (sent) => sent.map(({ n, text, type }) => `${type} ${n} ${text}`);

test("what is asked offline is numbered on arrival and sent in order", () => {
  const desk = new Desk();
  assert.deepEqual(desk.say("one"), []);
  assert.deepEqual(desk.say("two"), []);
  assert.equal(JSON.parse(desk.kept).outbox.length, 2);
  assert.deepEqual(desk.connect(), [{ type: "hello", version: 1, key: KEYS[0], nick: "ada" }]);
  assert.deepEqual(brief(desk.hear(welcome({ last: 6 }))), ["say 7 one", "say 8 two"]);
  assert.equal(desk.client.memory.outbox[0].seen, 1, "somebody new means names as of now");
});

test("what is unanswered is sent again under its number, and what was seen is not asked for again", () => {
  const desk = new Desk();
  desk.join();
  desk.say("one");
  desk.say("two");
  desk.hear({ type: "said", seq: 2, at: 1, from: "bob", hue: 1, room: "lobby", text: "x" });
  desk.hear({ type: "accepted", n: 1, seq: 3, at: 1 });
  desk.lose();
  assert.deepEqual(desk.connect(), [{ type: "hello", version: 1, key: KEYS[0], nick: "ada", after: 3, log: "aa" }]);
  assert.deepEqual(brief(desk.hear(welcome({ last: 2, head: 4 }))), ["say 2 two"]);
  desk.hear({ type: "accepted", n: 2, seq: 4, at: 1, entry: { type: "said", seq: 4, text: "two" } });
  desk.hear({ type: "accepted", n: 2, seq: 4, at: 1 }); // The answer to what was sent again.
  assert.deepEqual(desk.shown("accepted").map((news) => news.seq), [3, 4]);
  assert.deepEqual(desk.client.memory.outbox, []);
});

test("an entry comes once, however often it is told", () => {
  const desk = new Desk();
  desk.join();
  const entry = { type: "said", seq: 2, at: 1, from: "bob", hue: 1, room: "lobby", text: "x" };
  desk.hear(entry, entry);
  desk.hear({ type: "curtsied", seq: 3, at: 1, from: "bob", hue: 1 });
  assert.deepEqual(desk.shown("saw").map((news) => news.entry.seq), [2, 3]);
  assert.equal(desk.client.memory.cursor, 3, "what is not known moves the cursor too");
});

test("a page that was killed goes on from what it kept", () => {
  const desk = new Desk();
  desk.join();
  desk.say("one");
  const again = new Desk(JSON.parse(desk.kept));
  assert.deepEqual(brief(again.join({ last: 0 })), ["say 1 one"]);
});

test("a number that stood for something else is asked under a new one, before what is younger", () => {
  const memory = newMemory(KEYS[0], "ada");
  const desk = new Desk(memory);
  desk.join({ last: 0 });
  desk.say("one");
  desk.say("two");
  assert.deepEqual(brief(desk.hear({ type: "refused", n: 1, code: "number_used", text: "" })), ["say 3 one"]);
  desk.hear({ type: "accepted", n: 2, seq: 2, at: 1 }, { type: "accepted", n: 3, seq: 3, at: 1 });
  assert.deepEqual(desk.shown("accepted").map((news) => news.pending.ask.text), ["two", "one"]);
  assert.equal(desk.shown("refused").length, 0);
});

test("no more than the window is unanswered", () => {
  const desk = new Desk();
  desk.join();
  const sent = Array.from({ length: 40 }, (_, i) => desk.say(`${i}`)).flat();
  assert.equal(sent.length, 32);
  assert.deepEqual(brief(desk.hear({ type: "accepted", n: 1, seq: 2, at: 1 })), ["say 33 32"]);
});

test("in another log everything begins anew, and what waits is asked again", () => {
  const desk = new Desk();
  desk.join({ head: 90, last: 4 });
  desk.say("one");
  desk.lose();
  desk.connect();
  const sent = desk.hear(welcome({ log: "bb", head: 7, last: 0 }));
  assert.deepEqual(sent, [{ type: "say", n: 1, seen: 0, room: "lobby", text: "one" }]);
  assert.equal(desk.shown("online").at(-1).newLog, true);
  assert.deepEqual([desk.client.memory.cursor, desk.client.memory.log], [0, "bb"]);
});

test("who is taken over does not come back", () => {
  const desk = new Desk();
  desk.join();
  desk.hear({ type: "bye", code: "taken_over", text: "elsewhere" });
  assert.equal(desk.client.deadline(), null);
  assert.equal(desk.shown("ended").at(-1).code, "taken_over");
});

test("one's own hello that came late is no takeover, once", () => {
  const desk = new Desk();
  desk.connect();
  desk.pass(5_000); // The hello is given up.
  assert.equal(desk.shown("offline").at(-1).why, "the server does not answer");
  desk.now = desk.client.deadline();
  desk.tell({ tick: true });
  desk.join();
  desk.hear({ type: "bye", code: "taken_over", text: "elsewhere" });
  assert.equal(desk.client.state, "down");
  desk.now = desk.client.deadline();
  desk.tell({ tick: true });
  desk.join();
  desk.hear({ type: "bye", code: "taken_over", text: "elsewhere" });
  assert.equal(desk.client.state, "ended");
});

test("a forgotten client takes a new key; what was sent has an unknown outcome, the rest is asked", () => {
  const desk = new Desk();
  desk.join();
  Array.from({ length: 33 }, (_, i) => desk.say(`${i}`));
  desk.lose();
  desk.connect();
  desk.hear({ type: "bye", code: "forgotten", text: "" });
  assert.equal(desk.shown("refused").length, 32);
  desk.now = desk.client.deadline();
  desk.tell({ tick: true });
  assert.deepEqual(desk.connect(), [{ type: "hello", version: 1, key: KEYS[1], nick: "ada" }]);
  assert.deepEqual(brief(desk.hear(welcome({ last: 0 }))), ["say 1 32"]);
});

test("silence is asked about before the server is taken for gone, however late the timers are", () => {
  const desk = new Desk();
  desk.join();
  assert.deepEqual(desk.pass(60_000), [{ type: "ping" }]);
  desk.hear({ type: "pong", head: 1 });
  assert.equal(desk.client.online, true);
  desk.pass(5_000);
  desk.pass(10_000);
  assert.equal(desk.shown("offline").at(-1).why, "the server fell silent");
});

test("pauses between tries grow, up to a limit", () => {
  const desk = new Desk();
  const pauses = [];
  for (let i = 0; i < 8; i += 1) {
    desk.tell({ closed: desk.client.attempt, why: "refused" });
    pauses.push(desk.client.deadline() - desk.now);
    desk.now = desk.client.deadline();
    desk.tell({ tick: true });
  }
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test("lines come in whatever pieces they like", () => {
  const desk = new Desk();
  desk.connect();
  for (const character of `${JSON.stringify(welcome())}\n`) desk.tell({ received: desk.client.attempt, text: character });
  assert.equal(desk.client.online, true);
});

test("quitting waits for answers, and says goodbye once", () => {
  const desk = new Desk();
  desk.join();
  desk.say("one");
  assert.deepEqual(desk.tell({ quit: true }), []);
  assert.deepEqual(desk.hear({ type: "accepted", n: 1, seq: 2, at: 1 }), [{ type: "quit" }]);
  desk.hear({ type: "bye", code: "quit", text: "exited" });
  assert.equal(desk.shown("ended").at(-1).code, "quit");
});
