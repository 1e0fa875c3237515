// Servers, people at netcat and browsers, for the tests of the page. What is waited for is something seen, never a time.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

const ROOT = resolve(import.meta.dirname, "../../..");
const MODULES = process.env.WEB_TEST_MODULES ?? join(ROOT, "target/web-test");
export const need = createRequire(join(MODULES, "package.json"));
const PROGRAM = process.env.CAUSERIE ?? join(ROOT, "target/debug/causerie");
const SHOTS = process.env.WEB_SHOTS ?? join(ROOT, "target/web-shots");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const DEADLINE_MS = 20_000;

mkdirSync(SHOTS, { recursive: true });

// The lines that something writes: `until` waits for one.
class Lines {
  constructor(stream, whose) {
    this.whose = whose;
    this.heard = [];
    this.taken = 0;
    this.waiting = new Set();
    createInterface({ input: stream }).on("line", (line) => {
      this.heard.push(line);
      for (const wake of this.waiting) wake();
    });
  }

  async until(part) {
    const found = () => {
      while (this.taken < this.heard.length) {
        const line = this.heard[this.taken];
        this.taken += 1;
        if (part instanceof RegExp ? part.test(line) : line.includes(part)) return line;
      }
      return null;
    };
    const before = Date.now();
    for (;;) {
      const line = found();
      if (line !== null) return line;
      const left = before + DEADLINE_MS - Date.now();
      if (left <= 0) throw new Error(`${this.whose} never said ${part}; only:\n${this.heard.join("\n")}`);
      await new Promise((wake) => {
        const timer = setTimeout(wake, left);
        const woken = () => {
          clearTimeout(timer);
          this.waiting.delete(woken);
          wake();
        };
        this.waiting.add(woken);
      });
    }
  }
}

export class Server {
  static async start({ listen = "127.0.0.1:0", data = mkdtempSync(join(tmpdir(), "causerie-web-")), args = [] } = {}) {
    const server = new Server();
    server.data = data;
    const env = { PATH: process.env.PATH, TZ: "UTC", HOME: data };
    server.child = spawn(PROGRAM, ["server", "--listen", listen, "--data", join(data, "store"), ...args], { env });
    server.ended = new Promise((ended) => server.child.on("exit", ended));
    server.console = new Lines(server.child.stdout, "the server");
    new Lines(server.child.stderr, "the server").until("\0").catch(() => {});
    const activated = await server.console.until("activated on port");
    server.address = activated.match(/\((.*)\)/u)[1];
    server.url = `http://${server.address}/`;
    return server;
  }

  // As a power failure would.
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async again() {
    return Server.start({ listen: this.address, data: this.data });
  }

  async stop() {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}

// Somebody at netcat.
export class Netcat {
  static async join(server, nick) {
    const netcat = new Netcat();
    const [host, port] = server.address.split(":");
    netcat.socket = connect({ host, port: Number(port) });
    netcat.socket.on("error", () => {});
    netcat.lines = new Lines(netcat.socket, nick);
    netcat.say(nick);
    await netcat.lines.until("Welcome to chat room");
    return netcat;
  }

  say(line) {
    this.socket.write(`${line}\n`);
  }

  until(part) {
    return this.lines.until(part);
  }

  close() {
    this.socket.destroy();
  }
}

export async function browser() {
  const { chromium } = need("playwright-core");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.test 127.0.0.1"] });
}

// A tab at the page; whatever it complains of is a failure.
export async function open(context, server, { errors = [], url = server.url } = {}) {
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  page.complaints = errors;
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/WebSocket connection|ERR_CONNECTION_REFUSED/u.test(message.text())) {
      errors.push(message.text());
    }
  });
  await page.goto(url);
  return page;
}

// Joins by keyboard alone.
export async function join_as(page, nick) {
  await page.locator("#who[open]").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(nick);
  await page.keyboard.press("Enter");
  await online(page);
}

export const online = (page) => page.locator("#link.online").waitFor();

export async function say(page, text) {
  await page.locator("#entry").focus();
  await page.keyboard.insertText(text);
  await page.keyboard.press("Enter");
}

// Waits for a row that says this.
export function said(page, text) {
  return page.locator(".row", { has: page.locator(".words", { hasText: text }) }).first().waitFor();
}

// All that was said, as the page shows it: who, to whom, what, and its mark.
export function transcript(page) {
  return page.locator(".row").evaluateAll((rows) =>
    rows.map((row) => {
      const text = (part) => row.querySelector(part)?.textContent ?? "";
      const waiting = row.classList.contains("waiting") ? " (waiting)" : "";
      return `${text(".nick")}${text(".tag") && ` ${text(".tag")}`}: ${text(".words")}${waiting}`;
    }),
  );
}

// Waits until the page shows this, and nothing else.
export async function shows(page, expected, of = (rows) => rows) {
  const until = Date.now() + DEADLINE_MS;
  for (;;) {
    const shown = of(await transcript(page));
    if (isDeepStrictEqual(shown, expected) || Date.now() > until) return assert.deepEqual(shown, expected);
    await page.waitForTimeout(20);
  }
}

export async function shot(page, name) {
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
