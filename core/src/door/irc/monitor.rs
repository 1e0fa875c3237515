//! `MONITOR`: who of those one asks about is here, and when that changes.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::lines::{Line, joined, mask};
use super::message::Message;
use super::numeric::{ERR_MONLISTFULL, RPL_ENDOFMONLIST, RPL_MONLIST, RPL_MONOFFLINE, RPL_MONONLINE};
use super::session::{Session, Turn, Wanted};
use crate::limits::WATCHED_MAX;
use crate::protocol::reply::Profile;
use crate::protocol::{Nick, Read};

impl Turn<'_> {
    pub(super) fn monitor(&mut self, message: &Message<'_>) {
        match (&*message.param(0).to_ascii_uppercase(), message.param(1)) {
            ("+", names) if !names.is_empty() => self.watch(names),
            ("-", names) if !names.is_empty() => {
                let off = nicks(names).filter(|nick| self.session.watched.remove(nick.key()).is_some()).collect();
                self.want(Wanted::Lines(Vec::new()), Read::Watch { on: Vec::new(), off });
            }
            ("C", _) => {
                let off = core::mem::take(&mut self.session.watched).into_values().collect();
                self.want(Wanted::Lines(Vec::new()), Read::Watch { on: Vec::new(), off });
            }
            ("L", _) => {
                let watched = self.session.watched.values().cloned().collect();
                self.want(Wanted::Watched { nicks: watched }, Read::Barrier);
            }
            ("S", _) => {
                let nicks: Vec<Nick> = self.session.watched.values().cloned().collect();
                self.want(Wanted::Monitor { nicks: nicks.clone() }, Read::People { nicks });
            }
            _ => self.needs("MONITOR", "+ name[,name], - name[,name], C, L or S"),
        }
    }

    fn watch(&mut self, names: &str) {
        let (mut on, mut beyond) = (Vec::<Nick>::new(), Vec::new());
        for nick in nicks(names) {
            if on.iter().any(|named| named.key() == nick.key()) {
                continue;
            }
            let watched = &mut self.session.watched;
            if watched.len() < WATCHED_MAX || watched.contains_key(nick.key()) {
                watched.insert(nick.key().into(), nick.clone());
                on.push(nick);
            } else {
                beyond.push(nick.to_string());
            }
        }
        self.want(Wanted::Monitor { nicks: on.clone() }, Read::Watch { on, off: Vec::new() });
        if !beyond.is_empty() {
            let rest = format!("{WATCHED_MAX} {} :the list is full", beyond.join(","));
            self.numeric(ERR_MONLISTFULL, rest);
        }
    }
}

/// The nicks of a list; what can be nobody's is none.
fn nicks(names: &str) -> impl Iterator<Item = Nick> {
    names.split(',').filter_map(|name| Nick::try_from(name).ok())
}

impl Session {
    /// Which of these are here, and which are not.
    pub(super) fn monitored(&self, nicks: &[Nick], people: &[Profile]) -> Vec<Line> {
        let here: BTreeSet<&str> = people.iter().map(|profile| profile.here.nick.key()).collect();
        let present = people.iter().map(|profile| mask(profile.here.nick.as_str()));
        let absent = nicks.iter().filter(|nick| !here.contains(nick.key())).map(ToString::to_string);
        let mut lines = self.listed_by_comma(RPL_MONONLINE, present);
        lines.extend(self.listed_by_comma(RPL_MONOFFLINE, absent));
        lines
    }

    /// Whom they watch.
    pub(super) fn watched(&self, nicks: &[Nick]) -> Vec<Line> {
        let mut lines = self.listed_by_comma(RPL_MONLIST, nicks.iter().map(ToString::to_string));
        lines.push(Line::numeric(RPL_ENDOFMONLIST, self.name(), ":end of the list"));
        lines
    }

    /// Somebody they watch came, or went.
    pub(super) fn presence(&self, nick: &Nick, here: bool) -> Vec<Line> {
        Vec::from([match here {
            true => Line::numeric(RPL_MONONLINE, self.name(), format_args!(":{}", mask(nick.as_str()))),
            false => Line::numeric(RPL_MONOFFLINE, self.name(), format_args!(":{nick}")),
        }])
    }

    fn listed_by_comma(&self, number: u16, words: impl Iterator<Item = String>) -> Vec<Line> {
        joined(number, self.name(), ":", ',', words)
    }
}
