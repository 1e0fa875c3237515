// The client: outbox, cursor, reconnecting, heartbeat. A pure machine, as core/src/client.rs is its model: facts go in, orders
// come out, time is passed in, and it names no browser. docs/protocol.md says what goes over the wire.
//
// What is asked is numbered, remembered and then sent. What is not answered when a connection is lost is sent again on the
// next, under the same number; the server decides each number once. `memory` survives the page.
//
// handle(now, input) takes
//   { connected } { received, text } { closed, why }   each with the attempt it belongs to
//   { ask, reference } { read, reference } { quit } { retry } { tick }
// and gives a list of
//   { connect } { send, text } { close } { remember } { show, … }

const WINDOW = 32;
const OUTBOX_MAX = 1024;
const READS_MAX = 16;
const CONNECT_MS = 5_000;
const LATE_HELLO_MS = 60_000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 10_000;
const REMEMBER_MS = 1_000;
const HEARTBEAT_MS_MIN = 100;

// Words after which the same client may come back.
const COME_BACK = ["server_stops", "full", "crowded", "not_storing", "silent", "hello_too_late"];

export function newMemory(key, nick) {
  return { key, nick, log: null, cursor: 0, next: 1, line: 1, outbox: [] };
}

export class Client {
  // `random()` draws from 0 to 1, `newKey()` a key. `password` is the server's, if it takes one: it is not remembered here.
  constructor(memory, { random, newKey, password = null }) {
    this.memory = memory;
    this.password = password;
    this.random = random;
    this.newKey = newKey;
    this.state = "down"; // connecting, greeting, online, ended
    this.attempt = 0;
    this.until = 0; // Of "down": when to try again; of "connecting" and "greeting": when to give up.
    this.failures = 0;
    this.gaveUp = null;
    this.leaving = false;
    this.quitting = false;
    this.said = 0;
    this.asked = null; // When a ping went out that nothing was heard after.
    this.limits = { heartbeat_ms: 5_000, idle_ms: 15_000 };
    this.roster = 0;
    this.reads = new Map();
    this.partial = "";
    this.wire = [];
    this.must = false; // The memory has to be kept before anything is sent …
    this.rememberBy = null; // … or by then.
    this.sent = new Set(); // Lines of the outbox that were sent on this connection.
    this.orders = [];
  }

  get online() {
    return this.state === "online";
  }

  handle(now, input) {
    this.now = now;
    if (this.state === "ended") return [];
    if ("connected" in input) this.greet(input.connected);
    else if ("received" in input) this.receive(input.received, input.text);
    else if ("closed" in input) this.closed(input.closed, input.why);
    else if ("ask" in input) this.ask(input.ask, input.reference);
    else if ("read" in input) this.read(input.read, input.reference);
    else if ("quit" in input) this.quit();
    else if ("retry" in input && this.state === "down") this.until = now;
    this.checkDeadlines();
    this.flush();
    const orders = this.orders;
    this.orders = [];
    return orders;
  }

  // When { tick } is due.
  deadline() {
    if (this.state === "ended") return null;
    return this.rememberBy === null ? this.linkDeadline() : Math.min(this.linkDeadline(), this.rememberBy);
  }

  linkDeadline() {
    if (!this.online) return this.until;
    const { heartbeat_ms, idle_ms } = this.limits;
    return this.asked === null ? this.said + heartbeat_ms : this.asked + Math.max(idle_ms - heartbeat_ms, heartbeat_ms);
  }

  // --- The connection.

  checkDeadlines() {
    if (this.rememberBy !== null && this.rememberBy <= this.now) this.must = true;
    if (this.state === "ended" || this.linkDeadline() > this.now) return;
    switch (this.state) {
      case "down":
        this.attempt += 1;
        this.state = "connecting";
        this.until = this.now + CONNECT_MS;
        this.orders.push({ connect: this.attempt });
        break;
      case "connecting":
        return this.hangUp("the server cannot be reached");
      case "greeting":
        return this.hangUp("the server does not answer");
      default:
        return this.beat();
    }
  }

  // A hidden page's timers may come a minute late: silence counts from the ping, not from the last word.
  beat() {
    if (this.asked !== null) return this.hangUp("the server fell silent");
    this.asked = this.now;
    this.say({ type: "ping" });
  }

  greet(attempt) {
    if (attempt !== this.attempt || this.state !== "connecting") return;
    this.state = "greeting";
    this.until = this.now + CONNECT_MS;
    this.partial = "";
    this.asked = null;
    const { key, nick, log, cursor } = this.memory;
    const { password } = this;
    this.say({ type: "hello", version: 1, key, nick, ...(log && { after: cursor, log }), ...(password && { password }) });
  }

  receive(attempt, text) {
    if (attempt !== this.attempt || !["greeting", "online"].includes(this.state)) return;
    this.asked = null;
    const lines = (this.partial + text).split("\n");
    this.partial = lines.pop();
    for (const line of lines) {
      if (line.trim() === "" || !line.startsWith("{")) continue;
      let heard;
      try {
        heard = JSON.parse(line);
      } catch {
        return this.hangUp("the server said what cannot be understood");
      }
      this.hear(heard);
      if (!["greeting", "online"].includes(this.state)) return;
    }
  }

  closed(attempt, why) {
    if (attempt === this.attempt && this.state !== "down") this.lose(why);
  }

  hangUp(why) {
    this.orders.push({ close: this.attempt });
    this.lose(why);
  }

  lose(why) {
    this.wire = [];
    if (this.leaving) return this.end("quit", "exited");
    if (this.state === "greeting") this.gaveUp = this.now;
    const pause = Math.min(RETRY_FIRST_MS * 2 ** Math.min(this.failures, 16), RETRY_MAX_MS);
    this.failures += 1;
    this.state = "down";
    this.until = this.now + Math.round(pause / 2 + (this.random() * pause) / 2);
    this.show({ show: "offline", why, retryAt: this.until });
  }

  end(code, text) {
    this.state = "ended";
    this.orders.push({ remember: this.memory }, { close: this.attempt });
    this.show({ show: "ended", code, text });
  }

  // --- What is heard.

  hear(heard) {
    switch (heard.type) {
      case "welcome":
        return this.welcomed(heard);
      case "accepted":
        return this.accepted(heard);
      case "refused":
        return this.refused(heard);
      case "who":
      case "rooms":
      case "room":
      case "oper":
      case "page":
        this.show({ show: heard.type, ...heard, reference: this.reads.get(heard.ref)?.reference });
        this.reads.delete(heard.ref);
        return this.quitIfDone();
      case "missed":
        this.moveCursor(heard.to);
        return this.show({ show: "missed", from: heard.from, to: heard.to });
      case "pong":
        return this.moveCursor(heard.head);
      case "notice":
        return this.show({ show: "notice", text: heard.text });
      case "bye":
        return this.parted(heard.code, heard.text);
      default:
        // An entry: what later servers may add is one too, and moves the cursor.
        if (Number.isSafeInteger(heard.seq) && heard.seq > this.memory.cursor) {
          this.moveCursor(heard.seq);
          this.show({ show: "saw", entry: heard });
        }
    }
  }

  welcomed(welcome) {
    const { memory } = this;
    this.limits = { ...welcome.limits, heartbeat_ms: Math.max(welcome.limits.heartbeat_ms, HEARTBEAT_MS_MIN) };
    this.state = "online";
    this.failures = 0;
    const newLog = memory.log !== null && memory.log !== welcome.log;
    if (memory.log !== welcome.log) {
      // Somebody new means by a name whoever has it as of now; who knew another log may mean somebody else.
      const seen = memory.log === null ? welcome.head : 0;
      memory.log = welcome.log;
      memory.cursor = 0;
      memory.next = 1;
      for (const pending of memory.outbox) Object.assign(pending, { n: null, seen });
    }
    this.roster = welcome.head;
    memory.nick = welcome.you;
    memory.next = Math.max(memory.next, welcome.last + 1);
    this.must = true;
    this.show({ show: "online", welcome, newLog });
    this.sent.clear();
    this.sendOutbox();
    for (const [ref, { read }] of this.reads) this.say({ ...read, ref });
    this.quitIfDone();
  }

  parted(code, text) {
    if (COME_BACK.includes(code)) return this.hangUp(text);
    if (code === "taken_over" && this.forgiveOwnHello()) return this.hangUp(text);
    if (code === "forgotten") {
      this.forgotten();
      this.failures = 0;
      return this.hangUp(text);
    }
    this.end(code, text);
  }

  // A hello of one's own that was given up may arrive late, and take over what came after it: once.
  forgiveOwnHello() {
    const at = this.gaveUp;
    this.gaveUp = null;
    return at !== null && this.now - at < LATE_HELLO_MS;
  }

  // The server knows this key no more: what was sent may or may not have been accepted.
  forgotten() {
    const { memory } = this;
    for (const { ask } of memory.outbox.filter((pending) => pending.n !== null)) {
      const text = "the server has forgotten this client: this may or may not have been accepted";
      this.show({ show: "refused", ask, code: "outcome_unknown", text });
    }
    const outbox = memory.outbox.filter((pending) => pending.n === null);
    Object.assign(memory, { key: this.newKey(), log: null, cursor: 0, next: 1, outbox });
    this.roster = 0;
    this.must = true;
  }

  moveCursor(seq) {
    if (seq > this.memory.cursor) {
      this.memory.cursor = seq;
      this.rememberBy ??= this.now + REMEMBER_MS;
    }
  }

  // --- What is asked.

  ask(ask, reference) {
    const { memory } = this;
    if (memory.outbox.length >= OUTBOX_MAX) {
      const text = `${OUTBOX_MAX} messages wait to be sent already`;
      return this.show({ show: "refused", ask, reference, code: "outbox_full", text });
    }
    const pending = { line: memory.line, n: null, seen: Math.max(memory.cursor, this.roster), ask };
    memory.line += 1;
    memory.outbox.push(pending);
    this.show({ show: "waiting", pending });
    this.must = true;
    this.sendOutbox();
  }

  read(read, reference) {
    if (this.reads.size >= READS_MAX) {
      return this.show({ show: "notice", text: "too many questions are unanswered; wait a little" });
    }
    const ref = (this.lastRef ?? 0) + 1;
    this.lastRef = ref;
    this.reads.set(ref, { read, reference });
    if (this.online) this.say({ ...read, ref });
  }

  // Sends what was not sent on this connection, in order of the numbers, as far as the window allows.
  sendOutbox() {
    if (!this.online) return;
    const { memory } = this;
    const numbered = memory.outbox.filter((pending) => pending.n !== null).sort((a, b) => a.n - b.n);
    const end = (numbered[0]?.n ?? memory.next) + WINDOW;
    for (const pending of [...numbered, ...memory.outbox.filter((pending) => pending.n === null)]) {
      if ((pending.n ?? memory.next) >= end) break;
      if (pending.n === null) {
        pending.n = memory.next;
        memory.next += 1;
        this.must = true;
      }
      if (!this.sent.has(pending.line)) {
        this.sent.add(pending.line);
        const { type, ...rest } = pending.ask;
        this.say({ type, n: pending.n, seen: pending.seen, ...rest });
      }
    }
  }

  accepted({ n, seq, at, entry, unknown = [], away = [], alone = false }) {
    const pending = this.take(n);
    this.skipUsed(n);
    const known = !pending && (seq <= this.memory.cursor || !entry);
    this.moveCursor(seq);
    if (!known) {
      const notes = { unknown, away, alone };
      this.show({ show: "accepted", pending: pending ?? null, seq, at, entry: entry ?? null, notes });
    }
    this.sendOutbox();
    this.quitIfDone();
  }

  refused({ n = null, ref = null, code, text }) {
    if (ref !== null && this.reads.has(ref)) {
      this.show({ show: "refused", ask: null, code, text, reference: this.reads.get(ref).reference });
      this.reads.delete(ref);
      return this.quitIfDone();
    }
    if (code === "number_used") {
      // It stood for another request, of a life this memory does not know: it is asked under a new one.
      for (const pending of this.memory.outbox.filter((pending) => n !== null && pending.n === n)) {
        pending.n = null;
        this.sent.delete(pending.line);
        this.must = true;
      }
      return this.sendOutbox();
    }
    if (code === "nick_moved") this.say({ type: "ping" }); // The pong tells how much there is to have seen.
    const pending = n === null ? null : this.take(n);
    if (n !== null) this.skipUsed(n);
    if (pending || n === null) this.show({ show: "refused", ask: pending?.ask ?? null, code, text });
    this.sendOutbox();
    this.quitIfDone();
  }

  // A number that another program with this key has used is not this one's to use.
  skipUsed(n) {
    if (n >= this.memory.next) {
      this.memory.next = n + 1;
      this.must = true;
    }
  }

  take(n) {
    const place = this.memory.outbox.findIndex((pending) => pending.n === n);
    if (place < 0) return undefined;
    this.rememberBy ??= this.now + REMEMBER_MS;
    const [pending] = this.memory.outbox.splice(place, 1);
    this.sent.delete(pending.line);
    return pending;
  }

  // --- The end.

  quit() {
    this.quitting = true;
    this.quitIfDone();
    if (!this.online) this.end("quit", "exited");
  }

  quitIfDone() {
    if (this.quitting && this.online && !this.leaving && this.memory.outbox.length === 0 && this.reads.size === 0) {
      this.leaving = true;
      this.say({ type: "quit" });
    }
  }

  // --- Orders.

  show(news) {
    this.orders.push(news);
  }

  say(words) {
    this.wire.push(JSON.stringify(words));
  }

  // Remembers what must be, then sends.
  flush() {
    if (this.state === "ended") return;
    if (this.must) {
      this.must = false;
      this.rememberBy = null;
      this.orders.push({ remember: this.memory });
    }
    if (this.wire.length > 0 && ["greeting", "online"].includes(this.state)) {
      this.said = this.now;
      this.orders.push({ send: this.attempt, lines: this.wire });
    }
    this.wire = [];
  }
}
