//! Broken beliefs: a panic anywhere in a run is noted, also one in a task whose end nobody waits for.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// A run is being played on this thread.
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    /// What the first panic of it said, and where.
    static FIRST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Plays something, and says which belief broke first meanwhile, if one did. Panics are noted and not printed; other
/// threads keep the usual way.
pub fn watch(play: impl FnOnce()) -> Option<String> {
    install();
    FIRST.set(None);
    WATCHING.set(true);
    let played = panic::catch_unwind(AssertUnwindSafe(play));
    WATCHING.set(false);
    let first = FIRST.take();
    first.or_else(|| played.is_err().then(|| "a panic that says nothing".to_owned()))
}

/// Whether a belief has broken in what is being played.
#[must_use]
pub fn seen() -> bool {
    FIRST.with_borrow(Option::is_some)
}

fn install() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !WATCHING.get() {
                return usual(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let text = info.payload_as_str().unwrap_or_default();
            FIRST.with_borrow_mut(|first| {
                first.get_or_insert_with(|| format!("{text} ({place})"));
            });
        }));
    });
}
