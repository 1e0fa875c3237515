// What is typed, and how what was said is laid out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Known } from "../../page/known.js";
import { offersAbout, offersFor } from "../../page/offers.js";
import { deed } from "../../page/order.js";
import { Story, layout, namesMe, noted, pieces, presenceParts } from "../../page/rows.js";
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

test("of many who came at once some are named", () => {
  const came = (nick) => ({ type: "arrived", from: nick, hue: 0 });
  const parts = (nicks) => presenceParts(nicks.map(came), { nick: "ada" }).map(({ people, more, did }) => `${people.map((each) => each.nick)}+${more} ${did}`);
  assert.deepEqual(parts(["bob", "ada"]), ["bob,ada+0 joined"]);
  assert.deepEqual(parts([..."bcdefghi", "ada"]), ["ada,b,c,d,e+4 joined"]);
});

test("a room shows who came since it begins, and its newest", () => {
  const story = new Story();
  story.add({ type: "arrived", seq: 1, at: 1_795_254_062_000, from: "bob", hue: 1 });
  story.add(said(2, "bob", "psst", { room: undefined, to: ["ada"] }));
  story.add({ type: "joined", seq: 3, at: 1_795_254_062_000, from: "ada", hue: 0, room: "bench4" });
  story.addPage({ room: "bench4", entries: [], more: false });
  assert.deepEqual(rows(story, { room: "bench4" }), ["day", "said 2", "presence 3"], "private words are shown everywhere");
  assert.deepEqual(rows(story), ["day", "presence 1", "said 2"]);
  for (let seq = 4; seq < 1_000; seq += 1) story.add(said(seq, "bob", `${seq}`));
  assert.deepEqual([rows(story).length, story.firstShown("lobby"), story.further("lobby", 700)], [301, 700, 550]);
  assert.equal(rows(story, { from: 550 }).length, 451);
  assert.equal(story.further("lobby", 1), null);
});

test("what happens in a room is counted in, and what its operator may do is offered", () => {
  const known = new Known();
  const here = [{ nick: "ada", hue: 0, role: "operator" }, { nick: "bob", hue: 1 }];
  known.set({ room: "bench4", here, members: 2 });
  const happens = (entry) => known.take({ seq: 1, hue: 0, room: "bench4", from: "ada", ...entry });
  const names = () => [...known.of("bench4").people.values()].map(({ nick, role }) => `${nick}${role ? ` ${role}` : ""}`);
  happens({ type: "changed", changes: [{ mode: "moderated" }, { mode: "voice", nick: "bob" }, { mode: "ban", mask: "troll*" }, { mode: "limit", limit: 9 }] });
  happens({ type: "joined", from: "cleo" });
  happens({ type: "renamed", from: "bob", nick: "rob", room: undefined });
  happens({ type: "topic", text: "probes" });
  assert.deepEqual(names(), ["ada operator", "cleo", "rob voice"]);
  const about = known.of("bench4");
  assert.deepEqual([about.topic.text, [...about.modes], about.limit, about.bans], ["probes", ["moderated"], 9, [{ text: "troll*" }]]);
  const me = { me: "ada", room: "bench4", about, keeps: true };
  const lines = (offers) => offers.map((offer) => offer.line);
  assert.deepEqual(lines(offersFor("rob", me)), ["@rob ", "/op rob", "/devoice rob", "/mute rob", "/kick rob ", "/ban rob"]);
  assert.deepEqual(lines(offersFor("cleo", { ...me, keeps: false })), ["@cleo "]);
  assert.deepEqual(lines(offersFor("eve", me)), ["@eve ", "/invite eve"]);
  assert.deepEqual(lines(offersAbout(me)), [
    "/topic probes", "/invite ", "/mode +i", "/mode -m", "/mode +s", "/mode +t", "/mode +k ", "/mode -l", "/unban troll*", "/leave bench4",
  ]);
  for (const offer of [...offersFor("rob", me), ...offersAbout(me)]) {
    assert.equal(understand(offer.line.replace(/ $/u, " 9"), "bench4").slip, undefined, `${offer.line} is understood`);
  }
  happens({ type: "topic", text: "#4 and #5" });
  assert.equal(understand(lines(offersAbout(me))[0], "bench4").ask.text, "#4 and #5");
  happens({ type: "kicked", nick: "rob" });
  happens({ type: "departed", from: "cleo", room: undefined });
  happens({ type: "changed", changes: [{ mode: "operator", on: false, nick: "ada" }, { mode: "ban", on: false, mask: "troll*" }] });
  assert.deepEqual([names(), about.bans], [["ada"], []]);
  assert.equal(happens({ type: "arrived", from: "dan", door: "native", room: undefined }), true, "dan may be in it");
});
