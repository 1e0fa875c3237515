//! Rooms are kept in order: who may do what, and what everybody is told of it, through every door.

use causerie_core::chat::{Chat, Outcome};
use causerie_core::limits::{FoldLimits, RoomLimits};
use causerie_core::protocol::{
    Ask, ClientId, Event, FOLD, Flag, Intent, Key, LogId, Manner, Nick, NodeId, Position, Refusal, RequestId, Role,
    Room, Seq, Session, Standing, Target, Text, Through,
};
use causerie_core::time::WallTime;
use proptest::prelude::*;

use causerie_core::door::typed::{Typed, understand};

use crate::world::play;

#[test]
fn whoever_makes_a_room_keeps_it_in_order() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        cleo arrives by client
        ada: /join lab
        bob: /join lab
        cleo: /join lab
        bob: /kick cleo
        ada: /topic friday, 14:00
        ada: /mode +mt
        bob: may I?
        ada: /voice bob
        bob: I may
        bob: /topic mine
        ada: /kick cleo too loud
        cleo: still here?
        cleo: /who lab
        cleo: /join lab
        ada: /op bob
        bob: /deop ada
        ada: /mode -m
        ada: /op ada
        bob: /mode
    "
    ));
}

#[test]
fn who_may_enter_is_the_operators_to_say() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        cleo arrives by client
        ada: /join lab
        ada: /mode +i
        bob: /join lab
        bob: /history lab
        ada: /invite bob
        bob: /join lab
        bob: /invite cleo
        ada: /mode -i+k sesame
        cleo: /join lab
        cleo: /join lab wrong
        cleo: /join lab sesame
        cleo: /leave
        ada: /mode -k+l 2
        cleo: /join lab
        ada: /mode -l+s
        cleo: /rooms
        cleo: /who lab
        ada: /ban c*
        cleo: /join lab
        cleo: /nick maria
        cleo: /join lab
        ada: /mute maria
        cleo: am I heard?
        ada: /ban
        ada: /unmute maria
        cleo: now I am
        ada: /mode +n
    "
    ));
}

#[test]
fn a_server_operator_keeps_order_everywhere() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives
        cleo arrives by client
        cleo: /join lab
        ada: /kick cleo
        ada: /kill cleo
        ada: /oper root wrong
        ada: /oper root sesame
        ada: /topic be kind
        ada: /mode #lab +s
        ada: /rooms
        ada: /kick #lab cleo not here
        ada: /op #lobby bob
        bob: /mute cleo
        cleo: may I speak?
        ada: /kill cleo enough
        1 s pass
        ada is cut
        ada is back
        2 s pass
        ada: /kill bob
        bob: /oper root sesame
        bob: /kill ada
        12 s pass
    "
    ));
}

#[test]
fn a_server_may_take_a_password() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        server takes the password hush
        10 s pass
        bob arrives by client
        cleo arrives
        cleo: hush
        cleo: I am in
        dan arrives
        dan: wrong
        cleo: /oper root sesame
    "
    ));
}

#[test]
fn whoever_is_put_out_while_away_reads_of_it_on_return() {
    insta::assert_snapshot!(play(
        "
        ada arrives by client
        bob arrives by client
        ada: /join lab
        bob: /join lab
        bob is cut
        ada: before
        ada: /kick bob
        ada: not for bob
        bob is back
        5 s pass
        bob: hello?
    "
    ));
}

pub(crate) fn client(i: usize) -> ClientId {
    Key::new([u8::try_from(i).unwrap() + 1; 16]).client()
}

const NAMES: [&str; 4] = ["ada", "bob", "cleo", "dan"];

/// A fold with four people in it, and what they ask.
#[derive(Clone)]
pub(crate) struct Lab {
    pub(crate) chat: Chat,
    position: u64,
    next: [u64; 4],
}

impl Lab {
    pub(crate) fn new(rules: &[Intent], standing: Standing) -> Self {
        let mut lab = Self { chat: Chat::new(), position: 0, next: [1; 4] };
        for rule in rules {
            lab.apply(rule);
        }
        for (who, name) in NAMES.iter().enumerate() {
            let count = u32::try_from(who).unwrap() + 1;
            lab.apply(&Intent::Attach {
                client: client(who),
                session: Session { node: NodeId(0), epoch: 1, count },
                nick: Nick::try_from(*name).unwrap(),
                standing,
                door: Through::Native,
            });
        }
        lab
    }

    pub(crate) fn apply(&mut self, intent: &Intent) -> Outcome {
        self.position += 1;
        self.chat.apply(Position(self.position - 1), WallTime(1_000 + self.position), intent)
    }

    /// What a line comes to that one of them types in a room.
    pub(crate) fn types(&mut self, who: usize, line: &str) -> Outcome {
        let Ok(Typed::Ask(ask)) = understand(line, &lab()) else { panic!("{line} asks nothing") };
        self.asks(who, ask)
    }

    fn asks(&mut self, who: usize, ask: Ask) -> Outcome {
        let n = RequestId(self.next[who]);
        self.next[who] += 1;
        self.apply(&Intent::Ask { client: client(who), n, seen: Seq(u64::MAX), ask })
    }

    fn says(&mut self, who: usize) -> Result<(), Refusal> {
        let to = Target::Room(lab());
        match self.asks(who, Ask::Say { to, text: Text::try_from("hi").unwrap(), manner: Manner::Plain }) {
            Outcome::Refused(why) => Err(why),
            _ => Ok(()),
        }
    }
}

fn lab() -> Room {
    Room::try_from("lab").unwrap()
}

fn rules() -> [Intent; 2] {
    let order = RoomLimits { bans_max: 2, invitations_max: 2 };
    [
        Intent::Genesis { log: LogId::new([1; 16]), fold: FOLD, limits: FoldLimits::default() },
        Intent::Rules { fold: FOLD, order },
    ]
}

fn refused(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn roles_end_with_the_membership_and_order_with_the_room() {
    let mut fold = Lab::new(&rules(), Standing::Keyed);
    for who in 0..3 {
        fold.types(who, "/join lab");
    }
    assert_eq!(fold.chat.role(&client(0), &lab()), Some(Role::Operator));
    fold.types(0, "/mode +mo bob");
    fold.types(0, "/leave lab");
    fold.types(0, "/join lab");
    assert_eq!(fold.chat.role(&client(0), &lab()), None, "it is not given back");
    assert_eq!(refused(fold.types(0, "/mode -m")), Refusal::NotOperator(lab()));
    assert_eq!(fold.says(2), Err(Refusal::Moderated(lab())));
    for who in 0..3 {
        fold.types(who, "/leave lab");
    }
    assert!(fold.chat.kept(&lab()).is_none());
    fold.types(2, "/join lab");
    assert_eq!(fold.chat.role(&client(2), &lab()), Some(Role::Operator), "the room is a new one");
    assert_eq!(fold.says(2), Ok(()));
}

#[test]
fn an_invitation_is_for_one_entry_into_one_room() {
    let mut fold = Lab::new(&rules(), Standing::Keyed);
    fold.types(0, "/join lab");
    fold.types(0, "/mode +i");
    fold.types(0, "/invite bob");
    assert!(matches!(fold.types(1, "/join lab"), Outcome::Fact(_)));
    fold.types(1, "/leave lab");
    assert_eq!(refused(fold.types(1, "/join lab")), Refusal::InviteOnly(lab()));
    fold.types(0, "/invite bob");
    fold.types(0, "/leave lab");
    fold.types(2, "/join lab");
    fold.types(2, "/mode +i");
    assert_eq!(refused(fold.types(1, "/join lab")), Refusal::InviteOnly(lab()), "another made a room of that name");
    fold.types(2, "/invite bob");
    for room in ["x", "y"] {
        fold.types(3, &format!("/join {room}"));
        fold.types(3, &format!("/invite bob #{room}"));
    }
    assert_eq!(refused(fold.types(1, "/join lab")), Refusal::InviteOnly(lab()), "two are remembered");
}

#[test]
fn changes_are_made_together_or_not_at_all_and_lists_are_bounded() {
    let mut fold = Lab::new(&rules(), Standing::Keyed);
    fold.types(0, "/join lab");
    let before = fold.chat.hash();
    let mut again = fold.clone();
    assert_eq!(refused(fold.types(0, "/mode +im+o bob")), Refusal::NotMember(Nick::try_from("bob").unwrap(), lab()));
    assert!(!fold.chat.kept(&lab()).unwrap().is(Flag::InviteOnly));
    assert_eq!(refused(fold.types(0, "/ban a* b* c*")), Refusal::TooManyBans(lab(), 2));
    fold.types(0, "/ban a* b*");
    assert_eq!(refused(fold.types(0, "/ban B*!*@*")), Refusal::NothingChanges(lab()), "the same, in other words");
    let Outcome::Fact(entry) = fold.types(0, "/mode +im+b b*") else { panic!("two of three are news") };
    let Event::Changed { changes, .. } = entry.event else { panic!("{entry:?}") };
    assert_eq!(changes.len(), 2, "what was so before is left out");
    assert_eq!(fold.says(0), Ok(()), "an operator speaks whatever the masks say");
    assert_ne!(before, fold.chat.hash());
    again.chat = Chat::restore(&again.chat.snapshot()).unwrap();
    assert_eq!(again.chat.hash(), before);
}

#[test]
fn a_guest_leaves_nothing_behind() {
    let mut fold = Lab::new(&rules(), Standing::Guest);
    for who in 0..2 {
        fold.types(who, "/join lab");
    }
    fold.types(0, "/mode +mo bob");
    fold.types(0, "/invite cleo");
    let empower = |fold: &mut Lab, who: usize, count| {
        let session = Session { node: NodeId(0), epoch: 1, count };
        fold.apply(&Intent::Empower { client: client(who), session })
    };
    empower(&mut fold, 2, 2);
    assert!(!fold.chat.operates_server(&client(2)), "that session is not theirs");
    empower(&mut fold, 2, 3);
    assert!(fold.chat.operates_server(&client(2)));
    for who in [0, 1, 2, 3] {
        let session = Session { node: NodeId(0), epoch: 1, count: u32::try_from(who).unwrap() + 1 };
        let why = causerie_core::protocol::Leaving::Lost;
        fold.apply(&Intent::Depart { client: client(who), session, why });
    }
    let mut empty = Lab::new(&rules(), Standing::Guest);
    for who in [0, 1, 2, 3] {
        let session = Session { node: NodeId(0), epoch: 1, count: u32::try_from(who).unwrap() + 1 };
        let why = causerie_core::protocol::Leaving::Lost;
        empty.apply(&Intent::Depart { client: client(who), session, why });
    }
    // What counts and ticks differs; what is kept of rooms and people must not.
    assert_eq!(fold.chat.rooms().count(), 0);
    assert_eq!(fold.chat.snapshot().len(), empty.chat.snapshot().len());
}

#[test]
fn a_log_of_older_rules_has_its_old_digest_and_gets_operators_with_the_new_ones() {
    let old = Intent::Genesis { log: LogId::new([1; 16]), fold: 1, limits: FoldLimits::default() };
    let mut fold = Lab::new(&[old], Standing::Keyed);
    fold.types(1, "/join lab");
    fold.types(0, "/join lab");
    let whole = fold.chat.snapshot();
    assert_eq!(Chat::restore(&whole).unwrap(), fold.chat);
    assert_eq!(fold.chat.role(&client(1), &lab()), None);
    let before = whole.len();
    fold.apply(&rules()[1]);
    assert!(fold.chat.snapshot().len() > before, "what the new rules know of stands after what the old ones did");
    assert_eq!(fold.chat.role(&client(1), &lab()), Some(Role::Operator), "bob was there first");
    assert_eq!(fold.chat.role(&client(0), &lab()), None);
    assert_eq!(Chat::restore(&fold.chat.snapshot()).unwrap(), fold.chat);
    let was = fold.chat.hash();
    fold.position -= 1;
    fold.apply(&rules()[1]);
    assert_eq!(fold.chat.hash(), was, "proposed again, they change nothing");
}

fn line() -> impl Strategy<Value = String> {
    let nick = || (0..4usize).prop_map(|i| NAMES[i]);
    let room = || prop_oneof![4 => Just("lab"), 1 => Just("attic"), 1 => Just("lobby")];
    prop_oneof![
        4 => room().prop_map(|room| format!("/join {room}")),
        1 => Just("/join lab key".to_owned()),
        1 => room().prop_map(|room| format!("/leave {room}")),
        2 => (room(), nick()).prop_map(|(room, nick)| format!("/kick #{room} {nick}")),
        2 => (nick(), room()).prop_map(|(nick, room)| format!("/invite {nick} #{room}")),
        1 => (room(), "[a-z]{1,5}").prop_map(|(room, topic)| format!("/topic #{room} {topic}")),
        2 => (room(), nick()).prop_map(|(room, nick)| format!("/op #{room} {nick}")),
        1 => (room(), nick()).prop_map(|(room, nick)| format!("/deop #{room} {nick}")),
        1 => (room(), nick()).prop_map(|(room, nick)| format!("/voice #{room} {nick}")),
        2 => (room(), "[abcd*]{1,3}").prop_map(|(room, mask)| format!("/ban #{room} {mask}")),
        1 => (room(), "[abcd*]{1,3}").prop_map(|(room, mask)| format!("/unban #{room} {mask}")),
        1 => (room(), "[abcd*]{1,3}").prop_map(|(room, mask)| format!("/mute #{room} {mask}")),
        2 => (room(), "[-+][imstn]{1,3}").prop_map(|(room, modes)| format!("/mode #{room} {modes}")),
        1 => (room(), 1..4u8).prop_map(|(room, limit)| format!("/mode #{room} +lk {limit} key")),
        1 => nick().prop_map(|nick| format!("/nick {nick}")),
        1 => nick().prop_map(|nick| format!("/kill {nick}")),
        3 => Just("words".to_owned()),
    ]
}

proptest! {
    /// A plain model of who may do what, beside the fold.
    #[test]
    fn only_operators_change_what_is_theirs_to_change(lines in prop::collection::vec((0..4usize, line()), 0..80)) {
        let mut fold = Lab::new(&rules(), Standing::Keyed);
        for (who, line) in &lines {
            let Ok(Typed::Ask(ask)) = understand(line, &lab()) else { continue };
            let before = fold.chat.clone();
            let me = client(*who);
            let outcome = fold.asks(*who, ask.clone());
            prop_assert_eq!(Chat::restore(&fold.chat.snapshot()).unwrap(), fold.chat.clone());
            let Outcome::Fact(entry) = outcome else {
                for room in [lab(), Room::try_from("attic").unwrap(), Room::lobby()] {
                    prop_assert_eq!(before.kept(&room), fold.chat.kept(&room), "a refusal changes nothing: {}", line);
                }
                continue;
            };
            match &entry.event {
                Event::Kicked { room, who, .. } => {
                    prop_assert_eq!(before.role(&me, room), Some(Role::Operator));
                    prop_assert!(before.is_member(&who.id, room) && !fold.chat.is_member(&who.id, room));
                    prop_assert_eq!(fold.chat.role(&who.id, room), None);
                }
                Event::Changed { room, changes } => {
                    prop_assert_eq!(before.role(&me, room), Some(Role::Operator));
                    prop_assert!(!changes.is_empty());
                    let kept = fold.chat.kept(room).unwrap();
                    prop_assert!(kept.bans.len() <= 2 && kept.mutes.len() <= 2);
                }
                Event::Joined { room } => {
                    let nick = &before.person(&me).unwrap().nick;
                    if let Some(kept) = before.kept(room) {
                        prop_assert!(!kept.bans.iter().any(|ban| ban.mask.fits(nick)));
                        let gave_one = matches!(ask, Ask::Unlock { .. });
                        prop_assert!(kept.key.is_none() || gave_one);
                        let members = before.members(room).count();
                        prop_assert!(kept.limit.is_none_or(|max| members < max as usize));
                    }
                    let first = before.members(room).next().is_none() && !room.is_lobby();
                    prop_assert_eq!(fold.chat.role(&me, room), first.then_some(Role::Operator));
                }
                Event::Topic { room, .. } => {
                    let locked = before.kept(room).is_some_and(|kept| kept.is(Flag::TopicLocked));
                    prop_assert!(!locked || before.role(&me, room) == Some(Role::Operator));
                }
                Event::Said { .. } => {
                    let nick = &before.person(&me).unwrap().nick;
                    if let (Some(kept), None) = (before.kept(&lab()), before.role(&me, &lab())) {
                        let barred = kept.bans.iter().chain(&kept.mutes).any(|one| one.mask.fits(nick));
                        prop_assert!(!barred && !kept.is(Flag::Moderated));
                    }
                }
                Event::Invited { room, who } => {
                    prop_assert!(before.is_member(&me, room) && !before.is_member(&who.id, room));
                    prop_assert!(entry.rooms().is_empty(), "nobody else is told");
                }
                Event::Killed { .. } => prop_assert!(false, "nobody here operates the server"),
                _ => {}
            }
            // Whoever has a role is a member.
            for room in [lab(), Room::try_from("attic").unwrap()] {
                for who in (0..4).map(client) {
                    prop_assert!(fold.chat.role(&who, &room).is_none() || fold.chat.is_member(&who, &room));
                }
            }
        }
    }
}
