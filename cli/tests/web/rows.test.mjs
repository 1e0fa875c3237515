// What is typed, and how what was said is laid out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { deed } from "../../page/order.js";
import { Story, layout, namesMe, noted, pieces } from "../../page/rows.js";
import { understand } from "../../page/typed.js";

const said = (seq, from, text, more = {}) => ({ type: "said", seq, at: 1_795_254_062_000 + seq, from, hue: 0, room: "lobby", text, ...more });
const rows = (story, more = {}) =>
  layout(story, { room: "lobby", me: { nick: "ada", hue: 0 }, pending: [], unreadAfter: null, ...more }).map((row) => row.key.replace(/^day .*/u, "day"));

test("what people type is understood as everywhere else", () => {
  const whisper = (line) => {
    const { ask } = understand(line, "lobby");
    return ask && `${ask.to}: ${ask.text}`;
  };
  assert.equal(whisper("@rishu:helloooo"), "rishu: helloooo");
  assert.equal(whisper("@parul @rishu @vikash:hey guys wats up"), "parul,rishu,vikash: hey guys wats up");
  assert.equal(whisper("@ada coming"), "ada: coming");
  assert.equal(whisper("@a, @b : 12:30"), "a,b: 12:30");
  assert.equal(whisper("/msg ada @bob says hi"), "ada: @bob says hi");
  for (const bad of ["@ada", "@", "@ ada", "/msg ada", "/frobnicate", "/join", "x".repeat(5_000)]) {
    assert.ok(understand(bad, "lobby").slip, bad);
  }
  assert.deepEqual(understand("  hi\tthere ", "lobby"), { ask: { type: "say", room: "lobby", text: "  hi there" } });
  assert.deepEqual(understand("//etc is a folder", "lobby").ask.text, "/etc is a folder");
  assert.deepEqual(understand("/me waves", "lobby").ask, { type: "say", room: "lobby", text: "waves", action: true });
  assert.deepEqual(understand("/join #Bench4", "lobby"), { go: "bench4" });
  assert.deepEqual(understand("{quit}", "lobby"), { quit: true });
  assert.deepEqual(understand(" ", "lobby"), { nothing: true });
});

test("an entry stands at its number, once, wherever it came from", () => {
  const story = new Story();
  for (const seq of [5, 9, 7, 5]) story.add(said(seq, "bob", `${seq}`));
  story.addPage({ room: "lobby", entries: [said(2, "bob", "2"), said(5, "bob", "5")], more: true });
  assert.deepEqual(rows(story), ["day", "said 2", "said 5", "said 7", "said 9"]);
  assert.deepEqual([story.before("lobby"), story.hasMore("lobby")], [2, true]);
  story.addPage({ room: "lobby", entries: [], more: false });
  assert.equal(story.hasMore("lobby"), false);
});

test("comings and goings are folded, other rooms are not shown, and news begins at a line", () => {
  const story = new Story();
  story.add({ type: "arrived", seq: 1, at: 1_795_254_062_000, from: "bob", hue: 1 });
  story.add({ type: "departed", seq: 2, at: 1_795_254_062_000, from: "bob", hue: 1, why: "lost" });
  story.add(said(3, "cleo", "elsewhere", { room: "bench4" }));
  story.add(said(4, "cleo", "here"));
  story.add(said(5, "ada", "mine", { own: true }));
  story.add(said(6, "cleo", "psst", { room: undefined, to: ["ada"] }));
  assert.deepEqual(rows(story, { unreadAfter: 4 }), ["day", "presence 1", "said 4", "said 5", "unread", "said 6"]);
  story.read = { lobby: 3, bench4: 2 };
  assert.deepEqual([story.unread("lobby"), story.unreadPrivate("lobby"), story.unread("bench4")], [1, 1, 1]);
});

test("what waits comes last, and only where it will be said", () => {
  const story = new Story();
  story.add(said(1, "bob", "x"));
  const pending = [
    { line: 1, ask: { type: "say", room: "lobby", text: "a" } },
    { line: 2, ask: { type: "say", room: "bench4", text: "b" } },
    { line: 3, ask: { type: "say", to: ["bob"], text: "c" } },
  ];
  assert.deepEqual(rows(story, { pending }), ["day", "said 1", "waiting 1", "waiting 3"]);
});

test("a reload finds what was shown, up to a limit, and knows where it is not whole", () => {
  const story = new Story();
  for (let seq = 1; seq <= 1_000; seq += 1) story.add(said(seq, "bob", "x"));
  story.addPage({ room: "lobby", entries: [said(1, "bob", "x")], more: false });
  const again = new Story(JSON.parse(JSON.stringify(story.kept())));
  assert.equal(again.entries.length, 400);
  assert.deepEqual([again.before("lobby"), again.hasMore("lobby")], [601, true]);
  assert.equal(story.hasMore("lobby"), false, "the story itself is as it was");
});

test("links are what they look like", () => {
  const links = (text) => pieces(text).filter((piece) => piece.href).map((piece) => `${piece.text} → ${piece.href}`);
  assert.deepEqual(links("see https://example.org/a?b=c."), ["https://example.org/a?b=c → https://example.org/a?b=c"]);
  assert.deepEqual(links("(http://x.org/a_(b)) http://y.org,"), ["http://x.org/a_(b) → http://x.org/a_(b)", "http://y.org → http://y.org/"]);
  assert.deepEqual(links("javascript:alert(1) data:text/html,x ftp://x https://user:pw@evil.example/ https://"), []);
  assert.equal(pieces("a https://x.org/ b").map((piece) => piece.text).join(""), "a https://x.org/ b");
});

test("a name is found as a word", () => {
  for (const text of ["ada: hi", "hi ADA", "@ada", "(ada)"]) assert.ok(namesMe(text, "ada"), text);
  for (const text of ["adam", "canada", "ada2", ""]) assert.ok(!namesMe(text, "ada"), text);
});

test("authors alone are told who did not get it", () => {
  assert.equal(noted({ alone: true }, "lobby"), "You are alone in server");
  assert.equal(noted({ unknown: ["x", "y"], away: ["z"] }), "x, y are not here; the others got it; z is away and gets it on return");
});

test("what keeps rooms in order is understood, and told in sentences", () => {
  const asked = (line) => {
    const { ask, read, slip } = understand(line, "lab");
    return JSON.stringify(ask ?? read) ?? slip;
  };
  assert.equal(asked("/topic friday"), '{"room":"lab","type":"topic","text":"friday"}');
  assert.equal(asked("/topic #bench -"), '{"room":"bench","type":"topic"}');
  assert.equal(asked("/kick @bob too loud"), '{"room":"lab","type":"kick","nick":"bob","text":"too loud"}');
  assert.equal(asked("/invite bob #Bench"), '{"type":"invite","room":"bench","nick":"bob"}');
  assert.equal(asked("/join bench key"), '{"type":"join","room":"bench","key":"key"}');
  assert.equal(
    asked("/mode +mo-k bob"),
    '{"room":"lab","type":"change","changes":[{"mode":"moderated"},{"mode":"operator","nick":"bob"},{"mode":"key","on":false}]}',
  );
  assert.equal(asked("/unban a* b"), '{"room":"lab","type":"change","changes":[{"mode":"ban","on":false,"mask":"a*"},{"mode":"ban","on":false,"mask":"b"}]}');
  assert.equal(asked("/mode"), '{"type":"room","room":"lab"}');
  assert.equal(asked("/oper root two words"), '{"type":"oper","name":"root","password":"two words"}');
  for (const bad of ["/kick", "/op", "/mode m", "/mode +o", "/mode +l x", "/oper root"]) assert.match(asked(bad), /^not sent/u, bad);
  assert.equal(deed({ type: "kicked", nick: "bob", room: "lab", text: "too loud" }), "put bob out of #lab: too loud");
  const changes = [{ mode: "operator", nick: "bob" }, { mode: "moderated", on: false }, { mode: "from later" }];
  assert.equal(
    deed({ type: "changed", room: "lab", changes }),
    "made bob an operator of #lab, made #lab unmoderated, changed how #lab is kept",
  );
  const story = new Story();
  story.add({ type: "topic", seq: 1, at: 1_795_254_062_000, from: "bob", hue: 0, room: "lobby", text: "friday" });
  assert.deepEqual(rows(story), ["day", "deed 1"]);
});
