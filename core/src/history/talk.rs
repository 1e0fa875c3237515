//! What was said, in any stretch of it: for doors whose clients page both ways, by entry or by time.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Found, Index};
use crate::protocol::{Audience, ClientId, Entry, Event, Point, Room, Seq, Span, encode_entry};

/// Whose talk.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Between {
    /// What was said in a room after an entry: the rest is sealed.
    Room(Room, Seq),
    /// What two people said to each other, and perhaps to others with them.
    People(ClientId, ClientId),
}

/// Entries looked at in one step forward.
const STEP: usize = 256;
/// Numbers in the first of the ranges that are looked through from the end; each is twice the one before.
const RANGE: u64 = 1_024;

/// A stretch of talk, in order: at most `limit` entries, and `bytes_max` stored bytes unless a single one has more.
///
/// # Errors
/// The store's own.
pub fn talk<I: Index>(
    index: &I,
    between: &Between,
    span: Span,
    limit: usize,
    bytes_max: usize,
) -> Result<Found, I::Error> {
    let (head, _) = index.bounds()?;
    let (first, end) = (Seq(0), head.next());
    let mut taken = Taken { limit, bytes_max, bytes: 0, entries: Vec::new() };
    match span {
        Span::Latest(None) => newest(index, between, first, end, &mut taken)?,
        Span::Latest(Some(point)) => newest(index, between, after(index, point)?, end, &mut taken)?,
        Span::Before(point) => newest(index, between, first, before(index, point)?, &mut taken)?,
        Span::After(point) => oldest(index, between, after(index, point)?, end, &mut taken)?,
        Span::Between(from, to) if before(index, from)? <= before(index, to)? => {
            oldest(index, between, after(index, from)?, before(index, to)?, &mut taken)?;
        }
        Span::Between(from, to) => newest(index, between, after(index, to)?, before(index, from)?, &mut taken)?,
        Span::Around(point) => {
            let middle = before(index, point)?;
            (taken.limit, taken.bytes_max) = (limit / 2, bytes_max / 2);
            newest(index, between, first, middle, &mut taken)?;
            (taken.limit, taken.bytes_max) = (limit, bytes_max);
            oldest(index, between, Seq(middle.0.saturating_sub(1)), end, &mut taken)?;
        }
    }
    Ok(Found { entries: taken.entries, through: head, ..Found::default() })
}

/// The last that was said in each of these rooms, and by or to `who` alone with each person, in a stretch of time: in
/// order, at most `limit`. Private talk is looked for among the last 65 536 numbers.
///
/// # Errors
/// The store's own.
pub fn newest_of_each<I: Index>(
    index: &I,
    who: &ClientId,
    rooms: &[(Room, Seq)],
    (from, to): (Point, Point),
    limit: usize,
) -> Result<Found, I::Error> {
    let (head, _) = index.bounds()?;
    let (one, other) = (before(index, from)?, before(index, to)?);
    let (low, high) = (Seq(one.min(other).0.saturating_sub(1)), one.max(other));
    let mut entries = Vec::new();
    for (room, sealed) in rooms {
        let mut taken = Taken { limit: 1, bytes_max: usize::MAX, bytes: 0, entries: Vec::new() };
        newest(index, &Between::Room(room.clone(), *sealed), low, high, &mut taken)?;
        entries.extend(taken.entries);
    }
    let last = Seq(high.0.saturating_sub(1));
    let begin = Seq(last.0.saturating_sub(LOOKED_AT_MAX)).max(low);
    let mut others = BTreeSet::new();
    for seq in index.of_person(who, begin, last, usize::MAX)?.into_iter().rev() {
        let Some(entry) = index.entry(seq)? else { continue };
        let other = if entry.by == *who { entry.people().first().map(|person| person.id) } else { Some(entry.by) };
        if let Some(other) = other.filter(|_| !entry.people().is_empty())
            && others.insert(other)
        {
            entries.push(entry);
        }
    }
    entries.sort_by_key(|entry| entry.seq);
    entries.truncate(limit);
    Ok(Found { entries, through: head, ..Found::default() })
}

/// Numbers looked back at for private talk.
const LOOKED_AT_MAX: u64 = 65_536;

/// What was taken of what was found.
struct Taken {
    limit: usize,
    bytes_max: usize,
    bytes: usize,
    entries: Vec<Arc<Entry>>,
}

impl Taken {
    /// Takes an entry, unless there is no more room. False if there is none.
    fn take(&mut self, entry: Arc<Entry>) -> bool {
        self.bytes += encode_entry(&entry).len();
        let room = self.entries.len() < self.limit && (self.bytes <= self.bytes_max || self.entries.is_empty());
        if room {
            self.entries.push(entry);
        }
        room
    }
}

/// The first talk after `low` and before `high`.
fn oldest<I: Index>(index: &I, between: &Between, low: Seq, high: Seq, taken: &mut Taken) -> Result<(), I::Error> {
    let through = Seq(high.0.saturating_sub(1));
    let mut from = low;
    loop {
        let seqs = candidates(index, between, from, through, STEP)?;
        for seq in &seqs {
            if let Some(entry) = index.entry(*seq)?.filter(|entry| is_talk(between, entry))
                && !taken.take(entry)
            {
                return Ok(());
            }
        }
        match seqs.last() {
            Some(last) if seqs.len() == STEP => from = *last,
            Some(_) | None => return Ok(()),
        }
    }
}

/// The last talk after `low` and before `high`, in order.
fn newest<I: Index>(index: &I, between: &Between, low: Seq, high: Seq, taken: &mut Taken) -> Result<(), I::Error> {
    let (mut end, mut range, begun) = (Seq(high.0.saturating_sub(1)), RANGE, taken.entries.len());
    'all: while end > low {
        let begin = Seq(end.0.saturating_sub(range)).max(low);
        for seq in candidates(index, between, begin, end, usize::MAX)?.into_iter().rev() {
            if let Some(entry) = index.entry(seq)?.filter(|entry| is_talk(between, entry))
                && !taken.take(entry)
            {
                break 'all;
            }
        }
        (end, range) = (begin, range.saturating_mul(2));
    }
    taken.entries[begun..].reverse();
    Ok(())
}

fn candidates<I: Index>(
    index: &I,
    between: &Between,
    after: Seq,
    through: Seq,
    limit: usize,
) -> Result<Vec<Seq>, I::Error> {
    match between {
        Between::Room(room, sealed) => index.in_room(room, after.max(*sealed), through, limit),
        Between::People(one, _) => index.of_person(one, after, through, limit),
    }
}

fn is_talk(between: &Between, entry: &Entry) -> bool {
    let Event::Said { audience, .. } = &entry.event else { return false };
    match (between, audience) {
        (Between::Room(..), Audience::Room(_)) => true,
        (Between::People(one, other), Audience::Only(people)) => {
            let names = |who: &ClientId| people.iter().any(|person| person.id == *who);
            (entry.by == *one && names(other)) || (entry.by == *other && names(one))
        }
        (Between::Room(..), Audience::Only(_)) | (Between::People(..), Audience::Room(_)) => false,
    }
}

/// The number after which entries stand that come after a point.
fn after<I: Index>(index: &I, point: Point) -> Result<Seq, I::Error> {
    match point {
        Point::Entry(seq) => Ok(seq),
        Point::Time(at) => first_from(index, |time| time > at).map(|seq| Seq(seq.0.saturating_sub(1))),
    }
}

/// The number before which entries stand that come before a point.
fn before<I: Index>(index: &I, point: Point) -> Result<Seq, I::Error> {
    match point {
        Point::Entry(seq) => Ok(seq),
        Point::Time(at) => first_from(index, |time| time >= at),
    }
}

/// The first entry whose time is late enough; the one after the last if none is. Times never go backwards.
fn first_from<I: Index>(index: &I, is_late: impl Fn(crate::time::WallTime) -> bool) -> Result<Seq, I::Error> {
    let (head, first) = index.bounds()?;
    let (mut low, mut high) = (first.0, head.0 + 1);
    while low < high {
        let middle = u64::midpoint(low, high);
        match index.entry(Seq(middle))? {
            Some(entry) if is_late(entry.at) => high = middle,
            Some(_) | None => low = middle + 1,
        }
    }
    Ok(Seq(low))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;
    use crate::history::Memory;
    use crate::protocol::{Key, Manner, Nick, Notes, RequestId, Tags, Text};
    use crate::time::WallTime;

    fn who(name: &str) -> ClientId {
        let mut key = [0; 16];
        key[..name.len()].copy_from_slice(name.as_bytes());
        Key::new(key).client()
    }

    /// Odd numbers are said in the lobby, every fourth is private, every sixth is a join; two entries per second.
    fn history() -> Memory {
        let mut memory = Memory::default();
        for seq in 1..=24_u64 {
            let named = |name: &str| crate::protocol::Person { id: who(name), nick: Nick::try_from(name).unwrap() };
            let audience = match seq % 4 {
                0 => Audience::Only(Vec::from([named("bob")])),
                _ => Audience::Room(Room::lobby()),
            };
            let text = Text::try_from(&*format!("{seq}")).unwrap();
            let event = match seq % 6 {
                5 => Event::Joined { room: Room::lobby() },
                _ => Event::Said { audience, text, manner: Manner::Plain, notes: Notes::default() },
            };
            let entry = Entry {
                seq: Seq(seq),
                at: WallTime(seq / 2 * 1_000),
                by: who("ada"),
                nick: Nick::try_from("ada").unwrap(),
                hue: 0,
                n: RequestId(seq),
                seen: Seq(0),
                event,
                account: None,
                tags: Tags::default(),
            };
            memory.keep(&Arc::new(entry));
        }
        memory
    }

    fn found(span: Span, limit: usize) -> String {
        let lobby = Between::Room(Room::lobby(), Seq(0));
        let Ok(found) = talk(&history(), &lobby, span, limit, 10_000);
        let seqs: Vec<String> = found.entries.iter().map(|entry| format!("{}", entry.seq.0)).collect();
        seqs.join(" ")
    }

    #[test]
    fn a_stretch_is_found_from_either_end_by_entry_and_by_time() {
        let (entry, time) = (|seq| Point::Entry(Seq(seq)), |s: u64| Point::Time(WallTime(s * 1_000)));
        assert_eq!(found(Span::Latest(None), 3), "19 21 22");
        assert_eq!(found(Span::Latest(Some(entry(19))), 9), "21 22");
        assert_eq!(found(Span::Before(entry(10)), 3), "6 7 9");
        assert_eq!(found(Span::Before(time(5)), 3), "6 7 9");
        assert_eq!(found(Span::After(entry(10)), 3), "13 14 15");
        assert_eq!(found(Span::After(time(6)), 3), "14 15 18");
        assert_eq!(found(Span::Between(entry(3), entry(10)), 2), "6 7");
        assert_eq!(found(Span::Between(entry(10), entry(3)), 2), "7 9");
        assert_eq!(found(Span::Around(entry(9)), 4), "6 7 9 10");
        assert_eq!(found(Span::After(time(1_000)), 4), "");
        assert_eq!(found(Span::Before(entry(1)), 4), "");
    }

    #[test]
    fn what_is_sealed_is_in_no_stretch() {
        let found = |span, sealed| {
            let lobby = Between::Room(Room::lobby(), Seq(sealed));
            let Ok(found) = talk(&history(), &lobby, span, 3, 10_000);
            found.entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>()
        };
        let entry = |seq| Point::Entry(Seq(seq));
        assert_eq!(found(Span::After(entry(2)), 13), [14, 15, 18]);
        assert_eq!(found(Span::Before(entry(15)), 13), [14]);
        assert_eq!(found(Span::Around(entry(13)), 14), [15, 18, 19]);
        assert_eq!(found(Span::Between(entry(1), entry(13)), 13), [0; 0]);
        assert_eq!(found(Span::Latest(None), 21), [22]);
        let (from, to) = (Point::Time(WallTime(0)), Point::Time(WallTime(20_000)));
        let newest = |sealed| {
            let Ok(found) = newest_of_each(&history(), &who("cleo"), &[(Room::lobby(), Seq(sealed))], (from, to), 3);
            found.entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>()
        };
        assert_eq!((newest(21), newest(22)), (Vec::from([22]), Vec::new()));
    }

    #[test]
    fn private_talk_is_found_by_those_who_had_it() {
        let talked = |one, other| {
            let Ok(found) = talk(&history(), &Between::People(who(one), who(other)), Span::Latest(None), 3, 10_000);
            found.entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>()
        };
        assert_eq!(talked("ada", "bob"), [16, 20, 24]);
        assert_eq!(talked("bob", "ada"), [16, 20, 24]);
        assert_eq!(talked("cleo", "ada"), [0; 0]);
    }

    #[test]
    fn a_stretch_that_is_too_large_is_cut_at_its_far_end() {
        let lobby = Between::Room(Room::lobby(), Seq(0));
        let cut = |span| {
            let Ok(found) = talk(&history(), &lobby, span, 9, 100);
            found.entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>()
        };
        assert_eq!(cut(Span::Latest(None)), [21, 22]);
        assert_eq!(cut(Span::After(Point::Entry(Seq(0)))), [1, 2]);
    }
}
