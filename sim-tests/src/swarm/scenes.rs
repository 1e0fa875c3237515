//! Scenes: a few deeds and faults that belong together, because what they lead to would be too rare if each were drawn
//! alone. Each is in some of the runs, beside the rest, and drawn from a stream of its own, so that it changes nothing else.

use super::{Scale, duration};
use crate::entropy::{Entropy, Stream};
use crate::plan::{Deed, Fault, Keeps, Kind, Malice, Plan, Trouble, What, World};

/// Adds the scenes of a run to its plan.
pub(super) fn play_out(plan: &mut Plan, entropy: Entropy, scale: &Scale) {
    let mut draw = entropy.stream(5);
    if draw.percent(6) {
        sleeper(plan, &mut draw, scale);
    }
    for (stream, percent, scene) in SCENES {
        let mut draw = entropy.stream(*stream);
        if draw.percent(*percent) {
            scene(plan, &mut draw);
        }
    }
    plan.deeds.sort_by_key(|deed| (deed.at_ms, deed.id));
    plan.faults.sort_by_key(|fault| (fault.at_ms, fault.id));
}

/// A stream, in how many runs out of a hundred, and what is added.
type Scene = (u64, u64, fn(&mut Plan, &mut Stream));

const SCENES: &[Scene] = &[
    (7, 6, out_of_reach),
    (8, 9, robbed_of_a_name),
    (9, 12, in_haste),
    (10, 5, a_full_house),
    (12, 6, a_commit_cut_short),
    (13, 5, after_the_door_fell_shut),
];

/// Somebody who cannot get through from the start, for longer than a client waits for a connection.
fn out_of_reach(plan: &mut Plan, draw: &mut Stream) {
    let who = anybody(plan, draw);
    if plan.people[who].kind == Kind::Native {
        plan.people[who].from_ms = draw.range(50, 400);
        plan.faults_ms = plan.faults_ms.max(6_000);
        let for_ms = plan.faults_ms;
        // Over tcp a cut is noticed at once, and what is held is not.
        let what = match plan.world {
            World::Pure => Trouble::Cut { who, for_ms },
            World::Tcp => Trouble::Hold { who, for_ms },
        };
        add_fault(plan, 0, what);
    }
}

/// Somebody comes back to find that they are called something else: the name was taken once they were away.
fn robbed_of_a_name(plan: &mut Plan, draw: &mut Stream) {
    let who = anybody(plan, draw);
    let other = (who + 1) % plan.people.len();
    if plan.people[who].kind == Kind::Native && plan.room.brisk {
        let goes = plan.people[who].from_ms.max(plan.people[other].from_ms) + draw.range(500, 900);
        add_fault(plan, goes, Trouble::Restart { who, keeps: Keeps::All, down_ms: draw.range(2_200, 3_000) });
        let nick = plan.people[who].name.clone();
        add_deed(plan, goes + draw.range(1_300, 2_000), other, What::Nick { nick });
    }
}

/// Somebody at netcat does not wait to hear whether the name can be had, and somebody else has it.
fn in_haste(plan: &mut Plan, draw: &mut Stream) {
    let who = plan.people.len() - 1;
    plan.people[who].kind = Kind::Text;
    let nick = plan.people[who].name.clone();
    let taken = plan.people[0].from_ms + draw.range(200, 800);
    add_deed(plan, taken, 0, What::Nick { nick });
    plan.people[who].from_ms = plan.people[who].from_ms.max(taken + duration(draw).min(1_000));
}

/// As many seats as there are people, and strangers who sit down first.
fn a_full_house(plan: &mut Plan, draw: &mut Stream) {
    plan.room.sessions_max = plan.people.len();
    for _ in 0..2 {
        let at_ms = draw.below(500);
        add_fault(plan, at_ms, Trouble::Stranger { malice: Malice::Escapes });
    }
}

/// Somebody who reads nothing for a while, and asks much, and is told much.
fn sleeper(plan: &mut Plan, draw: &mut Stream, scale: &Scale) {
    let people = plan.people.len() as u64;
    let who = usize::try_from(draw.below(people)).expect("a small number");
    let from = plan.people[who].from_ms + 800;
    let next = plan.deeds.iter().map(|deed| deed.id).max().map_or(0, |id| id + 1);
    let count = draw.range(60, 200) / scale.share_of_cap;
    for id in next..next + u32::try_from(count).expect("a small number") {
        let other = usize::try_from(draw.below(people)).expect("a small number");
        let to = vec![plan.people[who].name.clone()];
        let (who, what) = match draw.below(5) {
            0 | 1 if other != who => (other, What::Private { to }),
            2 => (who, What::History { room: "lobby".to_owned(), further: false }),
            0 | 1 | 3 => (who, What::Who),
            _ => (other, What::Say { room: "lobby".to_owned(), bytes: 90 }),
        };
        plan.deeds.push(Deed { id, at_ms: from + draw.below(1_500), who, what, words: String::new() });
    }
    plan.network.window_bytes = 300; // Or the network would hold it all.
    add_fault(plan, from, Trouble::Slow { who, for_ms: draw.range(1_500, 6_000) });
}

/// Much is said at once, and the power fails while that is being stored.
fn a_commit_cut_short(plan: &mut Plan, draw: &mut Stream) {
    let who = anybody(plan, draw);
    let at_ms = plan.people[who].from_ms + draw.range(600, 1_500);
    add_deed(plan, at_ms, who, What::Burst { count: u32::try_from(draw.range(4, 12)).expect("a small number") });
    let operation = draw.range(1, 14);
    add_fault(plan, at_ms, Trouble::PowerAtOperation { operation, down_ms: draw.range(50, 500) });
}

/// Somebody makes a room that not everybody may enter, says something there and leaves it; another makes it anew, and reads.
fn after_the_door_fell_shut(plan: &mut Plan, draw: &mut Stream) {
    let who = anybody(plan, draw);
    let other = (who + 1) % plan.people.len();
    let room = || "z".to_owned();
    let mode = draw.pick(&["+k key", "+i", "+s", "+b nobody"]);
    let mut at_ms = plan.people[who].from_ms.max(plan.people[other].from_ms) + draw.range(300, 900);
    for (who, what) in [
        (who, What::Join { room: room() }),
        (who, What::Order { line: format!("/mode #z {mode}") }),
        (who, What::Say { room: room(), bytes: 0 }),
        (who, What::Leave { room: room() }),
        (other, What::Join { room: room() }),
        (other, What::History { room: room(), further: false }),
    ] {
        add_deed(plan, at_ms, who, what);
        at_ms += draw.range(100, 700);
    }
}

fn anybody(plan: &Plan, draw: &mut Stream) -> usize {
    usize::try_from(draw.below(plan.people.len() as u64)).expect("a small number")
}

fn add_fault(plan: &mut Plan, at_ms: u64, what: Trouble) {
    let id = plan.faults.iter().map(|fault| fault.id).max().map_or(0, |id| id + 1);
    plan.faults.push(Fault { id, at_ms, what });
}

fn add_deed(plan: &mut Plan, at_ms: u64, who: usize, what: What) {
    let id = plan.deeds.iter().map(|deed| deed.id).max().map_or(0, |id| id + 1);
    plan.deeds.push(Deed { id, at_ms, who, what, words: String::new() });
}
