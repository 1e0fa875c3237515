use std::sync::Arc;

use causerie_core::client::{Command, Memory};
use causerie_core::protocol::{
    Here, Key, Leaving, LogId, Manner, Nick, Notes, Page, Place, Read, RequestId, Room, Seen, Seq, Sight, Target, Text,
    Through, Welcome, WireLimits,
};
use insta::assert_snapshot;

use super::super::talk::Wish;
use super::*;

const WALL: WallTime = WallTime(1_795_254_180_000);

fn nick(name: &str) -> Nick {
    Nick::try_from(name).unwrap()
}

fn memory() -> Memory {
    Memory::new(Key::new([1; 16]), nick("ada"))
}

fn plain(echoed: bool) -> Plain {
    Plain::new(Talk::new(&memory(), Wish::default(), 0), 0, echoed, 1)
}

fn welcome() -> News {
    let here = |name| Here { nick: nick(name), hue: 1, door: Through::Native, idle_s: Some(0), shared: None };
    News::Online(Box::new(Welcome {
        log: LogId::new([1; 16]),
        you: nick("ada"),
        hue: 1,
        head: Seq(9),
        last: RequestId(0),
        rooms: vec![Room::lobby()],
        here: vec![here("ada"), here("bob")],
        more: 0,
        limits: WireLimits { text_bytes: 4_096, nick_chars: 24, window: 32, heartbeat_ms: 5_000, idle_ms: 15_000 },
    }))
}

fn offline() -> News {
    News::Offline { retry_at: Some(Timestamp::from_micros(2_900_000)), why: "the server fell silent".into() }
}

fn seen(seq: u64, from: &str, sight: Sight) -> Arc<Seen> {
    Arc::new(Seen { seq: Seq(seq), at: WALL, from: nick(from), hue: 1, sight })
}

fn said(seq: u64, from: &str, text: &str) -> Arc<Seen> {
    let (place, manner) = (Place::Room(Room::lobby()), Manner::Plain);
    seen(seq, from, Sight::Said { place, text: Text::try_from(text).unwrap(), manner })
}

fn lunch() -> Pending {
    let (to, manner) = (Target::Room(Room::lobby()), Manner::Plain);
    let ask = Ask::Say { to, text: Text::try_from("lunch?").unwrap(), manner };
    Pending { line: 1, n: None, seen: Seq(0), ask: ask.into(), reference: None, sent: false }
}

fn stored() -> News {
    News::Accepted { pending: Some(lunch()), seq: Seq(12), at: WALL, notes: Notes::default(), entry: None }
}

/// All lines that come of this news, in order.
fn told(plain: &mut Plain, news: &[News]) -> String {
    let now = Timestamp::from_micros(1_000_000);
    news.iter().flat_map(|news| plain.take(news, now, WALL).lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn trouble_speaks_where_what_is_typed_stands_already() {
    let news = [welcome(), offline(), News::Waiting(lunch()), offline(), welcome(), stored()];
    assert_snapshot!(told(&mut plain(true), &news), @r#"
    * ada, Welcome to chat room
    * online: ada, bob
    * connection lost: the server fell silent (retry in 2 s)
    09:43 * not stored yet: "lunch?" (retry in 2 s)
    * connected again
    -- Saturday 21 November 2026 --
    09:43 * stored: "lunch?"
    "#);
}

#[test]
fn what_is_accepted_is_silent_only_where_it_was_typed() {
    let news = [welcome(), News::Waiting(lunch()), News::Saw(said(11, "bob", "hi")), stored()];
    assert_snapshot!(told(&mut plain(true), &news[1..]), @r"
    -- Saturday 21 November 2026 --
    09:43 bob: hi
    ");
    assert_snapshot!(told(&mut plain(false), &news[1..]), @r"
    -- Saturday 21 November 2026 --
    09:43 bob: hi
    09:43 ada: lunch?
    ");
}

#[test]
fn a_newcomer_is_shown_what_was_said_before_they_came() {
    let mut plain = plain(true);
    let commands = plain.take(&welcome(), Timestamp::default(), WALL).commands;
    let [Command::Read { reference, read: Read::History { before: Some(Seq(10)), .. } }] = commands[..] else {
        panic!("{commands:?}");
    };
    let arrived = seen(9, "ada", Sight::Arrived { door: Through::Native });
    let page = Page { room: Room::lobby(), entries: vec![said(8, "bob", "anyone?"), arrived], more: true };
    let news = [News::Page { reference, page }, News::Saw(said(10, "bob", "ah, ada"))];
    assert_snapshot!(told(&mut plain, &news), @r"
    * further back: /history #lobby #8
    -- Saturday 21 November 2026 --
    09:43 bob: anyone?
    09:43 bob: ah, ada
    ");
}

#[test]
fn who_comes_back_is_shown_only_what_they_missed() {
    let mut memory = memory();
    memory.log = Some(LogId::new([1; 16]));
    let mut plain = Plain::new(Talk::new(&memory, Wish::default(), 0), 0, true, 1);
    assert_eq!(plain.take(&welcome(), Timestamp::default(), WALL).commands, []);
}

#[test]
fn help_is_what_can_be_typed() {
    let lines = plain(true).typed("/help").lines;
    assert!(lines.iter().any(|line| line.contains("/join ROOM")), "{lines:?}");
    assert_snapshot!(plain(true).typed("/frobnicate").lines.join("\n"), @"* there is no command /frobnicate; /help lists them");
}

#[test]
fn somebody_whose_coming_one_was_not_shown_is_here_once_they_enter_a_room() {
    let mut talk = Talk::new(&memory(), Wish::default(), 0);
    let lobby = || Sight::Joined { room: Room::lobby() };
    let mut after = |news: News| {
        drop(talk.take(&news));
        talk.here()
    };
    assert_eq!(after(welcome()), 2);
    assert_eq!(after(News::Saw(seen(10, "cleo", lobby()))), 3, "who comes through IRC comes into no room");
    assert_eq!(after(News::Saw(seen(11, "bob", lobby()))), 3, "bob is there already");
    assert_eq!(after(News::Saw(seen(12, "cleo", Sight::Renamed { to: nick("cleo2") }))), 3);
    assert_eq!(after(News::Saw(seen(13, "cleo2", Sight::Departed { why: Leaving::Quit }))), 2);
}
