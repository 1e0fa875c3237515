//! What befalls people, their programs and their links.

use super::script::Script;
use super::{Body, Scenario};
use crate::marks::Mark;
use crate::plan::{Keeps, Plan, Trouble, What};

const ADA: usize = 0;
const BOB: usize = 1;
const CLEO: usize = 2;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "answer-lost",
        teaches: "a line whose answer was lost is sent again, and stands in the log once",
        reaches: &[Mark::GraceCancelled, Mark::AnswerLost],
        body: Body::Plan(answer_lost),
    },
    Scenario {
        name: "client-returns",
        teaches: "a client that dies and returns within its grace was never gone for the others, and misses nothing",
        reaches: &[Mark::GraceCancelled],
        body: Body::Plan(client_returns),
    },
    Scenario {
        name: "client-gone",
        teaches: "a client that stays away departs once, keeps its rooms, and reads on where it stopped",
        reaches: &[Mark::GraceEnded],
        body: Body::Plan(client_gone),
    },
    Scenario {
        name: "pending-commits",
        teaches: "what a dead client had asked is stored all the same, and told to its next life",
        reaches: &[Mark::AnswerLost],
        body: Body::Plan(pending_commits),
    },
    Scenario {
        name: "taken-over",
        teaches: "a second connection with the same key takes over, and the first does not come back by itself",
        reaches: &[Mark::TakenOver],
        body: Body::Plan(taken_over),
    },
    Scenario {
        name: "two-programs",
        teaches: "two programs with one key use no number twice: each is answered for what it asked itself",
        reaches: &[Mark::TakenOver],
        body: Body::Plan(two_programs),
    },
    Scenario {
        name: "slow-reader",
        teaches: "who does not read holds nobody up, costs no memory, and reads on from history without a gap",
        reaches: &[Mark::FellBehind],
        body: Body::Plan(slow_reader),
    },
    Scenario {
        name: "nick-moved",
        teaches: "a private word goes to nobody who was not meant: the nick had moved, and the sender is told",
        reaches: &[Mark::NickTakenAway, Mark::NickMoved],
        body: Body::Plan(nick_moved),
    },
    Scenario {
        name: "netcat",
        teaches: "a guest at netcat departs with its connection, and comes back as somebody new",
        reaches: &[Mark::HungUp],
        body: Body::Plan(netcat),
    },
];

fn answer_lost() -> Plan {
    let cut = Trouble::Cut { who: BOB, for_ms: 2_000 };
    Script::with(&["ada", "bob"])
        .say(500, ADA, "are you there?")
        .say(1_000, BOB, "yes!")
        .fault(1_030, cut) // After the line has arrived, before its answer has.
        .say(2_000, ADA, "good")
        .until(4_000)
}

fn client_returns() -> Plan {
    Script::with(&["ada", "bob"])
        .say(500, BOB, "brb")
        .fault(1_000, Trouble::Restart { who: BOB, keeps: Keeps::All, down_ms: 600 })
        .say(1_200, ADA, "take your time")
        .say(2_500, BOB, "back")
        .until(3_000)
}

fn client_gone() -> Plan {
    Script::with(&["ada", "bob"])
        .act(500, BOB, What::Join { room: "tea".to_owned() })
        .act(500, ADA, What::Join { room: "tea".to_owned() })
        .fault(1_000, Trouble::Restart { who: BOB, keeps: Keeps::All, down_ms: 3_000 })
        .say(2_800, ADA, "bob?")
        .act(3_000, ADA, What::Who)
        .say(5_000, BOB, "here again")
        .until(6_000)
}

fn pending_commits() -> Plan {
    Script::with(&["ada", "bob"])
        .fsync_ms(60)
        .say(1_000, BOB, "and then the lights went")
        .fault(1_030, Trouble::Restart { who: BOB, keeps: Keeps::All, down_ms: 500 })
        .say(2_500, ADA, "they did")
        .until(3_000)
}

fn taken_over() -> Plan {
    Script::with(&["ada", "bob"])
        .say(500, ADA, "from the lab")
        .fault(1_000, Trouble::Second { who: ADA })
        .say(1_500, BOB, "where are you?")
        .say(2_000, ADA, "on the laptop")
        .until(3_000)
}

fn two_programs() -> Plan {
    let hold = Trouble::Hold { who: ADA, for_ms: 60 };
    Script::with(&["ada", "bob"])
        .say(500, ADA, "one")
        .fault(980, hold)
        .say(1_000, ADA, "two, held on its way")
        .fault(1_010, Trouble::Second { who: ADA })
        .say(1_015, ADA, "three, from elsewhere")
        .until(3_000)
}

fn slow_reader() -> Plan {
    let mut script = Script::with(&["ada", "bob", "cleo"])
        .tiny()
        .window_bytes(300)
        .fault(900, Trouble::Slow { who: CLEO, for_ms: 800 });
    for i in 0..8 {
        script = script.say(1_000 + i * 60, ADA, "on and on it goes, and nobody waits for anybody");
    }
    script.say(1_600, BOB, "I have it all").until(3_000)
}

fn nick_moved() -> Plan {
    Script::with(&["ada", "bob", "cleo"])
        .from(CLEO, 4_000)
        .say(500, BOB, "see you")
        .fault(1_000, Trouble::Restart { who: BOB, keeps: Keeps::All, down_ms: 5_000 })
        .act(4_500, CLEO, What::Nick { nick: "bob".to_owned() })
        .tell(4_510, ADA, "bob", "the key is under the mat")
        .until(7_000)
}

fn netcat() -> Plan {
    Script::with(&["ada", "bob"])
        .seed(2)
        .at_netcat(BOB)
        .say(1_000, BOB, "hello from netcat")
        .tell(1_500, ADA, "bob", "welcome")
        .fault(2_000, Trouble::Restart { who: BOB, keeps: Keeps::All, down_ms: 700 })
        .tell(2_300, ADA, "bob", "are you gone?")
        .say(4_000, BOB, "back")
        .until(5_000)
}
