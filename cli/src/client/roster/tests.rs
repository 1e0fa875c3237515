use causerie_core::protocol::{Leaving, Through};
use causerie_core::time::WallTime;

use super::*;

fn nick(name: &str) -> Nick {
    Nick::try_from(name).unwrap()
}

fn rooms(names: &[&str]) -> BTreeSet<Room> {
    names.iter().map(|name| Room::try_from(*name).unwrap()).collect()
}

fn room(name: &str) -> Room {
    Room::try_from(name).unwrap()
}

fn here(name: &str, shared: Option<&[&str]>) -> Here {
    let shared = shared.map(|names| rooms(names).into_iter().collect());
    Here { nick: nick(name), hue: 1, door: Through::Native, idle_s: Some(0), shared }
}

fn seen(seq: u64, from: &str, sight: Sight) -> Seen {
    Seen { seq: Seq(seq), at: WallTime(0), from: nick(from), hue: 1, sight }
}

fn left(seq: u64, who: &str, from: &str) -> Seen {
    seen(seq, who, Sight::Left { room: room(from) })
}

fn arrived(seq: u64, who: &str) -> Seen {
    seen(seq, who, Sight::Arrived { door: Through::Native })
}

/// Ada's, as of entry 9: bob is in the lobby, cleo in the lab too, dan in neither.
fn roster() -> Roster {
    let mut roster = Roster::default();
    let people = [
        here("ada", Some(&["lab", "lobby"])),
        here("bob", None),
        here("cleo", Some(&["lab", "lobby"])),
        here("dan", Some(&[])),
    ];
    roster.set(&nick("ada"), &people, 0, Seq(9));
    roster
}

fn names(roster: &Roster) -> Vec<&str> {
    roster.people.keys().map(String::as_str).collect()
}

#[test]
fn who_leaves_the_last_room_that_is_shared_is_not_here_any_more() {
    let mut roster = roster();
    let mine = rooms(&["lab", "lobby"]);
    assert_eq!((names(&roster), roster.len()), (vec!["bob", "cleo"], 3));
    assert_eq!(roster.saw(&left(9, "bob", "lobby"), &mine), Doubt::None, "it is counted");
    assert_eq!(roster.saw(&left(10, "cleo", "lobby"), &mine), Doubt::None);
    assert_eq!(names(&roster), ["bob", "cleo"], "cleo is in the lab");
    assert_eq!(roster.saw(&left(11, "bob", "lobby"), &mine), Doubt::None);
    assert_eq!(names(&roster), ["cleo"]);
    let kicked = Sight::Kicked { room: room("lab"), nick: nick("Cleo"), reason: None };
    assert_eq!(roster.saw(&seen(12, "bob", kicked), &mine), Doubt::None);
    assert_eq!(roster.len(), 1);
    assert_eq!(roster.saw(&seen(13, "bob", Sight::Joined { room: room("lab") }), &mine), Doubt::None);
    assert_eq!(names(&roster), ["bob"], "and is again once they enter one");
    assert_eq!(roster.saw(&seen(14, "bob", Sight::Renamed { to: nick("rob") }), &mine), Doubt::None);
    assert_eq!(roster.parted(&nick("rob"), &room("lab"), &mine, Seq(15)), Doubt::None, "put out by oneself");
    assert_eq!(roster.len(), 1);
}

#[test]
fn whoever_leaves_a_room_or_is_put_out_of_it_hears_no_more_of_those_inside() {
    let mut roster = roster();
    assert_eq!(roster.left(&room("lobby"), &rooms(&["lab"]), Seq(10)), Doubt::None);
    assert_eq!(names(&roster), ["cleo"]);
    let kicked = Sight::Kicked { room: room("lab"), nick: nick("ada"), reason: None };
    assert_eq!(roster.saw(&seen(11, "cleo", kicked), &rooms(&[])), Doubt::None);
    assert_eq!(roster.len(), 1, "oneself");
}

#[test]
fn what_entries_leave_open_is_asked() {
    let mut roster = roster();
    let mine = rooms(&["lab", "lobby"]);
    assert_eq!(roster.saw(&arrived(10, "eve"), &mine), Doubt::None);
    assert_eq!(roster.saw(&left(11, "eve", "lobby"), &mine), Doubt::Ask, "eve came back, perhaps into the lab too");
    roster.set(&nick("ada"), &[here("ada", None), here("eve", Some(&["lab"]))], 0, Seq(0));
    assert_eq!((names(&roster), roster.len()), (vec!["eve"], 2));
    assert_eq!(roster.saw(&arrived(9, "old"), &mine), Doubt::None, "counted still");
    assert_eq!(roster.joined(Seq(12)), Doubt::Ask, "who else is in there");
    assert_eq!(roster.joined(Seq(9)), Doubt::None);

    roster.set(&nick("ada"), &[here("ada", None)], 0, Seq(20));
    assert_eq!(roster.saw(&arrived(21, "eve"), &rooms(&["lobby"])), Doubt::None);
    assert_eq!(roster.saw(&left(22, "eve", "lobby"), &rooms(&["lobby"])), Doubt::None, "there is no other room");
    assert_eq!(roster.len(), 1);
}

#[test]
fn those_who_were_not_listed_are_counted_down_as_they_go() {
    let mut roster = Roster::default();
    roster.set(&nick("ada"), &[here("ada", None)], 2, Seq(1));
    assert_eq!(roster.len(), 3);
    let departed = seen(2, "zoe", Sight::Departed { why: Leaving::Quit });
    assert_eq!(roster.saw(&departed, &rooms(&["lobby"])), Doubt::None);
    assert_eq!(roster.len(), 2);
}
