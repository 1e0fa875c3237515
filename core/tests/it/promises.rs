//! Random days in the small world: whatever happens, once it is over, every client has been shown exactly what it may see,
//! in the log's order, its own words as acceptances.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::chat::{Chat, Outcome};
use causerie_core::limits::Limits;
use causerie_core::protocol::{ClientId, Entry, Event, Key, Position, Room, Seq};
use proptest::prelude::*;

use crate::world::World;

const NAMES: [&str; 3] = ["ada", "bob", "cleo"];

fn step() -> impl Strategy<Value = String> {
    let who = || (0..3usize).prop_map(|i| NAMES[i]);
    let room = || prop_oneof![Just("x"), Just("lobby")];
    prop_oneof![
        8 => (who(), "[a-z]{1,12}").prop_map(|(who, text)| format!("{who}: {text}")),
        3 => (who(), who(), "[a-z]{1,12}").prop_map(|(who, to, text)| format!("{who}: @{to} {text}")),
        2 => (who(), room()).prop_map(|(who, room)| format!("{who}: /join {room}")),
        2 => (who(), room()).prop_map(|(who, room)| format!("{who}: /leave {room}")),
        1 => (who(), 0..5u8).prop_map(|(who, i)| format!("{who}: /nick {who}{i}")),
        1 => who().prop_map(|who| format!("{who}: /history")),
        2 => (who(), who()).prop_map(|(who, whom)| format!("{who}: /kick #x {whom}")),
        1 => (who(), who()).prop_map(|(who, whom)| format!("{who}: /op #x {whom}")),
        1 => (who(), who()).prop_map(|(who, whom)| format!("{who}: /invite {whom} #x")),
        1 => (who(), prop_oneof![Just("+i"), Just("-i"), Just("+m-t"), Just("-m"), Just("+k key"), Just("-k")])
            .prop_map(|(who, modes)| format!("{who}: /mode #x {modes}")),
        1 => (who(), "[a-z]{1,8}").prop_map(|(who, topic)| format!("{who}: /topic #x {topic}")),
        1 => who().prop_map(|who| format!("{who}: /oper root sesame\n{who}: /kick #lobby {who}\n{who}: /join lobby")),
        2 => who().prop_map(|who| format!("{who} is cut")),
        3 => who().prop_map(|who| format!("{who} is back")),
        2 => who().prop_map(|who| format!("{who} stops reading")),
        2 => who().prop_map(|who| format!("{who} reads on")),
        1 => who().prop_map(|who| format!("{who} is killed\n{who} is started")),
        1 => Just("log holds".to_owned()),
        2 => Just("log goes on".to_owned()),
        1 => Just("server is killed\nserver is started".to_owned()),
        2 => (1..4u64).prop_map(|s| format!("{s} s pass")),
        1 => Just("12 s pass".to_owned()),
    ]
}

/// The log's facts, each with who may see it: by replaying the log, without asking the machines.
fn facts(world: &World) -> Vec<(Entry, BTreeSet<ClientId>)> {
    let mut chat = Chat::new();
    let mut members: BTreeMap<Room, BTreeSet<ClientId>> = BTreeMap::new();
    let mut facts = Vec::new();
    for (position, (at, record)) in world.stored.iter().enumerate() {
        for intent in &record.intents {
            let Outcome::Fact(entry) = chat.apply(Position(position as u64), *at, intent) else { continue };
            let mut audience: BTreeSet<ClientId> = entry.people().iter().map(|person| person.id).collect();
            for room in entry.rooms() {
                audience.extend(members.get(room).into_iter().flatten());
            }
            audience.remove(&entry.by);
            match &entry.event {
                Event::Arrived { rooms, .. } => {
                    rooms.iter().for_each(|room| {
                        members.entry(room.clone()).or_default().insert(entry.by);
                    });
                }
                Event::Joined { room } => {
                    members.entry(room.clone()).or_default().insert(entry.by);
                }
                Event::Left { room } | Event::Kicked { room, .. } => {
                    members.entry(room.clone()).or_default().remove(&entry.mover());
                }
                _ => {}
            }
            facts.push((entry, audience));
        }
    }
    facts
}

proptest! {

    #[test]
    fn everyone_is_shown_what_they_may_see_once_and_in_order(steps in prop::collection::vec(step(), 1..60), small in any::<bool>()) {
        let limits = if small {
            Limits { ring_bytes_max: 400, lane_bytes_max: 120, page_bytes_max: 200, snapshot_entries: 7, windows_max: 70,
                     rings_bytes_max: 1_000, loads_max: 1, ..Limits::unlimited() }
        } else {
            Limits { snapshot_entries: 13, ..Limits::unlimited() }
        };
        let mut world = World::new(limits);
        for name in NAMES {
            world.step(&format!("{name} arrives by client"));
        }
        for line in steps.iter().flat_map(|step| step.lines()) {
            world.step(line);
        }
        world.step("log goes on");
        for name in NAMES {
            world.step(&format!("{name} is back"));
            world.step(&format!("{name} reads on"));
        }
        world.step("40 s pass");
        let facts = facts(&world);
        for name in NAMES {
            let mut bytes = [0; 16];
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            let me = Key::new(bytes).client();
            let (waiting, lives) = world.shown(name);
            prop_assert_eq!(waiting, 0, "everything asked is answered");
            for life in &lives {
                prop_assert!(life.is_sorted_by(|(a, _), (b, _)| a < b), "{} was shown {:?}", name, life);
            }
            let shown: BTreeMap<Seq, bool> = lives.into_iter().flatten().collect();
            let saw = |(entry, audience): &(Entry, BTreeSet<ClientId>)| {
                let own = entry.by == me && entry.n.0 > 0;
                (own || audience.contains(&me)).then_some((entry.seq, own))
            };
            let expected: BTreeMap<Seq, bool> = facts.iter().filter_map(saw).collect();
            prop_assert_eq!(shown, expected, "{}", name);
        }
    }
}
