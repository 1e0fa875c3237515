//! What somebody who can come back is known by: given once, whatever they are called, and gone when they are forgotten.

use causerie_core::chat::{Chat, Outcome};
use causerie_core::limits::{FoldLimits, RoomLimits};
use causerie_core::protocol::{
    FOLD, Intent, Leaving, LogId, Nick, NodeId, Session, Standing, Through, decode_entry, encode_entry,
};

use crate::order::{Lab, client};

fn genesis(fold: u32) -> Intent {
    Intent::Genesis { log: LogId::new([1; 16]), fold, limits: FoldLimits::default() }
}

fn rules(fold: u32) -> Intent {
    Intent::Rules { fold, order: RoomLimits::default() }
}

fn session(count: u32) -> Session {
    Session { node: NodeId(0), epoch: 1, count }
}

fn attach(who: usize, name: &str, count: u32) -> Intent {
    let (client, session, nick) = (client(who), session(count), Nick::try_from(name).unwrap());
    Intent::Attach { client, session, nick, standing: Standing::Keyed, door: Through::Native }
}

fn depart(who: usize, count: u32) -> Intent {
    Intent::Depart { client: client(who), session: session(count), why: Leaving::Quit }
}

fn account(lab: &Lab, who: usize) -> Option<String> {
    lab.chat.account(&client(who)).map(ToString::to_string)
}

/// The account that an entry says its author has.
fn told(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Fact(entry) => {
            assert_eq!(decode_entry(&encode_entry(&entry)).unwrap(), entry);
            entry.account.map(|account| account.to_string())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_account_is_given_once_and_outlasts_names_and_absences() {
    let mut lab = Lab::new(&[genesis(FOLD), rules(FOLD)], Standing::Keyed);
    assert_eq!(account(&lab, 0).as_deref(), Some("ada.1"));
    assert_eq!(account(&lab, 1).as_deref(), Some("bob.2"));
    assert_eq!(told(lab.types(1, "/nick robert")).as_deref(), Some("bob.2"), "the entry itself");
    assert_eq!(told(lab.types(1, "/join lab")).as_deref(), Some("bob.2"), "and those after it");
    assert_eq!(told(lab.apply(&depart(0, 1))).as_deref(), Some("ada.1"));
    assert_eq!(told(lab.types(1, "/nick ada")).as_deref(), Some("bob.2"), "a name is taken, an account is not");
    assert_eq!(told(lab.apply(&attach(0, "ada", 5))).as_deref(), Some("ada.1"));
    assert_eq!(lab.chat.person(&client(0)).unwrap().nick.as_str(), "ada2");
    assert_eq!(Chat::restore(&lab.chat.snapshot()).unwrap(), lab.chat);
}

#[test]
fn whoever_is_forgotten_comes_back_with_another_account() {
    let limits = FoldLimits { clients_max: 4, ..FoldLimits::default() };
    let genesis = Intent::Genesis { log: LogId::new([1; 16]), fold: FOLD, limits };
    let mut lab = Lab::new(&[genesis], Standing::Keyed);
    lab.apply(&depart(0, 1));
    assert_eq!(told(lab.apply(&attach(4, "eve", 5))).as_deref(), Some("eve.6"));
    assert_eq!(account(&lab, 0), None);
    lab.apply(&depart(1, 2));
    assert_eq!(told(lab.apply(&attach(0, "ada", 6))).as_deref(), Some("ada.8"));
}

#[test]
fn guests_have_none() {
    let mut lab = Lab::new(&[genesis(FOLD)], Standing::Guest);
    assert_eq!(account(&lab, 0), None);
    assert_eq!(told(lab.types(0, "/join lab")), None);
}

#[test]
fn a_log_of_older_rules_knows_of_none_and_gives_them_with_the_new_ones() {
    for (old, first) in [(1, vec![genesis(1)]), (2, vec![genesis(2), rules(2)])] {
        let mut lab = Lab::new(&first, Standing::Keyed);
        assert_eq!(told(lab.types(0, "/join lab")), None);
        let before = lab.chat.snapshot();
        assert_eq!(Chat::restore(&before).unwrap(), lab.chat, "rules {old}");
        lab.apply(&rules(FOLD));
        assert!(lab.chat.snapshot().len() > before.len(), "what the new rules know of stands behind");
        assert_eq!(account(&lab, 0).as_deref(), Some("ada.5"), "by their last entry, which is nobody else's");
        assert_eq!(account(&lab, 1).as_deref(), Some("bob.2"));
        assert_eq!(told(lab.types(0, "/leave lab")).as_deref(), Some("ada.5"));
        assert_eq!(Chat::restore(&lab.chat.snapshot()).unwrap(), lab.chat);
        let whole = lab.clone();
        lab.apply(&rules(FOLD));
        assert_eq!(account(&lab, 0), account(&whole, 0), "proposed again, they change nothing");
        let mut restored = whole.clone();
        restored.chat = Chat::restore(&whole.chat.snapshot()).unwrap();
        for lab in [&mut lab.clone(), &mut restored] {
            assert_eq!(told(lab.types(0, "/join lab")).as_deref(), Some("ada.5"));
        }
    }
}

#[test]
fn guests_of_a_log_of_older_rules_are_given_none() {
    let mut lab = Lab::new(&[genesis(2), rules(2)], Standing::Guest);
    lab.apply(&rules(FOLD));
    assert_eq!(told(lab.types(0, "/join lab")), None);
}
