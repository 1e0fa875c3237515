// What the page keeps: who one is, what waits, and what was shown. Each tab is somebody of its own.
//
// Who one is lies in localStorage, by an id; which id a tab is lies in its sessionStorage, with what it has shown. So a
// reload finds everything, a restarted browser finds who was here last, and a second tab is asked for another name. A
// browser duplicates a tab's sessionStorage with the tab: whoever is somebody says so when asked (`claim`).

const WHO = "causerie.who.";
const LAST = "causerie.last";
const TAB = "causerie.tab";
const KEPT_MAX = 4;
const ANSWER_MS = 150;

export class Storage {
  // `local` and `session` may be missing, where a browser grants none: then nothing outlives the page.
  constructor(local, session) {
    this.local = local ?? new Forgetful();
    this.session = session ?? new Forgetful();
    this.id = null;
  }

  // What this tab was, if it was somebody.
  tab() {
    const tab = read(this.session, TAB);
    return tab?.id && this.who(tab.id) ? tab : null;
  }

  who(id) {
    return read(this.local, WHO + id);
  }

  // Who was here last, in whichever tab.
  last() {
    const id = read(this.local, LAST);
    const memory = id && this.who(id);
    return memory ? { id, memory } : null;
  }

  become(id) {
    this.id = id;
    write(this.local, LAST, id);
  }

  // Kept before anything is sent. False if there is no room for it.
  remember(memory) {
    const kept = write(this.local, WHO + this.id, { ...memory, at: Date.now() });
    this.forgetOthers();
    return kept;
  }

  rememberTab(tab) {
    return write(this.session, TAB, { ...tab, id: this.id });
  }

  forget() {
    this.local.removeItem(WHO + this.id);
    if (read(this.local, LAST) === this.id) this.local.removeItem(LAST);
    this.session.removeItem(TAB);
    this.id = null;
  }

  // Those longest not used are forgotten, unless something of theirs waits.
  forgetOthers() {
    const others = [];
    for (let i = 0; i < this.local.length; i += 1) {
      const key = this.local.key(i);
      if (key?.startsWith(WHO) && key !== WHO + this.id) others.push([key, read(this.local, key)]);
    }
    const idle = others.filter(([, memory]) => !memory?.outbox?.length).sort(([, a], [, b]) => (b?.at ?? 0) - (a?.at ?? 0));
    for (const [key] of idle.slice(KEPT_MAX)) this.local.removeItem(key);
  }
}

// Asks the other tabs whether one of them is somebody, and answers them from then on.
export class Claims {
  constructor(tab, channel) {
    this.tab = tab;
    this.channel = channel;
    this.held = null;
    this.waiting = null;
    channel?.addEventListener("message", ({ data }) => this.hear(data));
  }

  hear({ claim, held, tab, to }) {
    if (claim && claim === this.held && tab !== this.tab) this.channel.postMessage({ held: claim, tab: this.tab, to: tab });
    // Two that ask at once: the lower one has it.
    if (claim && claim === this.waiting?.id && this.tab < tab) {
      this.channel.postMessage({ held: claim, tab: this.tab, to: tab });
    }
    if (held && to === this.tab && held === this.waiting?.id) this.waiting.refuse();
  }

  // Whether nobody else is that; then this tab is.
  async claim(id) {
    if (!this.channel) {
      this.held = id;
      return true;
    }
    const free = await new Promise((answer) => {
      this.waiting = { id, refuse: () => answer(false) };
      this.channel.postMessage({ claim: id, tab: this.tab });
      setTimeout(() => answer(true), ANSWER_MS);
    });
    this.waiting = null;
    if (free) this.held = id;
    return free;
  }

  release() {
    this.held = null;
  }
}

class Forgetful {
  #kept = new Map();

  get length() {
    return this.#kept.size;
  }

  key(i) {
    return [...this.#kept.keys()][i] ?? null;
  }

  getItem(key) {
    return this.#kept.get(key) ?? null;
  }

  setItem(key, value) {
    this.#kept.set(key, value);
  }

  removeItem(key) {
    this.#kept.delete(key);
  }
}

function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false; // No room.
  }
}
