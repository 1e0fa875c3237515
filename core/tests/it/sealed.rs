//! The past of a room that was closed stays closed when its last member has gone, through every door.

use causerie_core::chat::{Chat, Outcome};
use causerie_core::limits::{FoldLimits, RoomLimits};
use causerie_core::protocol::{Intent, LogId, Room, Seq, Standing};

use crate::order::Lab;
use crate::world::play;

fn rules(fold: u32) -> [Intent; 2] {
    [
        Intent::Genesis { log: LogId::new([1; 16]), fold, limits: FoldLimits::default() },
        Intent::Rules { fold, order: RoomLimits::default() },
    ]
}

fn lab() -> Room {
    Room::try_from("lab").unwrap()
}

/// Ada makes the lab, and keeps it like this; all leave. Up to where its past is sealed, and the entry with which it ended.
fn ended(fold: u32, kept: &str) -> (Seq, Seq) {
    let mut fold = Lab::new(&rules(fold), Standing::Keyed);
    fold.types(0, "/join lab");
    fold.types(1, "/join lab");
    if !kept.is_empty() {
        assert!(matches!(fold.types(0, kept), Outcome::Fact(_)), "{kept}");
    }
    assert_eq!(fold.chat.sealed(&lab()), Seq(0), "as long as somebody is in it");
    fold.types(0, "/leave lab");
    assert_eq!(fold.chat.sealed(&lab()), Seq(0));
    fold.types(1, "/leave lab");
    (fold.chat.sealed(&lab()), fold.chat.head())
}

#[test]
fn a_room_is_sealed_if_somebody_was_not_to_read_it() {
    for closed in ["/mode +s", "/mode +i", "/mode +k xyzzy", "/ban dan", "/mode +im"] {
        let (sealed, end) = ended(3, closed);
        assert_eq!(sealed, end, "{closed}");
    }
    for open in ["", "/mode +m", "/mode +l 3", "/mode +t", "/mute dan", "/topic friday"] {
        assert_eq!(ended(3, open).0, Seq(0), "{open}");
    }
    assert_eq!(ended(2, "/mode +s").0, Seq(0), "older rules know of no seals");
}

#[test]
fn a_seal_holds_over_rooms_of_that_name_and_over_restarts() {
    let mut fold = Lab::new(&rules(3), Standing::Keyed);
    fold.types(0, "/join lab");
    let without = fold.chat.snapshot();
    fold.types(0, "/mode +s");
    fold.types(0, "/leave lab");
    let end = fold.chat.head();
    fold.types(1, "/join lab");
    assert_eq!(fold.chat.sealed(&lab()), end, "whoever makes it anew reads from themselves on");
    let again = Chat::restore(&fold.chat.snapshot()).unwrap();
    assert_eq!((again.sealed(&lab()), again.hash()), (end, fold.chat.hash()));
    fold.types(1, "/leave lab");
    fold.types(2, "/join lab");
    assert_eq!(fold.chat.sealed(&lab()), end, "the second was open");
    fold.types(0, "/join lab");
    fold.types(2, "/mode +k xyzzy");
    fold.types(2, "/kick ada");
    assert_eq!(fold.chat.sealed(&lab()), end);
    fold.types(2, "/leave lab");
    assert_eq!(fold.chat.sealed(&lab()), fold.chat.head());
    assert_eq!(fold.chat.sealed(&Room::lobby()), Seq(0));
    assert_eq!(Chat::restore(&without).unwrap().snapshot(), without, "nothing is written of no seals");
}

#[test]
fn what_was_said_behind_a_door_is_not_read_by_who_comes_after() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        ada: /join den
        ada: /mode +k xyzzy
        ada: said behind the door
        ada: /join attic
        ada: said where all may come
        bob: /history den
        ada: /leave den
        ada: /leave attic
        bob: /history den
        bob: /join den
        bob: said by another
        bob: /history den
        bob: /join attic
        bob: /history attic
        server is killed
        server is started
        bob arrives
        bob: /join den
        bob: /history den
        12 s pass
    "
    ));
}
