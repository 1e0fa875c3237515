//! What befalls the server, its log and its disk.

use super::script::Script;
use super::{Body, Scenario};
use crate::marks::Mark;
use crate::plan::{Plan, Trouble};

const ADA: usize = 0;
const BOB: usize = 1;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "crash-after-append",
        teaches: "the server dies after a line was stored and before its answer: the answer comes with the resume",
        reaches: &[Mark::CrashKept, Mark::AnswerLost],
        body: Body::Plan(crash_after_append),
    },
    Scenario {
        name: "crash-before-durable",
        teaches: "the server dies before a line was stored: nobody was told of it, and it is sent and stored again",
        reaches: &[Mark::CrashLost],
        body: Body::Plan(crash_before_durable),
    },
    Scenario {
        name: "power-loss",
        teaches: "nothing tells a client that the power failed: its silence does, and the rest is a resume like any",
        reaches: &[Mark::ClientSilence],
        body: Body::Plan(power_loss),
    },
    Scenario {
        name: "torn-write",
        teaches: "the power fails within a commit, of which some sectors are on the disk: it never was, and is asked again",
        reaches: &[Mark::CrashInCommit, Mark::TornCommit, Mark::OpenedUnclean],
        body: Body::Plan(torn_write),
    },
    Scenario {
        name: "stop-and-start",
        teaches: "a server that stops in order tells everyone, and is found again",
        reaches: &[Mark::Stopped, Mark::GraceCancelled],
        body: Body::Plan(stop_and_start),
    },
    Scenario {
        name: "disk-full",
        teaches: "a full disk ends storing, and is said: nothing is accepted, reading goes on, a restart takes it up again",
        reaches: &[Mark::LogLost, Mark::NotStoring],
        body: Body::Plan(disk_full),
    },
    Scenario {
        name: "fsync-error",
        teaches: "after an error of fsync nothing is tried again: what was under way is known after a restart, not before",
        reaches: &[Mark::LogLost, Mark::NotStoring],
        body: Body::Plan(fsync_error),
    },
    Scenario {
        name: "clock-jump",
        teaches: "the time of day jumps back: the order is the log's, and the times shown never go backwards",
        reaches: &[Mark::ClockWentBack],
        body: Body::Plan(clock_jump),
    },
];

fn killed_within_a_commit(seed: u64) -> Plan {
    Script::with(&["ada", "bob"])
        .seed(seed)
        .fsync_ms(80)
        .say(500, ADA, "hello")
        .say(1_000, BOB, "is this kept?")
        .fault(1_050, Trouble::Kill { power: false, down_ms: 300 })
        .say(2_500, ADA, "it is")
        .until(4_000)
}

fn crash_after_append() -> Plan {
    killed_within_a_commit(2)
}

fn crash_before_durable() -> Plan {
    killed_within_a_commit(3)
}

fn power_loss() -> Plan {
    Script::with(&["ada", "bob"])
        .say(500, ADA, "hello")
        .fault(1_000, Trouble::Kill { power: true, down_ms: 2_500 })
        .say(1_100, BOB, "said into the dark")
        .until(5_000)
}

fn torn_write() -> Plan {
    Script::with(&["ada", "bob"])
        .in_tcp()
        .say(500, ADA, "hello")
        .fault(900, Trouble::PowerAtOperation { operation: 5, down_ms: 2_000 })
        .say(1_000, BOB, "half of this is on the disk")
        .say(4_500, ADA, "and all of it in the log")
        .until(6_000)
}

fn stop_and_start() -> Plan {
    Script::with(&["ada", "bob"])
        .say(500, ADA, "hello")
        .fault(1_000, Trouble::Stop { down_ms: 400 })
        .say(1_200, BOB, "typed meanwhile")
        .until(3_000)
}

fn disk_full() -> Plan {
    Script::with(&["ada", "bob"])
        .say(500, ADA, "hello")
        .fault(1_000, Trouble::LogLost { fsync: false, for_ms: 2_000 })
        .say(1_500, BOB, "nobody can take this yet")
        .until(5_000)
}

fn fsync_error() -> Plan {
    Script::with(&["ada", "bob"])
        .seed(3)
        .fsync_ms(80)
        .say(500, ADA, "hello")
        .say(1_000, BOB, "kept, or not?")
        .fault(1_050, Trouble::LogLost { fsync: true, for_ms: 1_500 })
        .until(5_000)
}

fn clock_jump() -> Plan {
    Script::with(&["ada", "bob"])
        .say(500, ADA, "it is noon")
        .fault(1_000, Trouble::ClockJump { by_ms: -7_200_000 })
        .say(1_500, BOB, "it still is")
        .fault(2_000, Trouble::ClockJump { by_ms: 10_800_000 })
        .say(2_500, ADA, "one already")
        .until(3_000)
}
