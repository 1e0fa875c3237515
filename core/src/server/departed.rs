//! Who was called what until lately: what somebody is told who asks after a nick that nobody has any more.
//!
//! It is as old as this start, and bounded: the oldest is forgotten first.

use alloc::collections::{BTreeMap, VecDeque};

use super::{Life, Server};
use crate::fanout::ConnId;
use crate::limits::{DEPARTED_MAX, DEPARTED_TOLD_MAX};
use crate::protocol::reply::Was;
use crate::protocol::{ClientId, Entry, Event, Nick, Reply, Text};

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Departed {
    last: VecDeque<Was>,
    /// What those are called outside who are here, if they say so.
    real_names: BTreeMap<ClientId, Text>,
}

impl Departed {
    fn note(&mut self, was: Was) {
        self.last.push_back(was);
        if self.last.len() > DEPARTED_MAX {
            self.last.pop_front();
        }
    }

    /// Somebody who is here says what they are called outside, or does not.
    pub(super) fn call(&mut self, client: ClientId, real_name: Option<Text>) {
        match real_name {
            Some(name) => self.real_names.insert(client, name),
            None => self.real_names.remove(&client),
        };
    }
}

impl Server {
    /// Takes note of a nick that was let go of.
    pub(super) fn note_departed(&mut self, entry: &Entry) {
        if self.life == Life::Recovering {
            return;
        }
        let real_name = match &entry.event {
            Event::Departed { .. } => self.departed.real_names.remove(&entry.by),
            Event::Renamed { to, .. } if to.key() != entry.nick.key() => {
                self.departed.real_names.get(&entry.by).cloned()
            }
            Event::Renamed { .. }
            | Event::Arrived { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => return,
        };
        self.departed.note(Was { nick: entry.nick.clone(), real_name, at: entry.at });
    }

    /// Those who were called that, the last of them first.
    pub(super) fn read_was(&mut self, conn: ConnId, reference: u64, nick: &Nick) {
        let called = self.departed.last.iter().rev().filter(|was| was.nick.key() == nick.key());
        let found = called.take(DEPARTED_TOLD_MAX).cloned().collect();
        self.answer(conn, &Reply::Was { reference, found });
    }
}
