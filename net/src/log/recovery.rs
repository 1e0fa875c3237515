//! From what is stored to the state it comes to.

use std::sync::Arc;

use causerie_core::chat::{Chat, Outcome};
use causerie_core::planted;
use causerie_core::protocol::{Entry, FOLD, Intent, Position};

use super::{Engine, LogError, LogEvent, Order, Snapshot, Stored};

/// What a start found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// The state that all records have come to.
    pub chat: Chat,
    /// Records replayed after the snapshot.
    pub replayed: u64,
    /// Entries that history lacked and has.
    pub kept: u64,
}

/// Restores the fold of a log: the newest snapshot that is sound, and every record after it. What history lacks of their
/// facts is kept before anything else happens.
///
/// # Errors
/// If the log cannot be read, or is damaged: nothing is ever cut off.
pub fn recover<E: Engine>(engine: &mut E) -> Result<Recovery, LogError> {
    let mut found = Recovery { chat: newest_sound(engine)?, replayed: 0, kept: 0 };
    // Entries are kept in order and each batch is all or nothing, so history has every entry up to its last.
    let kept = engine.kept()?;
    let mut next = found.chat.next();
    loop {
        let stored = engine.read(next, READ_RECORDS)?;
        let Some(last) = stored.last() else { break };
        (next, found.replayed) = (Position(last.position.0 + 1), found.replayed + stored.len() as u64);
        let mut facts = Vec::new();
        for stored in &stored {
            fold(&mut found.chat, stored, &engine.name(), |entry| facts.push(Arc::new(entry)))?;
        }
        facts.retain(|entry| entry.seq > kept);
        found.kept += facts.len() as u64;
        if !facts.is_empty() && !planted!("history_not_mended") {
            keep(engine, facts)?;
        }
    }
    Ok(found)
}

/// Applies a record, and hands out the facts it came to.
///
/// # Errors
/// If its rules are not known to this program.
pub(super) fn fold(chat: &mut Chat, stored: &Stored, store: &str, mut fact: impl FnMut(Entry)) -> Result<(), LogError> {
    let Stored { position, at, record } = stored;
    for intent in &record.intents {
        if matches!(intent, Intent::Genesis { fold, .. } if *fold > FOLD) {
            return Err(LogError::Newer { store: store.to_owned(), position: *position });
        }
        match chat.apply(*position, *at, intent) {
            Outcome::Fact(entry) => fact(entry),
            Outcome::Refused(_) | Outcome::Duplicate(_) | Outcome::Gap | Outcome::Silent => {}
        }
    }
    Ok(())
}

/// The state of the newest snapshot that is what it says, else the state before any record.
fn newest_sound<E: Engine>(engine: &E) -> Result<Chat, LogError> {
    let mut below = Position(u64::MAX);
    while let Some(snapshot) = engine.snapshot_below(below)? {
        let position = snapshot.position;
        if let Some(chat) = restored(&snapshot) {
            if position > Position(0) && engine.read(Position(position.0 - 1), 1)?.is_empty() {
                let why = "a snapshot covers it, and it is not there".to_owned();
                return Err(LogError::Damaged { store: engine.name(), position: Position(position.0 - 1), why });
            }
            return Ok(chat);
        }
        tracing::warn!(position = position.0, "a stored snapshot is not sound and is ignored: this start takes longer");
        below = position;
    }
    Ok(Chat::new())
}

fn restored(snapshot: &Snapshot) -> Option<Chat> {
    let chat = Chat::restore(&snapshot.bytes).ok()?;
    (chat.hash() == snapshot.hash && chat.next() == snapshot.position).then_some(chat)
}

fn keep<E: Engine>(engine: &mut E, facts: Vec<Arc<Entry>>) -> Result<(), LogError> {
    let lost = |event| match event {
        LogEvent::Lost(why) => Some(why),
        LogEvent::Committed { .. } | LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } => None,
    };
    engine.run(vec![Order::Keep(facts)]).into_iter().find_map(lost).map_or(Ok(()), Err)
}

/// Records read at once.
const READ_RECORDS: usize = 4_096;
