//! The fold, whatever is duplicated, reordered or sent again.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::chat::{Chat, Outcome, Verdict};
use causerie_core::limits::FoldLimits;
use causerie_core::protocol::{
    Ask, ClientId, Entry, FOLD, Intent, Key, Leaving, LogId, Manner, Nick, NodeId, Position, RequestId, Room, Seq,
    Session, Standing, Target, Text, Through,
};
use causerie_core::time::WallTime;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["ada", "bob", "cleo", "dan"];
const ROOMS: [&str; 3] = ["lobby", "bench4", "attic"];

fn client(i: usize) -> ClientId {
    Key::new([u8::try_from(i).unwrap() + 1; 16]).client()
}

fn nick(name: &str) -> Nick {
    Nick::try_from(name).unwrap()
}

fn room(name: &str) -> Room {
    Room::try_from(name).unwrap()
}

fn ask() -> impl Strategy<Value = Ask> {
    let text = "[a-z]{1,6}".prop_map(|text| Text::try_from(text.as_str()).unwrap());
    let say = (0..3usize, text.clone()).prop_map(|(at, text)| Ask::Say {
        to: Target::Room(room(ROOMS[at])),
        text,
        manner: Manner::Plain,
    });
    let whisper = (prop::collection::vec(0..4usize, 1..3), text).prop_map(|(whom, text)| Ask::Say {
        to: Target::People(whom.into_iter().map(|i| nick(NAMES[i])).collect()),
        text,
        manner: Manner::Plain,
    });
    let join = (1..3usize).prop_map(|at| Ask::Join { room: room(ROOMS[at]) });
    let leave = (0..3usize).prop_map(|at| Ask::Leave { room: room(ROOMS[at]) });
    let rename = (0..4usize).prop_map(|i| Ask::Rename { nick: nick(NAMES[i]) });
    prop_oneof![4 => say, 2 => whisper, 2 => join, 1 => leave, 1 => rename]
}

/// What somebody does: asks the next thing, or comes or goes.
#[derive(Clone, Debug)]
enum Deed {
    Ask(usize, Ask),
    Attach(usize),
    Depart(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        8 => (0..4usize, ask()).prop_map(|(who, ask)| Deed::Ask(who, ask)),
        1 => (0..4usize).prop_map(Deed::Attach),
        1 => (0..4usize).prop_map(Deed::Depart),
    ]
}

/// The intents of some deeds, each of them in order for its client.
fn intents(deeds: &[Deed]) -> Vec<Intent> {
    let mut next = [1u64; 4];
    let mut count = 0;
    let mut session = [Session::default(); 4];
    let mut attach = |who: usize, session: &mut [Session; 4]| {
        count += 1;
        session[who] = Session { node: NodeId(0), epoch: 1, count };
        let (nick, session) = (nick(NAMES[who]), session[who]);
        Intent::Attach { client: client(who), session, nick, standing: Standing::Keyed, door: Through::Native }
    };
    let genesis = Intent::Genesis { log: LogId::new([1; 16]), fold: FOLD, limits: FoldLimits::default() };
    let mut intents = vec![genesis, Intent::Started { node: NodeId(0), epoch: 1 }];
    intents.extend((0..4).map(|who| attach(who, &mut session)));
    for deed in deeds {
        intents.push(match deed {
            Deed::Ask(who, ask) => {
                next[*who] += 1;
                Intent::Ask {
                    client: client(*who),
                    n: RequestId(next[*who] - 1),
                    seen: Seq(u64::MAX),
                    ask: ask.clone(),
                }
            }
            Deed::Attach(who) => attach(*who, &mut session),
            Deed::Depart(who) => Intent::Depart { client: client(*who), session: session[*who], why: Leaving::Lost },
        });
    }
    intents
}

struct Fold {
    chat: Chat,
    facts: Vec<Entry>,
    verdicts: BTreeMap<(ClientId, RequestId), Verdict>,
    positions: u64,
}

impl Fold {
    fn new() -> Self {
        Self { chat: Chat::new(), facts: Vec::new(), verdicts: BTreeMap::new(), positions: 0 }
    }

    fn apply(&mut self, intent: &Intent) {
        let (position, at) = (Position(self.positions), WallTime(1_000 + self.positions));
        self.positions += 1;
        let outcome = self.chat.apply(position, at, intent);
        let key = match intent {
            Intent::Ask { client, n, .. } => Some((*client, *n)),
            _ => None,
        };
        let verdict = match &outcome {
            Outcome::Fact(entry) => {
                self.facts.push(entry.clone());
                Some(Verdict::Accepted { seq: entry.seq, at: entry.at, notes: Default::default() })
            }
            Outcome::Refused(why) => Some(Verdict::Refused(why.clone())),
            Outcome::Duplicate(_) | Outcome::Gap | Outcome::Silent => None,
        };
        if let (Some(key), Some(verdict)) = (key, verdict) {
            assert_eq!(self.verdicts.insert(key, verdict), None, "{key:?} was decided twice");
        }
    }
}

fn fold<'a>(intents: impl IntoIterator<Item = &'a Intent>) -> Fold {
    let mut fold = Fold::new();
    intents.into_iter().for_each(|intent| fold.apply(intent));
    fold
}

proptest! {
    #[test]
    fn each_request_is_decided_once_whatever_is_sent_again(
        deeds in prop::collection::vec(deed(), 0..60),
        repeats in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..40),
    ) {
        let intents = intents(&deeds);
        let once = fold(&intents);
        // Each repeat puts a copy of an intent somewhere after it.
        let mut again: Vec<(usize, usize, &Intent)> =
            intents.iter().enumerate().map(|(i, intent)| (i, 0, intent)).collect();
        for (k, (which, after)) in repeats.iter().enumerate() {
            let which = which.index(intents.len());
            if matches!(intents[which], Intent::Ask { .. } | Intent::Attach { .. }) {
                let after = which + after.index(intents.len() - which);
                again.push((after, k + 1, &intents[which]));
            }
        }
        again.sort_by_key(|(place, copy, _)| (*place, *copy));
        let twice = fold(again.iter().map(|(_, _, intent)| *intent));
        prop_assert_eq!(once.verdicts.keys().collect::<Vec<_>>(), twice.verdicts.keys().collect::<Vec<_>>());
        let told = |fold: &Fold| fold.facts.iter().map(|e| (e.seq, e.by, e.n, e.event.clone())).collect::<Vec<_>>();
        prop_assert_eq!(told(&once), told(&twice));
    }

    #[test]
    fn requests_out_of_turn_wait_and_the_order_of_first_applications_gives_the_facts(
        deeds in prop::collection::vec(deed(), 0..40),
        shuffle in prop::collection::vec(any::<u16>(), 40 + 6),
    ) {
        // The intents in some order, offered again and again until nothing new is decided: what the fold takes, in the
        // order it takes it, gives the same facts when it is offered alone.
        let mut shuffled: Vec<(u16, Intent)> =
            intents(&deeds).into_iter().zip(shuffle).map(|(intent, key)| (key, intent)).collect();
        shuffled[2..].sort_by_key(|(key, _)| *key);
        let mut fold_all = Fold::new();
        let mut taken: Vec<&Intent> = Vec::new();
        for _ in 0..3 {
            for (_, intent) in &shuffled {
                let before = (fold_all.facts.len(), fold_all.verdicts.len());
                fold_all.apply(intent);
                let is_ask = matches!(intent, Intent::Ask { .. });
                if !is_ask || before != (fold_all.facts.len(), fold_all.verdicts.len()) {
                    taken.push(intent);
                }
            }
        }
        let alone = fold(taken);
        let told = |fold: &Fold| fold.facts.iter().map(|e| (e.seq, e.by, e.n, e.event.clone())).collect::<Vec<_>>();
        prop_assert_eq!(told(&fold_all), told(&alone));
        let seqs: Vec<u64> = fold_all.facts.iter().map(|entry| entry.seq.0).collect();
        prop_assert_eq!(seqs, (1..=fold_all.facts.len() as u64).collect::<Vec<_>>());
    }

    #[test]
    fn replay_from_any_snapshot_equals_replay_from_the_start(
        deeds in prop::collection::vec(deed(), 0..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let intents = intents(&deeds);
        let whole = fold(&intents);
        let (first, rest) = intents.split_at(cut.index(intents.len()));
        let mut half = fold(first);
        half.chat = Chat::restore(&half.chat.snapshot()).unwrap();
        rest.iter().for_each(|intent| half.apply(intent));
        prop_assert_eq!(half.chat.hash(), whole.chat.hash());
        prop_assert_eq!(half.chat.next(), whole.chat.next());
        prop_assert_eq!(&half.facts, &whole.facts);
    }

    #[test]
    fn the_books_balance(deeds in prop::collection::vec(deed(), 0..80)) {
        let fold = fold(&intents(&deeds));
        let mut members: BTreeMap<Room, (u32, u32)> = BTreeMap::new();
        let online: BTreeSet<ClientId> = fold.chat.online().map(|(client, _)| *client).collect();
        let mut hues = BTreeSet::new();
        for who in (0..4).map(client) {
            let Some(person) = fold.chat.person(&who) else { continue };
            prop_assert_eq!(person.session().is_some(), online.contains(&who));
            if online.contains(&who) {
                prop_assert!(hues.insert(person.hue), "two people online have one colour");
                prop_assert_eq!(fold.chat.holder(&person.nick), Some(who), "whoever is online holds their nick");
            }
            for room in person.rooms.keys() {
                let count = members.entry(room.clone()).or_default();
                count.0 += u32::from(online.contains(&who));
                count.1 += 1;
            }
        }
        let kept: BTreeMap<Room, (u32, u32)> =
            fold.chat.rooms().map(|(room, here, all)| (room.clone(), (here, all))).collect();
        prop_assert_eq!(kept, members);
    }
}

#[test]
fn the_least_recently_active_of_those_who_are_away_is_forgotten() {
    let limits = FoldLimits { clients_max: 2, ..FoldLimits::default() };
    let attach = |who: usize, count: u32| Intent::Attach {
        client: client(who),
        session: Session { node: NodeId(0), epoch: 1, count },
        nick: nick(NAMES[who]),
        standing: Standing::Keyed,
        door: Through::Native,
    };
    let depart = |who: usize, count: u32| Intent::Depart {
        client: client(who),
        session: Session { node: NodeId(0), epoch: 1, count },
        why: Leaving::Quit,
    };
    let genesis = Intent::Genesis { log: LogId::new([1; 16]), fold: FOLD, limits };
    let mut fold = fold(&[genesis, attach(0, 1), attach(1, 2), attach(2, 3)]);
    assert!(fold.chat.person(&client(2)).is_none(), "both who are remembered are here");
    for intent in [depart(1, 2), depart(0, 1), attach(2, 4)] {
        fold.apply(&intent);
    }
    assert!(fold.chat.person(&client(1)).is_none(), "bob was silent longest");
    assert!(fold.chat.person(&client(0)).is_some());
    assert_eq!(fold.chat.person(&client(2)).unwrap().nick, nick("cleo"));
}

#[test]
fn a_private_word_does_not_reach_whoever_took_the_name_since() {
    let mut fold = fold(&intents(&[]));
    let whisper = |n: u64, seen: Seq| Intent::Ask {
        client: client(0),
        n: RequestId(n),
        seen,
        ask: Ask::Say {
            to: Target::People(vec![nick("bob")]),
            text: Text::try_from("secret").unwrap(),
            manner: Manner::Plain,
        },
    };
    let seen = fold.chat.head();
    let rename = |who: usize, to: &str| Intent::Ask {
        client: client(who),
        n: RequestId(1),
        seen,
        ask: Ask::Rename { nick: nick(to) },
    };
    fold.apply(&rename(1, "robert"));
    fold.apply(&rename(2, "bob"));
    let facts = fold.facts.len();
    fold.apply(&whisper(1, seen));
    assert_eq!(fold.facts.len(), facts, "its author had not seen that bob is somebody else");
    fold.apply(&whisper(2, fold.chat.head()));
    assert_eq!(fold.facts.len(), facts + 1);
}
