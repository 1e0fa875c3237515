//! One run: a plan played and judged.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::checks::{Broken, Promise, judge};
use crate::marks::Marks;
use crate::plan::Plan;
use crate::trace::Trace;
use crate::world::pure::World;

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// The first broken promise, if one was broken.
    pub broken: Option<Broken>,
    /// What happened that must happen sometimes.
    pub marks: Marks,
    /// What happened.
    pub trace: Trace,
    /// Virtual microseconds.
    pub simulated_us: u64,
}

/// Plays a plan and judges what it left.
#[must_use]
pub fn run(plan: &Plan, promises: &[Promise], traced: bool) -> Run {
    catch_quietly();
    let mut world = World::new(plan, traced);
    let played = panic::catch_unwind(AssertUnwindSafe(|| world.play()));
    let played = world.finish(played.err().map(|payload| text_of(&*payload)));
    let (case, broken) = judge(&played.evidence, promises);
    let (mut marks, mut trace) = (played.marks, played.trace);
    marks.count_evidence(&case);
    trace.mark(case.facts.len() as u64);
    if let Some(broken) = &broken {
        trace.line(played.simulated_us, format_args!("broken: {broken}"));
    }
    Run { broken, marks, trace, simulated_us: played.simulated_us }
}

thread_local! {
    /// The last panic's place: its payload does not know it.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
    /// Whether a panic is caught and told as a broken promise.
    static CAUGHT: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Has panics of runs noted and not printed; other threads keep the usual way.
pub(crate) fn catch_quietly() {
    static HOOK: Once = Once::new();
    CAUGHT.set(true);
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let ours = place.starts_with("core/") || place.contains("/pure");
            if CAUGHT.get() && ours {
                PLACE.set(place);
            } else {
                usual(info);
            }
        }));
    });
}

pub(crate) fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
    format!("{text} ({})", PLACE.take())
}
