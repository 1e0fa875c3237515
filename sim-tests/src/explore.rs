//! A walk through every state that a small world can come to: `cargo sim explore`.
//!
//! The random worlds draw some of the orders in which things can happen; here, with two people who say a thing or two, all
//! of them are tried, nearest first, so that the first broken promise comes with a shortest way to it. In every state the
//! log and what each person was shown are held against the same checks as everywhere; where nothing is left to happen,
//! everybody must be online, everything answered and everything said in the log once, in its author's order.
//!
//! **A state** is the two machines of `core` as they are, the bytes on their way, the log, the history, what was shown,
//! and how many faults may still come. Parts are told apart by equality and numbered (`table`), so a state is a few
//! numbers, nothing is merged that differs, and what a machine makes of an input is worked out once (`machines`).
//! Machines are pure, so that is the same.
//!
//! **What can happen** (`Action`): somebody's program gets the connection it wants; somebody says the next thing;
//! the next chunk on a connection arrives, one way or the other; the next record becomes durable; history answers. And
//! trouble, each kind as often as [`Bounds`] say: the server dies, any first part of what was not durable is kept, and it
//! starts again from the log; the connection of one person dies and what was on it is lost (or, with `late`, any first part
//! of what was on its way up arrives at any time after), its client knows at once and the server at any time later; a
//! deadline of the server's comes (what has not come back is proposed again, a grace period ends).
//!
//! **What is not explored.** A chunk is what a machine gave at once: it is neither cut nor joined. What the server has to
//! write is written at once, so nobody reads slowly and no ring overflows. Time stands still, but for a client's pauses
//! before it connects again and for `deadlines`: there are no heartbeats, no idle connections, no rates, no connections
//! that are refused or never made, and deadlines armed at one moment come together. Client programs do not die, nor do logs and
//! histories; people are two, keyed, in one room, and neither go nor whisper. The random worlds have all of that.
//!
//! **What is left out because it leads nowhere else.** Always: records become durable one at a time, because several at
//! once are several in a row; a dying server takes the connections along at once and is started at once, because until
//! then a client can do nothing that it could not have done before; a connection the server closes is closed at once; it
//! is always the first person's connection that dies, because the two differ in nothing but their names. With `reduced`,
//! a step that commutes with everything that may still happen is the only one taken: nobody asks before they are connected
//! and their welcome is on its way; and once no crash and no cut may come any more, connections are made first, then
//! whoever has nothing left to say is brought what is on its way to them, and then, while no history is being read, no
//! end of a connection is on its way and no deadline may come, records become durable. A test walks small worlds both ways
//! and compares what they end in.

mod choices;
mod command;
mod host;
mod judge;
mod machines;
mod table;
mod tell;
mod world;

use std::collections::BTreeSet;

use self::choices::Action;
pub use self::command::{Size, command};
use self::judge::Judge;
use self::machines::Machines;
use self::table::Table;
use self::world::{Net, World};
use crate::checks::{Broken, Promise};
use crate::entropy::digest;

/// How large the world is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// How many things each of the two says: at most three.
    pub messages: [u8; 2],
    /// How often the server crashes, at most.
    pub crashes: u8,
    /// How often a connection dies, at most.
    pub cuts: u8,
    /// What was on its way up a connection that dies may arrive yet, long after.
    pub late: bool,
    /// How often a deadline of the server's comes, at most.
    pub deadlines: u8,
    /// Leave out orders of events that lead to what others lead to.
    pub reduced: bool,
}

/// What a walk came to.
#[derive(Debug)]
pub struct Explored {
    /// Different states.
    pub states: usize,
    /// Ways from one to the next.
    pub transitions: u64,
    /// Events on the shortest way to the farthest state.
    pub depth: usize,
    /// States in which nothing happens any more unless there is more trouble.
    pub settled: usize,
    /// The first broken promise on a shortest way, and that way.
    pub broken: Option<(Broken, Vec<String>)>,
    /// The different logs, with what the two were shown of them, that these end with: digests.
    pub ends: BTreeSet<u64>,
}

/// Walks through every state within the bounds, nearest first, until a promise is broken. `watch` hears now and then how
/// many states there are.
#[must_use]
pub fn explore(bounds: &Bounds, promises: &[Promise], mut watch: impl FnMut(usize)) -> Explored {
    let mut walk = Walk::new(*bounds, promises);
    let (mut level_end, mut next) = (walk.worlds.len(), 0);
    while next < walk.worlds.len() && walk.explored.broken.is_none() {
        if next == level_end {
            level_end = walk.worlds.len();
            walk.explored.depth += 1;
        }
        if next % (1 << 18) == 0 {
            watch(walk.worlds.len());
        }
        walk.go_on_from(u32::try_from(next).expect("there are fewer than four billion"));
        next += 1;
    }
    walk.finish()
}

struct Walk<'a> {
    bounds: Bounds,
    machines: Machines,
    nets: Table<Net>,
    worlds: Table<World>,
    /// How each was first come to.
    ways: Vec<(u32, Action)>,
    judge: Judge<'a>,
    /// The logs and transcripts of settled states.
    ends: Table<[u32; 3]>,
    explored: Explored,
}

impl<'a> Walk<'a> {
    fn new(bounds: Bounds, promises: &'a [Promise]) -> Self {
        let explored =
            Explored { states: 0, transitions: 0, depth: 0, settled: 0, broken: None, ends: BTreeSet::new() };
        let (mut machines, mut nets, mut worlds) = (Machines::default(), Table::default(), Table::default());
        let first = World::first(&mut machines, &mut nets, &bounds).expect("a server starts");
        worlds.number(first);
        let ways = vec![(0, Action::Commit)];
        Self { bounds, machines, nets, worlds, ways, judge: Judge::new(promises), ends: Table::default(), explored }
    }

    /// Takes every step from a state.
    fn go_on_from(&mut self, number: u32) {
        let world = *self.worlds.get(number);
        let net = self.nets.get(world.net).clone();
        let actions = world.actions(&self.machines, &net, &self.bounds);
        let settled = actions.iter().all(|action| action.is_fault());
        if let Some(broken) = self.judge.judge(&self.machines, &world, settled, &self.bounds) {
            let way = self.way_to(number);
            self.explored.broken = Some((broken, way));
            return;
        }
        if settled {
            self.explored.settled += 1;
            self.ends.number([world.stored, world.people[0].told, world.people[1].told]);
        }
        for action in actions {
            let mut net = net.clone();
            match world.after(&mut self.machines, &mut net, action) {
                Ok(mut after) => {
                    after.net = self.nets.number(net).0;
                    self.explored.transitions += 1;
                    if self.worlds.number(after).1 {
                        self.ways.push((number, action));
                    }
                }
                Err(panic) => {
                    let mut way = self.way_to(number);
                    way.push(world.tell(&self.machines, self.nets.get(world.net), action));
                    let broken = Broken::new("panic", format!("a machine gave up: {panic}"));
                    self.explored.broken.get_or_insert((broken, way));
                }
            }
        }
    }

    /// The events on the way to a state, in words.
    fn way_to(&self, mut number: u32) -> Vec<String> {
        let mut way = Vec::new();
        while number > 0 {
            let (before, action) = self.ways[number as usize];
            let world = self.worlds.get(before);
            way.push(world.tell(&self.machines, self.nets.get(world.net), action));
            number = before;
        }
        way.reverse();
        way
    }

    fn finish(mut self) -> Explored {
        self.explored.states = self.worlds.len();
        let machines = &self.machines;
        let records = |list| machines.lists.get(list).iter().map(|record| machines.records.get(*record));
        let told = |list| machines.lists.get(list).iter().map(|news| machines.news.get(*news));
        let words = |[stored, ada, bob]: [u32; 3]| {
            format!(
                "{:?}",
                (records(stored).collect::<Vec<_>>(), told(ada).collect::<Vec<_>>(), told(bob).collect::<Vec<_>>())
            )
        };
        let ends = (0..self.ends.len()).map(|end| u32::try_from(end).expect("they are numbered"));
        self.explored.ends = ends.map(|end| digest(words(*self.ends.get(end)).as_bytes())).collect();
        self.explored
    }
}

#[cfg(test)]
mod tests;
