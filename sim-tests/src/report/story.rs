//! What happened, told in a few numbered sentences: faults, what they did, who came back, what was asked again.

use super::fate::{Fate, Jump};
use super::model::{Model, Place, What};

/// A sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sentence {
    /// The event it is about.
    pub(crate) event: usize,
    /// It tells of a fault.
    pub(crate) fault: bool,
    /// What it says.
    pub(crate) text: String,
}

/// More than so many are not read.
const MOST: usize = 14;

/// The sentences of a run, in order.
pub(crate) fn tell(model: &Model, fate: Option<&Fate>) -> Vec<Sentence> {
    let mut told: Vec<Sentence> = Vec::new();
    let mut private = false;
    for (event, this) in model.events.iter().enumerate() {
        let name = match this.place {
            Place::Lane { lane, .. } | Place::Way { lane } => &*model.lanes[lane].name,
            Place::Server => "",
        };
        let sentence = match &this.what {
            What::Trouble { text } => Some((true, trouble(name, text))),
            What::Over { text } => Some((false, over(name, text))),
            What::Gone { why } => Some((true, gone(name, why))),
            What::Ends { text } => Some((true, ends(name, text))),
            What::Starts { text } if text == "second program" => {
                Some((false, format!("{name} starts a second program with the same key")))
            }
            What::Starts { .. } => Some((false, format!("the program of {name} starts again"))),
            What::Comes { after: 0 } => None,
            What::Comes { after } => Some((false, format!("{name} is back and has all up to #{after}"))),
            What::Typed { mark, .. } => {
                let waits = if mark.contains('–') { "they wait" } else { "it waits" };
                Some((false, format!("{name} says {mark} with no connection: {waits}")))
            }
            What::Again { seq, mark } => {
                Some((false, format!("{mark} is asked again and is #{seq} already: nothing is added")))
            }
            What::Refuses { mark } => Some((false, format!("{mark} is refused"))),
            What::Unstored { mark } => Some((true, format!("{mark} arrives and is not stored: nobody is told of it"))),
            What::Entry { seq, who, private: true, .. } if !std::mem::replace(&mut private, true) => {
                Some((false, format!("#{seq} is private, {who}: meant for nobody else")))
            }
            What::Note { text, .. } if text.starts_with('▸') => Some((false, this.title.clone())),
            What::Note { text, fault } => Some((*fault, text.trim_start_matches("✕ ").to_owned())),
            What::Down { text } => Some((true, format!("the server: {}", text.trim_start_matches("✕ ")))),
            What::Up { text } => Some((false, text.clone())),
            What::LostDown => lost(model, event, name),
            What::Asks { mark, text } if this.flight.is_some_and(|flight| flight.other_us.is_none()) => {
                let what = if mark.is_empty() { format!("“{text}”") } else { mark.clone() };
                let lost = if mark.contains('–') { "are lost on their way" } else { "is lost on its way" };
                Some((true, format!("{what} of {name} {lost}")))
            }
            What::Asks { mark, text } if text == "again, anew" => {
                Some((false, format!("{name} asks {mark} again, under a new number")))
            }
            What::Entry { .. } | What::Asks { .. } | What::Gets { .. } | What::Answered { .. } => None,
            What::Told { .. } | What::Tried | What::Durable | What::Claim | What::ReadsOn { .. } => None,
        };
        if let Some((fault, text)) = sentence {
            told.push(Sentence { event, fault, text });
        }
    }
    told_after_their_causes(&mut told, model);
    join(&mut told, model);
    let lit = super::causal::lit(model);
    told.retain(|sentence| lit.contains(&sentence.event));
    if told.len() > MOST {
        let minor =
            |what: &What| matches!(what, What::Over { .. } | What::Note { fault: false, .. } | What::Refuses { .. });
        // The earliest of what matters less is left out first.
        let mut surplus = told.len() - MOST;
        told.retain(|sentence| {
            let out = surplus > 0 && minor(&model.events[sentence.event].what);
            surplus -= usize::from(out);
            !out
        });
    }
    let mut told = told.split_off(told.len().saturating_sub(MOST));
    decided(&mut told, model, fate);
    told
}

/// Where it was decided.
fn decided(told: &mut Vec<Sentence>, model: &Model, fate: Option<&Fate>) {
    let Some(Jump { at_us, before, then }) = fate.and_then(Fate::jump) else { return };
    let Some(event) = model.events.iter().position(|event| event.at_us >= at_us) else { return };
    let text = format!("here it is decided: {before}% → {then}% of random futures fail");
    let place = told.partition_point(|sentence| model.events[sentence.event].at_us <= at_us);
    told.insert(place, Sentence { event, fault: true, text });
}

fn trouble(name: &str, text: &str) -> String {
    match text {
        "link cut" => format!("the link of {name} is cut, both ways"),
        "cut to the server" => format!("nothing of {name}'s reaches the server"),
        "cut from server" => format!("nothing reaches {name}"),
        "held on its way" => format!("what is on its way to and from {name} is held"),
        text => format!("{name} {text}"),
    }
}

fn over(name: &str, text: &str) -> String {
    match text {
        "healed" => format!("the link of {name} is whole again"),
        "goes on" => format!("what was held for {name} goes on"),
        text => format!("{name} {text}"),
    }
}

fn gone(name: &str, why: &str) -> String {
    match why {
        "timeout" => format!("{name} hears nothing and gives the connection up"),
        "reset" => format!("the connection of {name} is reset"),
        "closed" => format!("the server closes the connection of {name}"),
        "server stops" => format!("{name} is told that the server stops"),
        why => format!("{name} loses the connection: {why}"),
    }
}

fn ends(name: &str, text: &str) -> String {
    match text {
        "taken over: ends" => format!("that program of {name} is told that it is taken over, and ends"),
        "program dies" => format!("the program of {name} dies"),
        "connection lost" => format!("the connection of {name} is lost"),
        "hangs up" => format!("{name} hangs up"),
        text => format!("{name}: {text}"),
    }
}

/// A lost answer is worth a sentence; of entries, as they come again on resume, none is.
fn lost(model: &Model, event: usize, name: &str) -> Option<(bool, String)> {
    let this = &model.events[event];
    if !this.flight.is_some_and(|flight| flight.dashed) {
        return None;
    }
    let entry = this.causes.iter().find_map(|cause| model.events[*cause].what.seq());
    Some(match entry {
        Some(seq) => (true, format!("the answer that #{seq} is stored is lost: {name} does not know")),
        None => (true, format!("an answer to {name} is lost")),
    })
}

/// What was lost on its way was sent before the fault that lost it, and is told after it.
fn told_after_their_causes(told: &mut [Sentence], model: &Model) {
    for i in 1..told.len() {
        let (sent, fault) = (&model.events[told[i - 1].event], &model.events[told[i].event]);
        let near = fault.at_us < sent.at_us + 200_000;
        if near && sent.what == What::LostDown && matches!(fault.what, What::Trouble { .. } | What::Down { .. }) {
            told.swap(i - 1, i);
        }
    }
}

/// One sentence for what happens to several at once: the same but for the name, close together.
fn join(told: &mut Vec<Sentence>, model: &Model) {
    let mut i = 0;
    while i + 1 < told.len() {
        let (one, next) = (&told[i], &told[i + 1]);
        let near = model.events[next.event].at_us < model.events[one.event].at_us + 100_000;
        let names: Vec<&str> = model.lanes.iter().map(|lane| &*lane.name).collect();
        let named = |text: &str| names.iter().copied().find(|name| text.split(' ').any(|word| word == *name));
        let joined = match (named(&one.text), named(&next.text)) {
            (Some(a), Some(b)) if near && a != b && one.text.replacen(a, b, 1) == next.text => Some(
                one.text
                    .replacen(a, &format!("{a} and {b}"), 1)
                    .replace(" hears", " hear")
                    .replace(" gives", " give")
                    .replace(" is back and has", " are back and have")
                    .replace(" is sent what", " are sent what")
                    .replace("the connection of", "the connections of")
                    .replace(" is reset", " are reset"),
            ),
            (Some(_) | None, _) => None,
        };
        match joined {
            Some(text) => {
                told[i].text = text;
                told.remove(i + 1);
            }
            None => i += 1,
        }
    }
}
