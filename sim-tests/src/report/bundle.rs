//! A burst of requests as one mark: what one program sent at one moment, and what went one way from there, is one arrow.

use super::model::{Event, Flight, Model, What};

/// Fewer stand one by one.
const LEAST: usize = 3;

/// The model with each burst drawn once.
///
/// Requests with something of their own to show at the other end (an entry, a refusal) stay by themselves, as does what is
/// ringed. What followed from one of a burst follows from all of it.
#[must_use]
pub(super) fn bundled(mut model: Model) -> Model {
    let mut place: Vec<usize> = Vec::with_capacity(model.events.len());
    let mut events: Vec<Event> = Vec::with_capacity(model.events.len());
    let mut at = 0;
    while at < model.events.len() {
        let count = model.events[at..]
            .iter()
            .enumerate()
            .take_while(|(i, event)| !model.rings.contains(&(at + i)) && are_of_one_burst(&model.events[at], event))
            .count();
        let drawn = if count < LEAST { 1 } else { count };
        let burst = &model.events[at..at + drawn];
        place.extend(std::iter::repeat_n(events.len(), drawn));
        events.push(if drawn == 1 { burst[0].clone() } else { one_of(burst) });
        at += drawn;
    }
    for (i, event) in events.iter_mut().enumerate() {
        event.causes.iter_mut().for_each(|cause| *cause = place[*cause]);
        event.causes.retain(|cause| *cause < i);
        event.causes.sort_unstable();
        event.causes.dedup();
        if let Some(Flight { other: Some(other), .. }) = &mut event.flight {
            *other = place[*other];
        }
    }
    model.rings.iter_mut().for_each(|ring| *ring = place[*ring]);
    model.events = events;
    model
}

fn are_of_one_burst(first: &Event, next: &Event) -> bool {
    let (Some((mark, text)), Some((next_mark, next_text))) = (said(first), said(next)) else { return false };
    let alike = core::mem::discriminant(&first.what) == core::mem::discriminant(&next.what) && text == next_text;
    let together =
        (first.life, first.place, first.at_us, first.flight) == (next.life, next.place, next.at_us, next.flight);
    let leads_nowhere = first.flight.is_none_or(|flight| flight.other.is_none());
    alike && together && leads_nowhere && deed(mark).is_some() && deed(mark) == deed(next_mark)
}

/// The mark and the words of what somebody said: sent, or waiting for a connection.
fn said(event: &Event) -> Option<(&str, &str)> {
    match &event.what {
        What::Asks { mark, text } | What::Typed { mark, text } => Some((mark, text)),
        What::Comes { .. } | What::Gets { .. } | What::Answered { .. } | What::Told { .. } | What::LostDown => None,
        What::Gone { .. } | What::Tried | What::Starts { .. } | What::Ends { .. } | What::Trouble { .. } => None,
        What::Over { .. } | What::Entry { .. } | What::Durable | What::Again { .. } | What::Refuses { .. } => None,
        What::Unstored { .. } | What::ReadsOn { .. } | What::Note { .. } | What::Down { .. } => None,
        What::Up { .. } | What::Claim => None,
    }
}

/// The deed that a mark like `d10.3` is of.
fn deed(mark: &str) -> Option<&str> {
    mark.split_once('.').map(|(deed, _)| deed)
}

fn one_of(burst: &[Event]) -> Event {
    let mut one = burst[0].clone();
    one.causes = burst.iter().flat_map(|event| event.causes.iter().copied()).collect();
    let last = burst.last().unwrap_or(&one);
    let number = said(last).and_then(|(mark, _)| mark.split_once('.')).map(|(_, number)| number.to_owned());
    one.title = format!("{} at once: {} … {}", burst.len(), one.title, last.title);
    if let (What::Asks { mark, .. } | What::Typed { mark, .. }, Some(number)) = (&mut one.what, number) {
        *mark = format!("{mark}–{number}");
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Place;

    fn asks(mark: &str, at_us: u64, other: Option<usize>, causes: &[usize]) -> Event {
        Event {
            at_us,
            place: Place::Lane { lane: 0, second: false },
            life: Some(0),
            what: What::Asks { mark: mark.into(), text: "again".into() },
            slot: None,
            flight: Some(Flight { up: true, other_us: Some(at_us + 5), other, dashed: false }),
            causes: causes.to_vec(),
            title: mark.into(),
        }
    }

    fn model(events: Vec<Event>, rings: Vec<usize>) -> Model {
        Model {
            title: String::new(),
            sub: String::new(),
            card: None,
            lanes: Vec::new(),
            events,
            bands: Vec::new(),
            tracks: Vec::new(),
            waits: Vec::new(),
            folded: Vec::new(),
            rings,
            claim: String::new(),
            ended_us: 0,
        }
    }

    fn marks(model: &Model) -> Vec<String> {
        model.events.iter().filter_map(said).map(|(mark, _)| mark.to_owned()).collect()
    }

    #[test]
    fn a_burst_is_one_mark_and_what_followed_from_any_of_it_follows_from_that() {
        let burst = [("d1.0", &[][..]), ("d1.1", &[0]), ("d1.2", &[1]), ("d1.3", &[2])];
        let mut events: Vec<Event> = burst.iter().map(|(mark, causes)| asks(mark, 7, None, causes)).collect();
        events.push(asks("d2.0", 9, None, &[2, 3]));
        let bundled = bundled(model(events, vec![4]));
        assert_eq!(marks(&bundled), ["d1.0–3", "d2.0"]);
        assert_eq!(bundled.events[1].causes, [0]);
        assert_eq!(bundled.rings, [1]);
        assert_eq!(bundled.events[0].causes, [0; 0], "nothing follows from itself");
    }

    #[test]
    fn what_led_somewhere_or_is_ringed_or_came_later_stands_by_itself() {
        let mut events: Vec<Event> = (0..9).map(|i| asks(&format!("d1.{i}"), 7, None, &[])).collect();
        events[0].flight = Some(Flight { up: true, other_us: Some(12), other: Some(8), dashed: false });
        events[8].at_us = 8;
        let bundled = bundled(model(events, vec![5]));
        assert_eq!(marks(&bundled), ["d1.0", "d1.1–4", "d1.5", "d1.6", "d1.7", "d1.8"]);
        assert_eq!(bundled.events[0].flight.and_then(|flight| flight.other), Some(5));
        assert_eq!(bundled.rings, [2]);
    }
}
