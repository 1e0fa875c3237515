// The page in a browser, against the program: what a person at a keyboard sees.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { Netcat, Server, browser, join_as, need, online, open, said, say, shot, shows } from "./world.mjs";

const DESK = { width: 1100, height: 640 };
const PHONE = { width: 360, height: 720 };

let chromium;
let server;
let people;
let contexts;
let complaints;

before(async () => {
  chromium = await browser();
});
after(() => chromium.close());
beforeEach(async () => {
  [people, contexts, complaints] = [[], [], []];
  server = await Server.start();
});
afterEach(async () => {
  for (const context of contexts) await context.close();
  for (const person of people) person.close();
  await server.stop();
  assert.deepEqual(complaints, [], "the page complains");
});

async function restart(args) {
  await server.stop();
  server = await Server.start({ args });
}

async function context(options = {}) {
  const made = await chromium.newContext({ viewport: DESK, ...options });
  contexts.push(made);
  return made;
}

async function tab(nick, options) {
  const page = await open(await context(options), server, { errors: complaints });
  if (nick) await join_as(page, nick);
  return page;
}

async function netcat(nick) {
  const person = await Netcat.join(server, nick);
  people.push(person);
  return person;
}

async function axe(page) {
  const source = need("axe-core").source;
  // The page's own policy forbids inline scripts; a debugger's evaluation is none.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  assert.deepEqual(grave.map(({ id, nodes }) => [id, nodes.map((node) => `${node.html} ${node.failureSummary}`)]), []);
}

test("somebody joins by keyboard alone and talks with somebody at netcat", async () => {
  const bob = await netcat("bob");
  const page = await tab("ada");
  await bob.until("ada, joined chat room");
  await page.keyboard.type("hi, who has the probe?");
  await page.keyboard.press("Enter");
  await bob.until("ada: hi, who has the probe?");
  await page.locator(".row:not(.waiting) .marks", { hasText: "✓" }).waitFor();
  bob.say("I do");
  await said(page, "I do");
  bob.say("@ada lunch at one?");
  await said(page, "lunch at one?");
  await page.keyboard.type("@bo");
  await page.keyboard.press("Tab");
  await page.keyboard.type("gladly");
  await page.keyboard.press("Enter");
  await bob.until("gladly");
  await shows(page, [
    "ada: hi, who has the probe?",
    "bob: I do",
    "bob to you: lunch at one?",
    "ada to bob: gladly",
  ]);
  bob.say("ada, see https://example.org/probe for its manual, and mind the cable");
  bob.say("/me waves");
  await said(page, "waves");
  const link = page.locator(".words a");
  assert.equal(await link.getAttribute("href"), "https://example.org/probe");
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  assert.equal(await page.locator(".row.mention mark").textContent(), "ada");
  await shot(page, "talk-light");
  await axe(page);
});

test("the name dialog is a dialog, says what is wrong with a name, and tells two people apart", async () => {
  await netcat("bob");
  const page = await tab(null);
  await page.locator("#who[open]").waitFor();
  await axe(page);
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#who[open]").isVisible(), "there is no way round it");
  await page.keyboard.type("bob");
  await page.keyboard.press("Enter");
  await page.locator("#who-error", { hasText: "taken" }).waitFor();
  await shot(page, "name-taken");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("a b");
  await page.keyboard.press("Enter");
  await page.locator("#who-error", { hasText: /^(?!.*taken).+/u }).waitFor();
  await join_as(page, "ada");
  assert.deepEqual(await page.locator("#people bdi").allTextContents(), ["ada", "bob"]);
});

test("the server dies while the page types, and nothing is lost or doubled", async () => {
  const page = await tab("ada");
  const bob = await netcat("bob");
  const words = Array.from({ length: 60 }, (_, i) => `word ${i}`);
  for (const word of words.slice(0, 20)) await say(page, word);
  await server.kill();
  for (const word of words.slice(20, 40)) await say(page, word);
  await page.locator("#link.offline").waitFor();
  await page.locator("#state-text", { hasText: "waiting" }).waitFor();
  await shot(page, "offline");
  assert.equal(await page.locator("#link.offline").count(), 1);
  server = await server.again();
  for (const word of words.slice(40)) await say(page, word);
  await online(page);
  await page.locator(".row.waiting").first().waitFor({ state: "detached" });
  await page.locator(".row .words", { hasText: "word 59" }).waitFor();
  await shows(page, words, (rows) => rows.map((row) => row.replace(/^ada: /u, "")));
  const text = await (await fetch(`${server.url}log.txt`)).text();
  const stored = text.split("\n").flatMap((line) => line.match(/ ada: (word \d+)$/u)?.[1] ?? []);
  assert.deepEqual(stored, words);
  bob.close();
});

test("a reload while the server is gone and messages wait loses nothing", async () => {
  const page = await tab("ada");
  const bob = await netcat("bob");
  bob.say("before");
  bob.say("@ada between us");
  await said(page, "between us");
  await say(page, "accepted");
  await bob.until("accepted");
  await page.locator("#entry").fill("half a thou");
  await page.reload();
  await online(page);
  await shows(page, ["bob: before", "bob to you: between us", "ada: accepted"]);
  assert.equal(await page.locator("#entry").inputValue(), "half a thou");
  await page.locator("#entry").fill("");
  await server.kill();
  await page.locator("#link.offline").waitFor();
  await say(page, "waits");
  server = await server.again();
  const cleo = await netcat("cleo");
  cleo.say("while you were out");
  await page.reload();
  await online(page);
  await said(page, "while you were out");
  await page.locator(".rule.unread + .row", { hasText: "while you were out" }).waitFor();
  await cleo.until("ada: waits");
  await page.locator(".row.waiting").waitFor({ state: "detached" });
  const all = ["ada: accepted", "ada: waits", "bob to you: between us", "bob: before", "cleo: while you were out"];
  await shows(page, all, (rows) => rows.toSorted());
});

test("two tabs side by side are two people, and a restarted browser is offered who was here last", async () => {
  const shared = await context();
  const first = await open(shared, server, { errors: complaints });
  await join_as(first, "ada");
  const second = await open(shared, server, { errors: complaints });
  await second.locator("#who[open]").waitFor();
  assert.equal(await second.locator("#nick").inputValue(), "", "the first is not offered while it is here");
  await join_as(second, "eve");
  await say(second, "@ada psst");
  await said(first, "psst");
  await say(first, "hello eve");
  await said(second, "hello eve");
  await shows(first, ["eve to you: psst", "ada: hello eve"]);
  await shows(second, ["eve to ada: psst", "ada: hello eve"]);
  await first.close();
  await second.close();
  const again = await open(shared, server, { errors: complaints });
  await again.locator("#who[open]").waitFor();
  assert.equal(await again.locator("#nick").inputValue(), "eve");
  await again.keyboard.press("Enter");
  await online(again);
  await said(again, "hello eve");
  assert.equal(await again.locator("#people .person", { hasText: "(you)" }).locator("bdi").textContent(), "eve");
});

test("a duplicated tab is somebody else", async () => {
  const shared = await context();
  const first = await open(shared, server, { errors: complaints });
  await join_as(first, "ada");
  const kept = await first.evaluate(() => sessionStorage.getItem("causerie.tab"));
  const copy = await shared.newPage();
  await copy.addInitScript((tab) => sessionStorage.setItem("causerie.tab", tab), kept);
  await copy.goto(server.url);
  await copy.locator("#who[open]").waitFor();
  assert.ok(await first.locator("#link.online").isVisible());
});

test("markup, escapes and turned text are text", async () => {
  const page = await tab("ada");
  const bob = await netcat("b_[]{}|^");
  const hostile = [
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "&lt;b&gt; <a href='javascript:alert(3)'>x</a> javascript:alert(4)",
    "שלום עולם <b>bold</b> abc",
    "https://example.org/\"onmouseover=alert(5) http://x.org/<script>",
  ];
  for (const text of hostile) bob.say(text);
  bob.say("\u001b[31mred \u202e txt.exe");
  bob.say("after all that");
  await said(page, "after all that");
  await shows(page, [...hostile, "after all that"], (rows) => rows.map((row) => row.replace("b_[]{}|^: ", "")));
  assert.equal(await page.locator("#log :is(script, img, b, [onerror], [onmouseover])").count(), 0);
  assert.deepEqual(await page.locator("#log a").evaluateAll((links) => links.map((link) => link.protocol)), ["https:", "http:"]);
  await say(page, "<i>mine</i>");
  await said(page, "<i>mine</i>");
  await shot(page, "hostile");
});

test("who reads further up is not torn away, and is told what is new", async () => {
  const bob = await netcat("bob");
  for (let i = 0; i < 120; i += 1) bob.say(`line ${i} of a long conversation`);
  const page = await tab("ada");
  await said(page, "line 119");
  const box = page.locator("#log");
  await box.evaluate((log) => log.scrollTo(0, 0));
  await said(page, "line 20 of");
  await box.evaluate((log) => log.scrollTo(0, 400));
  const top = () => box.evaluate((log) => {
    const row = [...log.querySelectorAll(".row")].find((each) => each.getBoundingClientRect().bottom > log.getBoundingClientRect().top);
    return [row.querySelector(".words").textContent, Math.round(row.getBoundingClientRect().top)];
  });
  const was = await top();
  bob.say("news one");
  bob.say("news two");
  await page.locator("#down", { hasText: "2 new ↓" }).waitFor();
  assert.deepEqual(await top(), was);
  assert.match(await page.title(), /^\(2\) #lobby/u);
  await shot(page, "scrolled-back");
  await page.keyboard.press("Escape");
  await page.locator(".rule.unread").waitFor();
  await page.locator("#down").waitFor({ state: "hidden" });
  assert.equal(await page.title(), "#lobby · causerie");
  await box.evaluate((log) => log.scrollTo(0, 0));
  await said(page, "line 0 of");
  await page.locator(".top", { hasText: "the beginning of #lobby" }).waitFor();
  const lines = Array.from({ length: 120 }, (_, i) => `bob: line ${i} of a long conversation`);
  await shows(page, lines, (rows) => rows.filter((row) => row.startsWith("bob: line")));
});

test("rooms are entered, left and counted", async () => {
  const page = await tab("ada");
  const bob = await netcat("bob");
  await say(page, "/join bench4");
  await page.locator("#room", { hasText: "bench4" }).waitFor();
  bob.say("in the lobby");
  await page.locator("#rooms .count", { hasText: "1" }).waitFor();
  bob.say("/join bench4");
  bob.say("at the bench");
  await said(page, "at the bench");
  await say(page, "/rooms");
  await page.locator("dt", { hasText: "#bench4" }).waitFor();
  await shot(page, "rooms");
  await axe(page);
  await page.locator("#rooms button", { hasText: "#lobby" }).click();
  await said(page, "in the lobby");
  await page.locator(".rule.unread").waitFor();
  assert.equal(await page.locator("#rooms .count").count(), 0);
  await say(page, "/leave bench4");
  await page.locator("#rooms li").nth(1).waitFor({ state: "detached" });
  await say(page, "/nick lovelace");
  await bob.until("ada is called lovelace");
  await page.locator("#people bdi", { hasText: "lovelace" }).waitFor();
  await say(page, "/help");
  await page.locator("dt", { hasText: "//text" }).waitFor();
  await page.locator("#down").waitFor();
  const [help, box] = await page.locator(".list, #log").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
  assert.ok(Math.abs(help - box) < 4, "help is read from its beginning");
  await shot(page, "help");
});

test("a server's password is asked for, and a reload knows it", async () => {
  await restart(["--password", "sesame"]);
  const page = await tab(null);
  await page.locator("#who[open]").waitFor();
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  await page.locator("#who-error", { hasText: "takes a password" }).waitFor();
  await page.keyboard.type("guess");
  await page.keyboard.press("Enter");
  await page.locator("#who-error", { hasText: "not this server's password" }).waitFor();
  await axe(page);
  await shot(page, "password");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("sesame");
  await page.keyboard.press("Enter");
  await online(page);
  assert.ok(await page.locator("#entry").evaluate((entry) => entry === document.activeElement));
  await say(page, "in");
  await page.locator(".row:not(.waiting)", { hasText: "in" }).waitFor();
  await page.reload();
  await online(page);
  await shows(page, ["ada: in"]);
});

test("a room shows its topic and who is in it, and says what its operator can do", async () => {
  const page = await tab("ada");
  const bob = await netcat("bob");
  await netcat("eve");
  await page.locator("#people bdi", { hasText: "eve" }).waitFor();
  await page.locator("#room-about").click();
  await page.locator("#sheet[open]").waitFor();
  assert.deepEqual(await page.locator("#sheet-offers code").allTextContents(), ["/topic"], "nobody operates the lobby");
  await page.keyboard.press("Escape");
  await say(page, "/join bench4");
  bob.say("/join bench4");
  await page.locator("#people bdi", { hasText: "bob" }).waitFor();
  await page.locator("#people-title", { hasText: "In #bench4 · 2" }).waitFor();
  assert.deepEqual(await page.locator("#people bdi").allTextContents(), ["ada", "bob"]);
  assert.deepEqual(await page.locator("#outside bdi").allTextContents(), ["eve"]);
  await say(page, "/topic who has the probe");
  await page.locator("#topic", { hasText: "who has the probe" }).waitFor();
  // What was being typed comes back after the line that was offered.
  await page.locator("#entry").fill("half a thought");
  await page.locator("#room-about").click();
  await page.locator("#sheet dd", { hasText: "@ada, bob" }).waitFor();
  await axe(page);
  await shot(page, "room-about");
  await page.locator("#sheet-offers button", { hasText: "let only operators" }).click();
  assert.equal(await page.locator("#entry").inputValue(), "/mode +m");
  await page.keyboard.press("Enter");
  await page.locator(".what", { hasText: "you made #bench4 moderated" }).waitFor();
  assert.equal(await page.locator("#entry").inputValue(), "half a thought");
  await page.locator("#entry").fill("");
  await page.locator("#people li", { hasText: "bob" }).hover();
  await page.locator("#people button", { hasText: "more about bob" }).click();
  await shot(page, "person-about");
  await page.locator("#sheet-offers button", { hasText: "let them speak" }).click();
  await page.keyboard.press("Enter");
  await page.locator("#people li", { hasText: "voice" }).waitFor();
  bob.say("thanks");
  await said(page, "thanks");
  await page.locator("#outside button", { hasText: "more about eve" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("#sheet-offers button", { hasText: "ask them into #bench4" }).click();
  await page.keyboard.press("Enter");
  await page.locator(".what", { hasText: "you invite eve into #bench4" }).waitFor();
});

test("who may not enter a room is told so where they are", async () => {
  const bob = await netcat("bob");
  bob.say("/join cellar");
  bob.say("/mode +i");
  bob.say("/who cellar");
  await bob.until("invit");
  const page = await tab("ada");
  await say(page, "/join cellar");
  await page.locator(".what", { hasText: "not done: #cellar" }).waitFor();
  assert.equal(await page.locator("#room").textContent(), "lobby");
});

test("a long message is folded, and a long conversation shows its end", async () => {
  await restart(["--no-limits"]);
  const bob = await netcat("bob");
  bob.say(`${"word ".repeat(600)}and its end`);
  const page = await tab("ada");
  await said(page, "and its end");
  const tall = () => page.locator(".words", { hasText: "and its end" }).evaluate((words) => words.getBoundingClientRect().height);
  const folded = await tall();
  await page.locator(".text button", { hasText: "all 3,011 letters" }).click();
  assert.ok((await tall()) > 2 * folded);
  for (let i = 0; i < 700; i += 1) bob.say(`line ${i} of many`);
  await said(page, "line 699 of many");
  assert.equal(await page.locator(".row").count(), 300);
  const box = page.locator("#log");
  await box.evaluate((log) => log.scrollTo(0, 0));
  await said(page, "line 300 of many");
  await page.keyboard.press("Escape");
  await page.locator(".row", { hasText: "line 399 of" }).waitFor({ state: "detached" });
  assert.equal(await page.locator(".row").count(), 300);
});

test("a picture of the page, for the README (docs/page.png)", async () => {
  const bob = await netcat("bob");
  const page = await tab("ada", { viewport: { width: 1000, height: 500 } });
  const cleo = connect({ host: "127.0.0.1", port: Number(server.address.split(":")[1]) });
  people.push({ close: () => cleo.destroy() });
  cleo.write("NICK cleo\r\nUSER cleo 0 * :cleo\r\nJOIN #lobby\r\n");
  await page.locator("#people li", { hasText: "cleoIRC" }).waitFor();
  await say(page, "/topic the probe, the scope, and who has them");
  await page.locator("#topic", { hasText: "the probe" }).waitFor();
  bob.say("hello from netcat");
  await said(page, "hello from netcat");
  cleo.write("PRIVMSG #lobby :and from irssi: the scope is free again\r\n");
  await said(page, "and from irssi");
  await say(page, "who has the probe?");
  await page.locator(".row:not(.waiting)", { hasText: "who has the probe?" }).waitFor();
  bob.say("@ada lunch at one?");
  await said(page, "lunch at one?");
  cleo.write("PRIVMSG #lobby :ada: it is on bench 4, see https://example.org/bench4\r\n");
  await said(page, "it is on bench 4");
  await say(page, "@bob gladly");
  await page.locator(".row:not(.waiting)", { hasText: "gladly" }).waitFor();
  await page.mouse.move(500, 490);
  await shot(page, "page");
});

test("a composition is not sent half way", async () => {
  const page = await tab("ada");
  const entry = page.locator("#entry");
  await entry.fill("に");
  await entry.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  assert.equal(await entry.inputValue(), "に");
  await page.keyboard.press("Enter");
  await said(page, "に");
  await entry.fill("two\nlines");
  await page.locator("#send").click();
  await said(page, "two");
  await said(page, "lines");
  await page.keyboard.press("ArrowUp");
  assert.equal(await entry.inputValue(), "two\nlines");
  await page.keyboard.press("ArrowDown");
  assert.equal(await entry.inputValue(), "");
});

test("a phone, in the dark", async () => {
  const bob = await netcat("bob");
  const page = await tab("ada", { viewport: PHONE, colorScheme: "dark", deviceScaleFactor: 2 });
  bob.say("hello from netcat");
  await say(page, "hi, who has the probe? I looked on every bench and under most of them");
  bob.say("@ada lunch at one?");
  await said(page, "lunch at one?");
  bob.say("a".repeat(200));
  await said(page, "aaaa");
  await shot(page, "phone-dark");
  await axe(page);
  await say(page, "/join bench4");
  await page.locator("#room", { hasText: "bench4" }).waitFor();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.body.scrollLeft !== 0);
  assert.equal(await wide(), false, "nothing scrolls sideways");
  await page.locator("#side-toggle").click();
  await page.locator("#rooms button", { hasText: "#lobby" }).click();
  await page.locator("#side-toggle").click();
  await page.locator("#people bdi", { hasText: "bob" }).waitFor();
  await page.waitForTimeout(250); // It slides in.
  await shot(page, "phone-dark-people");
  await axe(page);
  await page.locator("#people button", { hasText: /^bob/u }).click();
  assert.equal(await page.locator("#entry").inputValue(), "@bob ");
});

test("on plain http by another name, where browsers grant less, all is the same; other names are refused", async () => {
  await restart(["--web-host", "lab.test"]);
  const port = server.address.split(":")[1];
  const page = await open(await context(), server, { errors: complaints, url: `http://lab.test:${port}/` });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await join_as(page, "ada");
  await page.locator(".link-card code", { hasText: `http://lab.test:${port}/` }).waitFor();
  await page.locator(".link-card button").click();
  await page.locator(".link-card button", { hasText: "Copied" }).waitFor();
  await shot(page, "alone");
  await say(page, "by name");
  await page.locator(".row:not(.waiting)", { hasText: "by name" }).waitFor();
  await page.reload();
  await said(page, "by name");
  const evil = await (await context()).newPage();
  const answer = await evil.goto(`http://evil.test:${port}/`);
  assert.equal(answer.status(), 421);
  assert.match(await evil.textContent("body"), /--web-host evil\.test/u);
  // A page of another site that reaches across gets no socket, and reads nothing.
  const across = await (await context()).newPage();
  await across.route("http://other.test/", (route) => route.fulfill({ body: "<title>other</title>", contentType: "text/html" }));
  await across.goto("http://other.test/");
  const reached = await across.evaluate(async (at) => {
    const socket = await new Promise((done) => {
      const opened = new WebSocket(`ws://${at}/ws`);
      opened.onopen = () => done("open");
      opened.onerror = () => done("refused");
    });
    const read = await fetch(`http://${at}/log.txt`).then(() => "read", () => "refused");
    return [socket, read];
  }, `127.0.0.1:${port}`);
  assert.deepEqual(reached, ["refused", "refused"]);
});

test("everything is reached by Tab, and the list of people by keys on a phone", async () => {
  await netcat("bob");
  const page = await tab("ada", { viewport: PHONE });
  const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  await page.evaluate(() => document.body.focus());
  const reached = new Set();
  for (let i = 0; i < 12; i += 1) {
    reached.add(await focus());
    await page.keyboard.press("Tab");
  }
  for (const id of ["entry", "send", "log", "side-toggle"]) assert.ok(reached.has(id), `${id} in ${[...reached]}`);
  await page.locator("#side-toggle").focus();
  await page.keyboard.press("Enter");
  const inside = new Set();
  for (let i = 0; i < 8; i += 1) {
    inside.add(await focus());
    await page.keyboard.press("Tab");
  }
  for (const part of ["#lobby", "join-room", "bob"]) {
    assert.ok([...inside].some((each) => each.startsWith(part)), `${part} in ${[...inside]}`);
  }
  await page.keyboard.press("Escape");
  assert.equal(await focus(), "entry");
  assert.equal(await page.locator("#side-toggle").getAttribute("aria-expanded"), "false");
});

test("quitting says so to the others and is not remembered", async () => {
  const bob = await netcat("bob");
  const page = await tab("ada");
  await say(page, "/quit");
  await bob.until("ada left");
  await page.locator("#who[open]").waitFor();
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  await join_as(page, "ada");
});
