//! The native lines and the stored bytes. Lines are added here, never edited: what was written once is read for ever.

use causerie_core::chat::{Chat, Outcome};
use causerie_core::door::native::Native;
use causerie_core::door::native::peer::{encode_ask, encode_hello, encode_oper, encode_ping, encode_quit, encode_read};
use causerie_core::door::{Door, Style};
use causerie_core::limits::{FoldLimits, RoomLimits};
use causerie_core::protocol::tags::Tag;
use causerie_core::protocol::{
    Ask, Audience, Brief, Change, Entry, Event, Flag, Hello, Here, Intent, Key, Leaving, LogId, Manner, Mask, Masked,
    Member, Nick, NodeId, Notes, Notice, Origin, PROTOCOL, Page, Parting, Person, Place, Position, Read, Record,
    Refusal, Reply, Request, RequestId, Role, Room, RoomKey, RoomLine, RoomView, Secret, Seen, Seq, Session, SetBy,
    Sight, Standing, Tags, Target, Text, Through, Topic, Welcome, WireLimits, decode_entry, decode_record,
    encode_entry, encode_record,
};
use causerie_core::time::WallTime;

fn nick(name: &str) -> Nick {
    Nick::try_from(name).unwrap()
}

fn room(name: &str) -> Room {
    Room::try_from(name).unwrap()
}

fn text(text: &str) -> Text {
    Text::try_from(text).unwrap()
}

fn seen(sight: Sight) -> Seen {
    Seen { seq: Seq(7), at: WallTime(1_795_254_062_250), from: nick("bob"), hue: 1, sight }
}

fn brief(text: &str) -> Brief {
    Brief::try_from(text).unwrap()
}

/// One of each.
fn changes() -> Vec<Change> {
    let mask = |mask: &str| Mask::try_from(mask).unwrap();
    let flags = Flag::ALL.into_iter().map(|flag| Change::Flag { flag, on: flag != Flag::Secret });
    let others = [
        Change::Key(Some(RoomKey::try_from("xyzzy").unwrap())),
        Change::Limit(Some(12)),
        Change::Role { role: Role::Operator, nick: nick("bob"), on: true },
        Change::Role { role: Role::Voice, nick: nick("bob"), on: false },
        Change::Ban { mask: mask("b*!*@*"), on: true },
        Change::Mute { mask: mask("*!*@host"), on: false },
    ];
    flags.chain(others).collect()
}

fn asks() -> Vec<Ask> {
    vec![
        Ask::Say { to: Target::Room(room("lobby")), text: text("hi \"all\" 日本語"), manner: Manner::Plain },
        Ask::Say { to: Target::Room(room("bench4")), text: text("waves"), manner: Manner::Action },
        Ask::Say { to: Target::People(vec![nick("ada"), nick("cleo")]), text: text("lunch?"), manner: Manner::Plain },
        Ask::Join { room: room("bench4") },
        Ask::Leave { room: room("bench4") },
        Ask::Rename { nick: nick("Ada2") },
    ]
}

/// What can be asked since version 2 of the rules.
fn asks_about_order() -> Vec<Ask> {
    vec![
        Ask::Unlock { room: room("bench4"), key: RoomKey::try_from("xyzzy").unwrap() },
        Ask::Topic { room: room("bench4"), topic: Some(brief("friday, 14:00")) },
        Ask::Topic { room: room("bench4"), topic: None },
        Ask::Kick { room: room("bench4"), nick: nick("bob"), reason: Some(brief("too loud")) },
        Ask::Invite { room: room("bench4"), nick: nick("bob") },
        Ask::Change { room: room("bench4"), changes: changes() },
        Ask::Change { room: room("bench4"), changes: vec![Change::Key(None), Change::Limit(None)] },
        Ask::Kill { nick: nick("bob"), reason: None },
    ]
}

fn about(here: Here) -> RoomView {
    let set = SetBy { nick: nick("bob"), at: WallTime(1_795_254_062_250) };
    RoomView {
        room: room("bench4"),
        topic: Some(Topic { text: brief("friday, 14:00"), set: set.clone() }),
        flags: Flag::ALL.to_vec(),
        keyed: true,
        key: Some(RoomKey::try_from("xyzzy").unwrap()),
        limit: Some(12),
        bans: vec![Masked { mask: Mask::try_from("b*").unwrap(), set: set.clone() }],
        mutes: vec![Masked { mask: Mask::try_from("eve").unwrap(), set }],
        here: vec![
            Member { here: here.clone(), role: Some(Role::Operator) },
            Member { here: here.clone(), role: Some(Role::Voice) },
            Member { here, role: None },
        ],
        more: 1,
        members: 7,
    }
}

#[test]
fn what_a_client_says() {
    let mut lines = Vec::new();
    let key = Key::new([0xab; 16]);
    let log = Some(LogId::new([0xcd; 16]));
    encode_hello(
        &Hello { version: PROTOCOL, key, nick: nick("Ada"), after: Seq(0), log: None, password: None },
        &mut lines,
    );
    encode_hello(&Hello { version: PROTOCOL, key, nick: nick("Ada"), after: Seq(9), log, password: None }, &mut lines);
    let asks: Vec<Ask> = asks().into_iter().chain(asks_about_order()).collect();
    for (n, ask) in asks.iter().enumerate() {
        encode_ask(RequestId(n as u64 + 1), Seq(9), ask, &mut lines);
    }
    encode_read(1, &Read::Who, &mut lines);
    encode_read(2, &Read::Rooms, &mut lines);
    encode_read(3, &Read::History { room: room("lobby"), before: Some(Seq(40)), limit: 20 }, &mut lines);
    encode_read(4, &Read::Room { room: room("bench4") }, &mut lines);
    encode_oper(5, "root", &Secret::new("sesame"), &mut lines);
    let password = Some(Secret::new("hush"));
    encode_hello(&Hello { version: PROTOCOL, key, nick: nick("Ada"), after: Seq(0), log: None, password }, &mut lines);
    encode_ping(&mut lines);
    encode_quit(&mut lines);
    let lines = String::from_utf8(lines).unwrap();
    insta::assert_snapshot!(lines);
    let mut requests = Vec::new();
    Native::default().decode(lines.as_bytes(), &mut requests).unwrap();
    let read_back: Vec<Ask> = requests
        .iter()
        .filter_map(|request| match request {
            Request::Numbered { ask, .. } => Some(ask.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(read_back, asks);
}

#[test]
fn what_a_server_says() {
    let said = |place| Sight::Said { place, text: text("lunch?"), manner: Manner::Plain };
    let here = |idle_s| Here { nick: nick("bob"), hue: 1, door: Through::Text, idle_s, shared: None };
    let sharing = |shared| Here { shared: Some(shared), ..here(None) };
    let notes = Notes { unknown: vec![nick("dan")], away: vec![nick("eve")], alone: false };
    let at = WallTime(1_795_254_062_250);
    let limits = WireLimits { text_bytes: 4096, nick_chars: 24, window: 32, heartbeat_ms: 5000, idle_ms: 15000 };
    let replies = [
        Reply::Welcome(
            Welcome {
                log: LogId::new([0xcd; 16]),
                you: nick("Ada"),
                hue: 0,
                head: Seq(9),
                last: RequestId(3),
                rooms: vec![room("bench4"), room("lobby")],
                here: vec![here(Some(3)), here(None)],
                more: 0,
                limits,
            }
            .into(),
        ),
        Reply::Saw(seen(said(Place::Room(room("lobby")))).into()),
        Reply::Saw(seen(said(Place::Private(vec![nick("ada"), nick("cleo")]))).into()),
        Reply::Saw(
            seen(Sight::Said { place: Place::Room(room("bench4")), text: text("waves"), manner: Manner::Action })
                .into(),
        ),
        Reply::Saw(seen(Sight::Arrived { door: Through::Native }).into()),
        Reply::Saw(seen(Sight::Departed { why: Leaving::Lost }).into()),
        Reply::Saw(seen(Sight::Joined { room: room("bench4") }).into()),
        Reply::Saw(seen(Sight::Left { room: room("bench4") }).into()),
        Reply::Saw(seen(Sight::Renamed { to: nick("robert") }).into()),
        Reply::Saw(seen(Sight::Departed { why: Leaving::Killed }).into()),
        Reply::Saw(seen(Sight::Topic { room: room("bench4"), topic: Some(brief("friday, 14:00")) }).into()),
        Reply::Saw(seen(Sight::Topic { room: room("bench4"), topic: None }).into()),
        Reply::Saw(seen(Sight::Kicked { room: room("bench4"), nick: nick("ada"), reason: Some(brief("loud")) }).into()),
        Reply::Saw(seen(Sight::Invited { room: room("bench4"), nick: nick("ada") }).into()),
        Reply::Saw(seen(Sight::Changed { room: room("bench4"), changes: changes() }).into()),
        Reply::Saw(seen(Sight::Killed { nick: nick("ada"), reason: None }).into()),
        Reply::Accepted { n: RequestId(4), seq: Seq(9), at, notes: Notes::default(), entry: None },
        Reply::Accepted { n: RequestId(4), seq: Seq(9), at, notes, entry: None },
        Reply::Accepted {
            n: RequestId(4),
            seq: Seq(7),
            at,
            notes: Notes { alone: true, ..Notes::default() },
            entry: Some(seen(said(Place::Room(room("lobby")))).into()),
        },
        Reply::Refused { n: Some(RequestId(5)), why: Refusal::NobodyThere(vec![nick("dan")]) },
        Reply::Denied { reference: 4, why: Refusal::InviteOnly(room("bench4")) },
        Reply::Oper { reference: 5 },
        Reply::Room { reference: 6, room: about(here(Some(3))).into() },
        Reply::Who { reference: 1, people: vec![here(Some(90))], more: 2 },
        Reply::Rooms {
            reference: 2,
            rooms: vec![RoomLine { room: room("lobby"), here: 2, members: 5, topic: None }],
            more: 0,
        },
        Reply::Page {
            reference: 3,
            page: Page {
                room: room("lobby"),
                entries: vec![seen(said(Place::Room(room("lobby")))).into()],
                more: true,
            },
        },
        Reply::Missed { from: Seq(4), to: Seq(8) },
        Reply::Pong { head: Seq(9) },
        Reply::Notice(Notice::NotStoring),
        Reply::Bye(Parting::TakenOver),
        Reply::Bye(Parting::Killed { by: nick("Ada"), reason: Some(brief("enough")) }),
        Reply::Bye(Parting::Refused(Refusal::WrongPassword)),
        Reply::Who {
            reference: 7,
            people: [vec![], vec![room("lobby")], vec![room("bench4"), room("lobby")]].map(sharing).into(),
            more: 0,
        },
    ];
    let mut lines = Vec::new();
    replies.iter().for_each(|reply| Native::encode(Style::default(), reply, &mut lines));
    let lines = String::from_utf8(lines).unwrap();
    insta::assert_snapshot!(lines);
    let mut heard = Vec::new();
    causerie_core::door::native::peer::Peer::default().decode(lines.as_bytes(), &mut heard).unwrap();
    assert_eq!(heard.len(), replies.len(), "a client understands each of them");
}

fn record() -> Record {
    let client = Key::new([0xab; 16]).client();
    let session = Session { node: NodeId(0), epoch: 1, count: 1 };
    let mut intents = vec![
        Intent::Genesis { log: LogId::new([0xcd; 16]), fold: 1, limits: FoldLimits::default() },
        Intent::Started { node: NodeId(0), epoch: 1 },
        Intent::Attach { client, session, nick: nick("Ada"), standing: Standing::Keyed, door: Through::Native },
    ];
    let ask = |(n, ask): (usize, Ask)| Intent::Ask { client, n: RequestId(n as u64 + 1), seen: Seq(1), ask };
    intents.extend(asks().into_iter().enumerate().map(ask));
    intents.push(Intent::Depart { client, session, why: Leaving::Quit });
    Record { origin: Origin { node: NodeId(0), epoch: 1 }, intents }
}

/// The same since version 2 of the rules.
fn newer_record() -> Record {
    let client = Key::new([0xab; 16]).client();
    let session = Session { node: NodeId(0), epoch: 1, count: 1 };
    let older = record();
    let mut intents = vec![
        Intent::Genesis { log: LogId::new([0xcd; 16]), fold: 2, limits: FoldLimits::default() },
        Intent::Rules { fold: 2, order: RoomLimits::default() },
    ];
    intents.extend_from_slice(&older.intents[1..older.intents.len() - 1]);
    intents.push(Intent::Empower { client, session });
    let first = asks().len() as u64 + 1;
    let ask = |(n, ask)| Intent::Ask { client, n: RequestId(n), seen: Seq(1), ask };
    intents.extend((first..).zip(asks_about_order()).map(ask));
    intents.push(Intent::Depart { client, session, why: Leaving::Killed });
    Record { origin: older.origin, intents }
}

/// What happened about the order in a room.
fn events_about_order() -> Vec<Event> {
    let who = Person { id: Key::new([0xab; 16]).client(), nick: nick("Ada") };
    vec![
        Event::Topic { room: room("bench4"), topic: Some(brief("friday, 14:00")) },
        Event::Kicked { room: room("bench4"), who: who.clone(), reason: Some(brief("too loud")) },
        Event::Invited { room: room("bench4"), who: who.clone() },
        Event::Changed { room: room("bench4"), changes: changes() },
        Event::Killed { who, reason: None },
        Event::Departed { why: Leaving::Killed, rooms: vec![room("bench4")] },
    ]
}

/// The same since version 3 of the rules.
fn record_with_accounts() -> Record {
    let mut record = newer_record();
    record.intents[0] = Intent::Genesis { log: LogId::new([0xcd; 16]), fold: 3, limits: FoldLimits::default() };
    record.intents[1] = Intent::Rules { fold: 3, order: RoomLimits::default() };
    record
}

/// What can be asked with tags, since that version too.
fn record_with_tags() -> Record {
    let client = Key::new([0xab; 16]).client();
    let tag = |name, value| Tag::new(name, value).unwrap();
    let tags = vec![tag("+draft/reply", "00000000-7"), tag("+draft/react", "👍 yes"), tag("+typing", "")];
    let tags = Tags::try_from(tags).unwrap();
    let say = |to, manner| Ask::SayWith { to, text: text("lunch?"), manner, tags: tags.clone() };
    let asks = [
        say(Target::Room(room("lobby")), Manner::Plain),
        say(Target::People(vec![nick("bob"), nick("nobody")]), Manner::Notice),
    ];
    let mut record = record_with_accounts();
    record.intents.truncate(4);
    let session = Session { node: NodeId(0), epoch: 1, count: 2 };
    let bob = Key::new([0xac; 16]).client();
    let (standing, door) = (Standing::Guest, Through::Irc);
    record.intents.push(Intent::Attach { client: bob, session, nick: nick("bob"), standing, door });
    let ask = |(n, ask)| Intent::Ask { client, n: RequestId(n), seen: Seq(9), ask };
    record.intents.extend((1..).zip(asks).map(ask));
    record
}

fn facts(record: &Record) -> (Chat, Vec<Entry>) {
    let (mut chat, mut facts) = (Chat::new(), Vec::new());
    for intent in &record.intents {
        if let Outcome::Fact(entry) = chat.apply(Position(0), WallTime(1_795_254_062_250), intent) {
            facts.push(entry);
        }
    }
    (chat, facts)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_stored_record() {
    let bytes = encode_record(&record());
    insta::assert_snapshot!(hex(&bytes));
    assert_eq!(decode_record(&bytes).unwrap(), record());
}

#[test]
fn a_stored_entry() {
    let client = Key::new([0xab; 16]).client();
    let entry = Entry {
        seq: Seq(7),
        at: WallTime(1_795_254_062_250),
        by: client,
        nick: nick("Ada"),
        hue: 2,
        n: RequestId(3),
        seen: Seq(6),
        event: Event::Said {
            audience: Audience::Only(vec![Person { id: client, nick: nick("bob") }]),
            text: text("lunch?"),
            manner: Manner::Plain,
            notes: Notes::default(),
        },
        account: None,
        tags: Tags::default(),
    };
    let bytes = encode_entry(&entry);
    insta::assert_snapshot!(hex(&bytes));
    assert_eq!(decode_entry(&bytes).unwrap(), entry);
}

#[test]
fn the_fold_of_a_stored_record_has_this_hash() {
    insta::assert_snapshot!(facts(&record()).0.hash());
}

#[test]
fn a_stored_record_of_newer_rules() {
    let bytes = encode_record(&newer_record());
    insta::assert_snapshot!(hex(&bytes));
    assert_eq!(decode_record(&bytes).unwrap(), newer_record());
}

#[test]
fn stored_entries_about_order() {
    let stored = |event: Event| {
        let by = Key::new([0xab; 16]).client();
        let (seq, at, n, seen) = (Seq(7), WallTime(1_795_254_062_250), RequestId(3), Seq(6));
        let entry =
            Entry { seq, at, by, nick: nick("Ada"), hue: 2, n, seen, event, account: None, tags: Tags::default() };
        let bytes = encode_entry(&entry);
        assert_eq!(decode_entry(&bytes).unwrap(), entry);
        hex(&bytes)
    };
    insta::assert_snapshot!(events_about_order().into_iter().map(stored).collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_fold_of_a_stored_record_of_newer_rules_has_this_hash() {
    insta::assert_snapshot!(facts(&newer_record()).0.hash());
}

#[test]
fn the_fold_of_a_stored_record_with_accounts_has_this_hash() {
    insta::assert_snapshot!(facts(&record_with_accounts()).0.hash());
}

/// What an entry is stored as under older rules, and what stands behind that.
fn stored_with_more(entry: &Entry) -> String {
    let bytes = encode_entry(entry);
    assert_eq!(decode_entry(&bytes).unwrap(), *entry);
    let older = Entry { account: None, tags: Tags::default(), ..entry.clone() };
    let without = encode_entry(&older);
    assert_eq!(decode_entry(&without).unwrap(), older);
    let behind = bytes.strip_prefix(&*without).expect("what older rules knew of comes first");
    let one_thing_less = encode_entry(&Entry { tags: Tags::default(), ..entry.clone() }).len();
    let cut = |len: usize| len == one_thing_less || decode_entry(&bytes[..len]).is_err();
    assert!((without.len() + 1..bytes.len()).all(cut), "what was cut off within a thing is noticed");
    format!("{} {}", hex(&without), hex(behind))
}

#[test]
fn stored_entries_with_accounts_stand_behind_what_they_were_without() {
    let (_, entries) = facts(&record_with_accounts());
    insta::assert_snapshot!(entries.iter().map(stored_with_more).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_stored_record_with_tags() {
    let bytes = encode_record(&record_with_tags());
    insta::assert_snapshot!(hex(&bytes));
    assert_eq!(decode_record(&bytes).unwrap(), record_with_tags());
}

#[test]
fn stored_entries_with_tags() {
    let (chat, entries) = facts(&record_with_tags());
    assert_eq!(entries.len(), 4);
    let entries = entries.iter().map(stored_with_more).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{entries}\n{}", chat.hash()));
}
