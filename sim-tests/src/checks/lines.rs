//! What somebody at netcat reads of an entry: spelled out once more, so that what is shipped is not its own judge.

use causerie_core::protocol::{Audience, Entry, Event, Leaving, Manner, Room};
use causerie_core::time::WallTime;

/// The line of somebody else's entry.
pub(super) fn line_of(entry: &Entry) -> String {
    let nick = &entry.nick;
    let words = match &entry.event {
        Event::Arrived { .. } => format!("* {nick}, joined chat room"),
        Event::Departed { why: Leaving::Quit, .. } => format!("* {nick} left"),
        Event::Departed { why: Leaving::Lost, .. } => format!("* {nick} left (connection lost)"),
        Event::Joined { room } => format!("* {nick} joined {room}"),
        Event::Left { room } => format!("* {nick} left {room}"),
        Event::Renamed { to, .. } => format!("* {nick} is called {to} from here on"),
        Event::Said { audience, text, manner, .. } => {
            let names = |people: &[causerie_core::protocol::Person]| {
                people.iter().map(|person| person.nick.as_str()).collect::<Vec<_>>().join(", ")
            };
            match (audience, manner) {
                (Audience::Room(room), Manner::Plain) => format!("{}{nick}: {text}", prefix(room)),
                (Audience::Room(room), Manner::Action) => format!("{}* {nick} {text}", prefix(room)),
                (Audience::Only(people), Manner::Plain) => format!("{nick} → {}: {text}", names(people)),
                (Audience::Only(people), Manner::Action) => format!("{nick} → {}: * {nick} {text}", names(people)),
            }
        }
    };
    format!("{} {words}", time_of_day(entry.at))
}

/// The lobby goes without saying.
fn prefix(room: &Room) -> String {
    if room.as_str() == "lobby" { String::new() } else { format!("#{} ", room.as_str()) }
}

fn time_of_day(at: WallTime) -> String {
    let minutes = at.0 / 60_000;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Whether somebody reads this line in that very form in a page of history too.
pub(super) fn is_private(line: &str) -> bool {
    line.contains(" → ")
}

/// The line its author reads of it, if there is one.
pub(super) fn note_of(entry: &Entry) -> Option<String> {
    let Event::Said { notes, .. } = &entry.event else { return None };
    let listed = |nicks: &[causerie_core::protocol::Nick]| {
        nicks.iter().map(causerie_core::protocol::Nick::as_str).collect::<Vec<_>>().join(", ")
    };
    let mut parts = Vec::new();
    match entry.rooms().first().map(Room::as_str) {
        Some("lobby") if notes.alone => parts.push("You are alone in server".to_owned()),
        Some(room) if notes.alone => parts.push(format!("You are alone in #{room}")),
        Some(_) | None => {}
    }
    match &notes.unknown[..] {
        [] => {}
        [one] => parts.push(format!("{one} is not here; the others got it")),
        several => parts.push(format!("{} are not here; the others got it", listed(several))),
    }
    match &notes.away[..] {
        [] => {}
        [one] => parts.push(format!("{one} is away and gets it on return")),
        several => parts.push(format!("{} are away and get it on return", listed(several))),
    }
    (!parts.is_empty()).then(|| format!("{} * {}", time_of_day(entry.at), parts.join("; ")))
}
