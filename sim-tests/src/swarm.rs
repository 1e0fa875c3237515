//! A seed makes a plan: which kinds of faults exist at all in this run (a random subset), how often, how long; how many
//! people, what they do; limits, latencies, sizes. Runs thus differ in kind, not only in detail.

mod scenes;

use causerie_core::limits::PEOPLE_NAMED_MAX;

use crate::entropy::{Entropy, Stream};
use crate::plan::{Deed, Disk, Fault, Keeps, Kind, Malice, Network, Person, Plan, Room, Trouble, Way, What, World};

const NAMES: [&str; 8] = ["ada", "bob", "cleo", "dan", "eve", "finn", "gül", "hugo"];
const ROOMS: [&str; 4] = ["lobby", "lobby", "x", "y"];

/// A kind of fault, and how many of it a run has at most, so that progress stays possible.
const KINDS: [(&str, u64); 17] = [
    ("cut", 4),
    ("one-way cut", 3),
    ("hold", 3),
    ("reset", 6),
    ("dark", 3),
    ("restart", 4),
    ("kill", 3),
    ("stop", 2),
    ("log lost", 1),
    ("log stall", 2),
    ("slow", 4),
    ("spike", 2),
    ("second", 2),
    ("clock jump", 2),
    ("stranger", 4),
    ("crowd", 1),
    ("power at operation", 2),
];

/// How much there is in a plan: a run in the tcp world costs a thousand times as much.
struct Scale {
    /// The longest that faults go on, in seconds.
    faults_s_max: u64,
    /// The most people; in some runs there are `more`.
    people_max: u64,
    more: u64,
    /// Runs out of a hundred in which nobody is patient.
    brisk_percent: u64,
    /// How many faults of one kind there are at most, of those there could be.
    share_of_cap: u64,
}

const PURE: Scale = Scale { faults_s_max: 14, people_max: 5, more: 3, brisk_percent: 60, share_of_cap: 1 };
const TCP: Scale = Scale { faults_s_max: 7, people_max: 4, more: 1, brisk_percent: 85, share_of_cap: 2 };

const fn scale(world: World) -> Scale {
    match world {
        World::Pure => PURE,
        World::Tcp => TCP,
    }
}

/// The plan of a seed for the pure world.
#[must_use]
pub fn plan(seed: u64) -> Plan {
    plan_for(seed, World::Pure)
}

/// The plan of a seed for a world.
#[must_use]
pub fn plan_for(seed: u64, world: World) -> Plan {
    let scale = scale(world);
    let entropy = Entropy::new(seed);
    let mut draw = entropy.stream(1);
    let faults_ms = draw.range(4, scale.faults_s_max) * 1_000;
    let people = people(entropy, &mut draw, faults_ms, &scale);
    let room = room(&mut draw, people.len(), &scale);
    let network = network(&mut draw);
    let disk = Disk { fsync_us: *draw.pick(&[100, 300, 2_000, 15_000]), jitter_us: *draw.pick(&[50, 500, 10_000]) };
    let mut plan = Plan {
        seed,
        world,
        faults_ms,
        settle_ms: 100_000,
        room,
        network,
        disk,
        deeds: Vec::new(),
        faults: Vec::new(),
        people,
    };
    plan.deeds = deeds(&plan, &mut entropy.stream(2));
    keep_order(&mut plan, &mut entropy.stream(5));
    plan.faults = faults(&plan, &mut entropy.stream(3), &scale);
    scenes::play_out(&mut plan, entropy, &scale);
    plan
}

/// A plan as it is up to a moment and including it: what was to be done and to go wrong after it is another seed's.
#[must_use]
pub fn future(plan: &Plan, from_us: u64, seed: u64) -> Plan {
    let scale = scale(plan.world);
    let entropy = Entropy::new(seed);
    let later = |at_ms: u64| at_ms * 1_000 > from_us;
    let mut future = plan.clone();
    let next = plan.deeds.iter().map(|deed| deed.id).max().map_or(0, |id| id + 1);
    future.deeds.retain(|deed| !later(deed.at_ms));
    let deeds = deeds(plan, &mut entropy.stream(2)).into_iter().filter(|deed| later(deed.at_ms));
    future.deeds.extend(deeds.map(|deed| Deed { id: next + deed.id, ..deed }));
    let next = plan.faults.iter().map(|fault| fault.id).max().map_or(0, |id| id + 1);
    future.faults.retain(|fault| !later(fault.at_ms));
    let faults = faults(plan, &mut entropy.stream(3), &scale).into_iter().filter(|fault| later(fault.at_ms));
    future.faults.extend(faults.map(|fault| Fault { id: next + fault.id, ..fault }));
    future
}

fn people(entropy: Entropy, draw: &mut Stream, faults_ms: u64, scale: &Scale) -> Vec<Person> {
    let count = draw.range(2, scale.people_max) + if draw.percent(15) { scale.more } else { 0 };
    let count = usize::try_from(count).expect("a small number");
    let texts = *draw.pick(&[0, 20, 20, 50]);
    let person = |(i, name): (usize, &&str)| {
        let text = i > 0 && draw.percent(texts);
        let late = draw.percent(20);
        Person {
            name: (*name).to_owned(),
            kind: if text { Kind::Text } else { Kind::Native },
            from_ms: if late { draw.below(faults_ms) } else { draw.below(300) },
        }
    };
    let mut people: Vec<Person> = NAMES.iter().take(count).enumerate().map(person).collect();
    // What a guest uses is drawn apart: it changes nothing else of the plan.
    let mut draw = entropy.stream(6);
    for person in people.iter_mut().filter(|person| person.kind == Kind::Text) {
        let irc = |echo| Kind::Irc { echo, account: false };
        person.kind = *draw.pick(&[Kind::Text, irc(false), irc(true)]);
    }
    let mut draw = entropy.stream(11);
    for person in &mut people {
        if let Kind::Irc { account, .. } = &mut person.kind {
            *account = draw.percent(50);
        }
    }
    people
}

fn room(draw: &mut Stream, people: usize, scale: &Scale) -> Room {
    let tight = draw.percent(25);
    Room {
        tiny: draw.percent(50),
        brisk: draw.percent(scale.brisk_percent),
        rated: draw.percent(30),
        sessions_max: if tight { people + 1 } else { 64 },
        unnamed_max: if tight { people + 2 } else { 256 },
    }
}

fn network(draw: &mut Stream) -> Network {
    Network {
        latency_us: *draw.pick(&[100, 1_000, 10_000, 80_000]),
        jitter_us: *draw.pick(&[0, 1_000, 20_000, 200_000]),
        split_percent: *draw.pick(&[0, 10, 60]),
        merge_percent: *draw.pick(&[0, 50, 100]),
        window_bytes: *draw.pick(&[300, 4_096, 65_536]),
    }
}

fn deeds(plan: &Plan, draw: &mut Stream) -> Vec<Deed> {
    let count = draw.range(4, 12) * (plan.people.len() as u64) / *draw.pick(&[1, 1, 2, 4]);
    let weights =
        [40, draw.below(20), draw.below(3), draw.below(14), draw.below(14), draw.below(8), draw.below(8), 1, 1];
    let deed = |i| {
        let who = usize::try_from(draw.below(plan.people.len() as u64)).expect("a small number");
        let from = plan.people[who].from_ms;
        let at_ms = from + draw.below((plan.faults_ms + 500).saturating_sub(from).max(1));
        Deed { id: i, at_ms, who, what: what(plan, &weights, draw), words: String::new() }
    };
    let mut deeds: Vec<Deed> = (0..u32::try_from(count).unwrap_or(100)).map(deed).collect();
    deeds.sort_by_key(|deed| (deed.at_ms, deed.id));
    deeds
}

/// In half of the runs some of what people do is about the order in rooms: beside the rest, and drawn from a stream of its
/// own, so that it changes nothing else.
fn keep_order(plan: &mut Plan, draw: &mut Stream) {
    if draw.percent(50) {
        return;
    }
    let from = u32::try_from(plan.deeds.len()).expect("few deeds");
    for id in from..from + u32::try_from(draw.range(4, 18)).expect("a small number") {
        let who = usize::try_from(draw.below(plan.people.len() as u64)).expect("a small number");
        let comes = plan.people[who].from_ms;
        let at_ms = comes + draw.below((plan.faults_ms + 500).saturating_sub(comes).max(1));
        let line = order_line(plan, draw);
        plan.deeds.push(Deed { id, at_ms, who, what: What::Order { line }, words: String::new() });
    }
    plan.deeds.sort_by_key(|deed| (deed.at_ms, deed.id));
}

fn order_line(plan: &Plan, draw: &mut Stream) -> String {
    let name = draw.pick(&plan.people).name.clone();
    let room = *draw.pick(&["x", "x", "x", "y", "lobby", "lobby"]);
    match draw.below(24) {
        0..=3 => format!("/kick #{room} {name} d"),
        4 | 5 => format!("/invite {name} #{room}"),
        6 => format!("/topic #{room} about {name}"),
        7 | 8 => format!("/op #{room} {name}"),
        9 => format!("/deop #{room} {name}"),
        10..=12 => {
            let modes = draw.pick(&[
                "+i", "+i", "+m", "+m", "+im", "-im", "+k key", "-k", "+l 2", "-l", "+s-t", "+t", "+v-m ada", "-imkl",
            ]);
            format!("/mode #{room} {modes}")
        }
        13 => format!("/ban #{room} {}*", name.chars().take(1).collect::<String>()),
        14 => format!("/unban #{room} {name} {}*", name.chars().take(1).collect::<String>()),
        15 => format!("/mute #{room} {name}"),
        16 => format!("/join {room} key"),
        17 => format!("/who {room}"),
        18..=20 => format!("/join {room}"),
        _ => "/oper root sesame".to_owned(),
    }
}

fn what(plan: &Plan, weights: &[u64], draw: &mut Stream) -> What {
    let room = (*draw.pick(&ROOMS)).to_owned();
    let side = (*draw.pick(&ROOMS[2..])).to_owned();
    match weighted(weights, draw) {
        0 => What::Say { room, bytes: usize::try_from(*draw.pick(&[0, 0, 0, 0, 0, 90, 700])).expect("a small number") },
        1 => {
            let mut to = vec![draw.pick(&plan.people).name.clone()];
            if draw.percent(30) {
                to.push(draw.pick(&plan.people).name.clone());
            }
            if draw.percent(4) {
                to.resize(PEOPLE_NAMED_MAX + 1, to[0].clone()); // One too many.
            }
            What::Private { to }
        }
        2 => What::Burst { count: u32::try_from(draw.range(3, 45)).expect("a small number") },
        3 => What::Join { room: side },
        4 => What::Leave { room: if draw.percent(20) { room } else { side } },
        5 => {
            let name = draw.pick(&plan.people).name.clone();
            What::Nick { nick: if draw.percent(50) { name } else { format!("{name}{}", draw.below(4)) } }
        }
        6 => What::History { room, further: draw.percent(50) },
        7 => What::Who,
        _ => What::Quit,
    }
}

fn weighted(weights: &[u64], draw: &mut Stream) -> usize {
    let mut at = draw.below(weights.iter().sum());
    for (i, weight) in weights.iter().enumerate() {
        if at < *weight {
            return i;
        }
        at -= weight;
    }
    0
}

fn faults(plan: &Plan, draw: &mut Stream, scale: &Scale) -> Vec<Fault> {
    let share = *draw.pick(&[0, 15, 30, 30, 60]);
    let mut faults = Vec::new();
    for (kind, cap) in KINDS {
        // Every kind draws from a stream of its own: another cap changes no other kind.
        let mut draw = Entropy::new(draw.draw()).stream(4);
        if !draw.percent(share) {
            continue;
        }
        for _ in 0..draw.range(1, cap.div_ceil(scale.share_of_cap)) {
            let at_ms = draw.below(plan.faults_ms);
            faults.push(Fault { id: 0, at_ms, what: trouble(plan, kind, &mut draw) });
        }
    }
    faults.sort_by_key(|fault| fault.at_ms);
    for (id, fault) in (0..).zip(&mut faults) {
        fault.id = id;
    }
    faults
}

fn trouble(plan: &Plan, kind: &str, draw: &mut Stream) -> Trouble {
    let who = usize::try_from(draw.below(plan.people.len() as u64)).expect("a small number");
    let for_ms = duration(draw);
    let way = *draw.pick(&[Way::Up, Way::Down]);
    match kind {
        "cut" => Trouble::Cut { who, for_ms },
        "one-way cut" => Trouble::CutOneWay { who, way, for_ms },
        "hold" => Trouble::Hold { who, for_ms },
        "reset" => Trouble::Reset { who, at: way, lossy: draw.percent(50) },
        "dark" => Trouble::Dark { who },
        "restart" => {
            let keeps = *draw.pick(&[Keeps::All, Keeps::All, Keeps::Old, Keeps::Nothing]);
            Trouble::Restart { who, keeps, down_ms: for_ms }
        }
        "kill" => Trouble::Kill { power: draw.percent(50), down_ms: for_ms.min(3_000) },
        "stop" => Trouble::Stop { down_ms: for_ms.min(3_000) },
        "log lost" => Trouble::LogLost { fsync: draw.percent(50), for_ms },
        "log stall" => Trouble::LogStall { for_ms },
        "slow" => Trouble::Slow { who, for_ms },
        "spike" => Trouble::Spike { extra_ms: draw.range(50, 1_500), for_ms },
        "second" => Trouble::Second { who },
        "clock jump" => Trouble::ClockJump { by_ms: draw.range(0, 20_000_000).cast_signed() - 10_000_000 },
        "power at operation" => Trouble::PowerAtOperation { operation: draw.range(1, 60), down_ms: for_ms.min(3_000) },
        "crowd" => Trouble::Crowd { count: u32::try_from(draw.range(2, 12)).expect("a small number"), for_ms },
        _ => Trouble::Stranger { malice: *draw.pick(&MALICE) },
    }
}

/// Mostly shorter than a grace period, sometimes longer than anything.
fn duration(draw: &mut Stream) -> u64 {
    match draw.below(10) {
        0..=3 => draw.range(1, 200),
        4..=7 => draw.range(200, 2_000),
        8 => draw.range(2_000, 6_000),
        _ => draw.range(6_000, 20_000),
    }
}

const MALICE: [Malice; 10] = [
    Malice::Noise,
    Malice::Endless,
    Malice::BrokenJson,
    Malice::NoHello,
    Malice::Http,
    Malice::Tls,
    Malice::Irc,
    Malice::Escapes,
    Malice::Unclean,
    Malice::Silence,
];
