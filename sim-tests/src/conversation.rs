//! A run as people would tell it: what was done and what went wrong at the margin, and further in what each was shown.

use std::fmt;

use causerie_core::client::News;
use causerie_core::protocol::{Ask, Room, Target};
use causerie_core::view::{Noted, Online, Telling};

use crate::evidence::{By, Evidence, Life, Shown};
use crate::plan::{Plan, Seconds};

/// A played plan, in words. Comings of strangers are left out, and what waits for its answer.
#[derive(Clone, Copy, Debug)]
pub struct Conversation<'a> {
    /// What was to happen.
    pub plan: &'a Plan,
    /// What it left.
    pub evidence: &'a Evidence,
}

impl fmt::Display for Conversation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(u64, String)> = self.plan.timed_lines();
        // Who has several programs, one after the other or at once, has them numbered.
        for (index, life) in self.evidence.lives.iter().enumerate().filter(|(_, life)| life.by != By::Stranger) {
            let earlier = self.evidence.lives[..index].iter().filter(|other| other.person == life.person).count();
            let name = if earlier == 0 { life.name.clone() } else { format!("{} ({})", life.name, earlier + 1) };
            for told in &life.told {
                if let Some(words) = in_words(&told.what, life) {
                    lines.push((told.at_us, format!("        {name:<10}  {words}")));
                }
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        for (at, line) in lines {
            writeln!(f, "{:>8}  {line}", Seconds(at))?;
        }
        Ok(())
    }
}

fn in_words(shown: &Shown, life: &Life) -> Option<String> {
    let news = match shown {
        Shown::Line(line) => return (!line.is_empty()).then(|| line.clone()),
        Shown::News(news) => news,
    };
    Some(match news {
        News::Waiting(_) => return None,
        News::Online(welcome) => {
            let online = Online { here: &welcome.here, more: welcome.more };
            format!("is in, as {}; the log is at {}; {online}", welcome.you, welcome.head)
        }
        News::Offline { why, .. } => format!("offline: {why}"),
        News::Accepted { pending, seq, notes, entry, .. } => {
            let what = match (pending, entry) {
                (Some(pending), _) => pending.reference.as_deref().unwrap_or("it").to_owned(),
                (None, Some(entry)) => format!("\"{}\", asked by an earlier life,", Telling(entry)),
                (None, None) => "what an earlier life asked".to_owned(),
            };
            let room = pending.as_ref().and_then(|pending| room_of(&pending.ask));
            let noted = Noted { notes, room }.to_string();
            let noted = if noted.is_empty() { noted } else { format!(" ({noted})") };
            format!("✓ {what} is {seq}{noted}")
        }
        News::Refused { reference, why, .. } => {
            format!("✗ {}: {why}", reference.as_deref().unwrap_or("what an earlier life asked"))
        }
        News::Saw(seen) => format!("{} {}", seen.seq, Telling(seen)),
        News::Who { people, .. } => {
            format!("here: {}", people.iter().map(|here| here.nick.to_string()).collect::<Vec<_>>().join(", "))
        }
        News::Rooms { rooms, .. } => {
            format!("rooms: {}", rooms.iter().map(|line| line.room.to_string()).collect::<Vec<_>>().join(", "))
        }
        News::Room { room, .. } => format!("looks at {}", room.room),
        News::Oper { .. } => "operates the server".to_owned(),
        News::Denied { why, .. } => format!("✗ {why}"),
        News::Page { page, .. } => match (page.entries.first(), page.entries.last()) {
            (Some(first), Some(last)) => format!("reads {} entries, {} to {}", page.entries.len(), first.seq, last.seq),
            (None, _) | (_, None) => "reads an empty page".to_owned(),
        },
        News::Missed { from, to } => format!("what stands between {from} and {to} is no longer kept"),
        News::Notice(text) => format!("* {text}"),
        News::Ended { code, text } => format!("{} ended, {code}: {text}", life.name),
    })
}

/// The room that something was asked to be said in, if it was one.
const fn room_of(ask: &Ask) -> Option<&Room> {
    match ask {
        Ask::Say { to: Target::Room(room), .. } | Ask::SayWith { to: Target::Room(room), .. } => Some(room),
        Ask::Say { to: Target::People(_), .. }
        | Ask::SayWith { to: Target::People(_), .. }
        | Ask::Join { .. }
        | Ask::Leave { .. }
        | Ask::Rename { .. }
        | Ask::Void { .. }
        | Ask::Unlock { .. }
        | Ask::Topic { .. }
        | Ask::Kick { .. }
        | Ask::Invite { .. }
        | Ask::Change { .. }
        | Ask::Kill { .. } => None,
    }
}
