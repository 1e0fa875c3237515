//! `/log.txt`: a room's history as text.

use std::fmt::Write;

use causerie_core::history::{Found, Query};
use causerie_core::protocol::{Room, Seen, Seq};
use causerie_core::view::Plain;

use crate::web::WebLimits;

/// What was asked for: `room=lobby&before=120`.
pub(super) struct Asked {
    room: Room,
    before: Option<Seq>,
}

impl TryFrom<&str> for Asked {
    type Error = String;

    fn try_from(query: &str) -> Result<Self, String> {
        let mut asked = Self { room: Room::lobby(), before: None };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value).ok_or_else(|| format!("{name} is not UTF-8, written with %"))?;
            match name {
                "room" => asked.room = Room::try_from(&*value).map_err(|why| why.to_string())?,
                "before" => {
                    let number = value.trim_start_matches('#').parse();
                    asked.before = Some(Seq(number.map_err(|_| "before is an entry's number".to_owned())?));
                }
                _ => return Err("only room and before can be asked for".to_owned()),
            }
        }
        Ok(asked)
    }
}

impl Asked {
    pub(super) const fn room(&self) -> &Room {
        &self.room
    }

    /// What to look up; up to `after` the room's past is sealed.
    pub(super) fn query(&self, after: Seq, limits: &WebLimits) -> Query {
        let (room, before) = (self.room.clone(), self.before);
        let (limit, bytes_max) = (limits.log_entries_max, limits.log_bytes_max);
        Query::Room { reference: 0, room, after, before, limit, bytes_max }
    }
}

/// What was found, as text: of a room that anybody may enter, so this is nobody's secret.
pub(super) fn past(asked: &Asked, found: &Found, rooms: &[Room], utc_offset_s: i32) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("a string takes what it is given");
    line(format_args!("# {}, in the order of the log; times are {}", asked.room, offset(utc_offset_s)));
    let names: Vec<String> = rooms.iter().map(|room| format!("?room={}", encoded(room.as_str()))).collect();
    if !names.is_empty() {
        line(format_args!("# rooms with people in them: {}", names.join(" ")));
    }
    match found.entries.first() {
        Some(first) if found.more => {
            let room = encoded(asked.room.as_str());
            line(format_args!("# further back: /log.txt?room={room}&before={}", first.seq.0));
        }
        Some(_) => line(format_args!("# this is its beginning")),
        None => line(format_args!("# there is nothing that everybody may read")),
    }
    let mut day = None;
    for entry in &found.entries {
        let today = entry.at.day(utc_offset_s);
        if day.replace(today) != Some(today) {
            line(format_args!("-- {today} --"));
        }
        line(format_args!("{}", Plain { seen: &Seen::from(&**entry), utc_offset_s }));
    }
    text
}

fn offset(utc_offset_s: i32) -> String {
    let minutes = utc_offset_s.unsigned_abs() / 60;
    let sign = if utc_offset_s < 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A name as it stands in an address.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text.push(char::from(byte)),
            byte => write!(text, "%{byte:02X}").expect("a string takes what it is given"),
        }
    }
    text
}

fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which_room_and_before_what() {
        let asked = |query| Asked::try_from(query).map(|asked| (asked.room.as_str().to_owned(), asked.before));
        assert_eq!(asked(""), Ok(("lobby".into(), None)));
        assert_eq!(asked("room=Bench4&before=12"), Ok(("bench4".into(), Some(Seq(12)))));
        assert_eq!(asked("room=%23caf%C3%A9&before=%2312"), Ok(("café".into(), Some(Seq(12)))));
        for bad in ["room=", "room=a%2", "room=%ff", "room=%+1", "before=x", "who=ada", "room"] {
            assert!(asked(bad).is_err(), "{bad}");
        }
        assert_eq!(decoded(&encoded("日本 é%")), Some("日本 é%".into()));
    }
}
