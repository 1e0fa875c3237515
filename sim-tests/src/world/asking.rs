//! What a deed asks of a client program.

use causerie_core::client::Memory;
use causerie_core::door::typed::{Typed, understand};
use causerie_core::protocol::{Ask, Manner, Nick, Read, Room, Secret, Seq, Target, Text};
use causerie_core::server::Gate;

use crate::plan::{Deed, What};

/// Something a person wants of their program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// A request, under its mark.
    Ask(String, Ask),
    /// A question, under the deed's number.
    Read(u64, Read),
    /// To operate the server.
    Oper(u64, Box<str>, Secret),
    /// To go, once all is answered.
    Quit,
}

/// What a deed comes to. `page` is the first entry of the page of history read last.
pub(super) fn wishes(deed: &Deed, page: Option<Seq>) -> Vec<Wish> {
    let mark = format!("d{}", deed.id);
    let reference = u64::from(deed.id);
    vec![match &deed.what {
        What::Say { room, .. } => say(deed, mark, Target::Room(a_room(room))),
        What::Private { to } => {
            let to = to.iter().filter_map(|nick| Nick::try_from(&**nick).ok()).collect();
            say(deed, mark, Target::People(to))
        }
        What::Burst { count } => {
            let one = |i| say(deed, format!("{mark}.{i}"), Target::Room(Room::lobby()));
            return (0..*count).map(one).collect();
        }
        What::Join { room } => Wish::Ask(mark, Ask::Join { room: a_room(room) }),
        What::Leave { room } => Wish::Ask(mark, Ask::Leave { room: a_room(room) }),
        What::Nick { nick } => {
            Wish::Ask(mark, Ask::Rename { nick: Nick::try_from(&**nick).expect("a plan's names are clean") })
        }
        What::History { room, further } => {
            Wish::Read(reference, Read::History { room: a_room(room), before: page.filter(|_| *further), limit: 6 })
        }
        What::Order { line } => return order(line, mark, reference),
        What::Who => Wish::Read(reference, Read::Who),
        What::Quit => Wish::Quit,
    }]
}

/// The requests among it.
pub(crate) fn asked_by(deed: &Deed) -> impl Iterator<Item = Ask> {
    wishes(deed, None).into_iter().filter_map(|wish| match wish {
        Wish::Ask(_, ask) => Some(ask),
        Wish::Read(..) | Wish::Oper(..) | Wish::Quit => None,
    })
}

/// What a line comes to; nothing, if it cannot be understood.
fn order(line: &str, mark: String, reference: u64) -> Vec<Wish> {
    match understand(line, &Room::lobby()) {
        Ok(Typed::Ask(ask)) => vec![Wish::Ask(mark, ask)],
        Ok(Typed::Read(read)) => vec![Wish::Read(reference, read)],
        Ok(Typed::Oper { name, password }) => vec![Wish::Oper(reference, name, password)],
        Ok(Typed::Quit) => vec![Wish::Quit],
        Ok(Typed::Help | Typed::Nothing) | Err(_) => Vec::new(),
    }
}

/// Who operates the server in these worlds.
pub(super) fn gate() -> Gate {
    Gate { password: None, operators: vec![("root".into(), Secret::new("sesame"))] }
}

fn say(deed: &Deed, mark: String, to: Target) -> Wish {
    let text = Text::try_from(&*deed.text(&mark)).expect("a plan's words are clean");
    Wish::Ask(mark, Ask::Say { to, text, manner: Manner::Plain })
}

/// Whether a program gave a request another number than the one it had.
pub(super) fn is_renumbered(before: &Memory, after: &Memory) -> bool {
    let was = |line: u64| {
        let place = before.outbox.binary_search_by_key(&line, |pending| pending.line).ok()?; // Older ones first.
        before.outbox[place].n
    };
    before.key == after.key
        && after.outbox.iter().any(|pending| was(pending.line).is_some_and(|n| pending.n != Some(n)))
}

fn a_room(room: &str) -> Room {
    Room::try_from(room).expect("a plan's rooms are clean")
}
