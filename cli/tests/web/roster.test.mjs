// Who is here: the same cases as cli/src/client/roster.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Roster } from "../../page/roster.js";

const here = (nick, rooms) => ({ nick, hue: 0, door: "native", idle: 0, ...(rooms && { rooms }) });
const names = (roster) => roster.list().map((person) => person.nick);
const both = ["lab", "lobby"];

// Ada's, as of entry 9: bob is in the lobby, cleo in the lab too, dan in neither.
function ofAda() {
  const roster = new Roster();
  roster.set("ada", [here("ada", both), here("bob"), here("cleo", both), here("dan", [])], 0, 9);
  return roster;
}

test("somebody whose coming one was not shown is here once they enter a room", () => {
  const roster = new Roster();
  roster.set("ada", [here("ada")], 0, 4);
  roster.take({ seq: 5, type: "joined", from: "cleo", hue: 2, room: "lobby" }, ["lobby"]);
  assert.deepEqual(roster.list().map((person) => [person.nick, person.door]), [["ada", "native"], ["cleo", undefined]]);
  roster.take({ seq: 7, type: "departed", from: "cleo", hue: 2, why: "quit" }, ["lobby"]);
  assert.deepEqual(names(roster), ["ada"]);
});

test("who leaves the last room that is shared is not here any more", () => {
  const roster = ofAda();
  const after = (entry) => [roster.take(entry, both), names(roster)];
  assert.deepEqual(after({ seq: 9, type: "left", from: "bob", room: "lobby" }), [false, ["ada", "bob", "cleo"]]);
  assert.deepEqual(after({ seq: 10, type: "left", from: "cleo", room: "lobby" }), [false, ["ada", "bob", "cleo"]]);
  assert.deepEqual(after({ seq: 11, type: "left", from: "bob", room: "lobby" }), [false, ["ada", "cleo"]]);
  assert.deepEqual(after({ seq: 12, type: "kicked", from: "bob", nick: "cleo", room: "lab" }), [false, ["ada"]]);
  assert.deepEqual(after({ seq: 13, type: "joined", from: "bob", hue: 1, room: "lab" }), [false, ["ada", "bob"]]);
  assert.deepEqual(after({ seq: 14, type: "renamed", from: "bob", nick: "rob" }), [false, ["ada", "rob"]]);
  assert.deepEqual(after({ seq: 15, type: "kicked", from: "ada", nick: "rob", room: "lab", own: true }), [false, ["ada"]]);
  assert.equal(roster.size, 1);
});

test("whoever leaves a room or is put out of it hears no more of those inside", () => {
  const roster = ofAda();
  assert.equal(roster.take({ seq: 10, type: "left", from: "ada", room: "lobby" }, both), false);
  assert.deepEqual(names(roster), ["ada", "cleo"]);
  assert.equal(roster.take({ seq: 11, type: "renamed", from: "ada", nick: "Ada" }, ["lab"]), false);
  assert.equal(roster.take({ seq: 12, type: "kicked", from: "cleo", nick: "Ada", room: "lab" }, ["lab"]), false);
  assert.deepEqual(names(roster), ["Ada"]);
});

test("what entries leave open is asked", () => {
  const roster = ofAda();
  assert.equal(roster.take({ seq: 10, type: "arrived", from: "eve", hue: 4, door: "native" }, both), false);
  assert.equal(roster.take({ seq: 11, type: "left", from: "eve", room: "lobby" }, both), true);
  roster.set("ada", [here("ada"), here("eve", ["lab"])], 0, 11);
  assert.deepEqual(names(roster), ["ada", "eve"]);
  assert.equal(roster.take({ seq: 12, type: "joined", from: "ada", room: "den", own: true }, both), true);
  assert.equal(roster.take({ seq: 13, type: "departed", from: "eve", why: "quit" }, both), false);
  assert.equal(roster.take({ seq: 14, type: "arrived", from: "eve", hue: 4, door: "native" }, ["lobby"]), false);
  assert.equal(roster.take({ seq: 15, type: "left", from: "eve", room: "lobby" }, ["lobby"]), false);
  assert.deepEqual(names(roster), ["ada"]);
});
