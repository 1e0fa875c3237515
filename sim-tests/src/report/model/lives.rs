//! The lanes: lives of programs, their connections, and what goes wrong with them.

use causerie_core::client::News;

use super::build::Builder;
use super::{Band, BandKind, Place, Track, What};
use crate::evidence::{By, Shown};
use crate::plan::{Trouble, Way};
use crate::record::Happening;

impl Builder<'_> {
    pub(super) fn add_lives(&mut self) {
        self.add_tracks();
        let record = self.record;
        for event in &record.events {
            let at_us = event.at_us;
            match event.what {
                Happening::Begins { life } => self.begins(at_us, life),
                Happening::Ends { life } => self.ends(at_us, life),
                Happening::Disconnected { life, .. } => self.gone(at_us, life),
                Happening::Failed { life } => {
                    let title = format!("{} cannot connect", self.evidence.lives[life].name);
                    self.add_to(at_us, life, What::Tried, title);
                }
                Happening::FaultBegins { index } => self.trouble(at_us, index, true),
                Happening::FaultEnds { index } => self.trouble(at_us, index, false),
                Happening::ServerStarts { .. }
                | Happening::ServerEnds { .. }
                | Happening::LogLost { .. }
                | Happening::Connected { .. } => {}
            }
        }
    }

    fn add_tracks(&mut self) {
        let ended_us = self.model.ended_us;
        let mut tracks: Vec<Option<Track>> = vec![None; self.evidence.lives.len()];
        for event in &self.record.events {
            match event.what {
                Happening::Begins { life } => {
                    let Some(lane) = self.evidence.lives[life].person else { continue };
                    let beside = tracks.iter().flatten().any(|track| track.lane == lane && track.alive.1 == u64::MAX);
                    self.second[life] = beside;
                    let from = if event.at_us <= self.folded_us { 0 } else { event.at_us };
                    let alive = (from, u64::MAX);
                    tracks[life] = Some(Track { lane, second: beside, connected: Vec::new(), alive });
                }
                Happening::Ends { life } => {
                    if let Some(track) = &mut tracks[life] {
                        track.alive.1 = event.at_us;
                    }
                }
                Happening::Connected { life, .. } => {
                    if let Some(track) = &mut tracks[life] {
                        let from = if event.at_us <= self.folded_us { 0 } else { event.at_us };
                        track.connected.push((from, u64::MAX));
                    }
                }
                Happening::Disconnected { life, .. } => {
                    if let Some(last) = tracks[life].as_mut().and_then(|track| track.connected.last_mut()) {
                        last.1 = last.1.min(event.at_us);
                    }
                }
                Happening::Failed { .. }
                | Happening::ServerStarts { .. }
                | Happening::ServerEnds { .. }
                | Happening::LogLost { .. }
                | Happening::FaultBegins { .. }
                | Happening::FaultEnds { .. } => {}
            }
        }
        for mut track in tracks.into_iter().flatten() {
            track.alive.1 = track.alive.1.min(ended_us);
            track.connected.iter_mut().for_each(|(_, to)| *to = (*to).min(ended_us));
            self.model.tracks.push(track);
        }
    }

    fn begins(&mut self, at_us: u64, life: usize) {
        let (earlier, this) = (&self.evidence.lives[..life], &self.evidence.lives[life]);
        let first = !earlier.iter().any(|other| other.person == this.person && other.by != By::Stranger);
        if first || this.by != By::Native {
            return;
        }
        let text = if self.second[life] { "second program" } else { "starts again" };
        let title = format!("{}: {text}, knowing entries up to {}", this.name, this.after);
        self.add_to(at_us, life, What::Starts { text: text.to_owned() }, title);
    }

    fn ends(&mut self, at_us: u64, life: usize) {
        let this = &self.evidence.lives[life];
        let hangs_up = self.record.events.iter().filter(|event| event.at_us == at_us).any(|event| {
            let Happening::FaultBegins { index } = event.what else { return false };
            matches!(self.plan.faults[index].what, Trouble::Restart { who, .. } if Some(who) == this.person)
        });
        let text = match (this.ended.as_deref(), this.by, this.quit) {
            (Some("taken_over"), _, _) => "taken over: ends",
            (Some("quit"), _, _) | (_, _, true) => "goes",
            (Some(code), _, _) => code,
            (None, By::Native, _) => "program dies",
            (None, By::Text | By::Stranger, _) if hangs_up => "hangs up",
            (None, By::Text | By::Stranger, _) => "connection lost",
        };
        let (text, title) = (text.to_owned(), format!("{}: {text}", this.name));
        self.add_to(at_us, life, What::Ends { text }, title);
    }

    /// A lost connection; if the program ends with it, that says enough.
    fn gone(&mut self, at_us: u64, life: usize) {
        let ends = |what: &Happening| matches!(what, Happening::Ends { life: other } if *other == life);
        if self.record.events.iter().any(|event| event.at_us == at_us && ends(&event.what)) {
            return;
        }
        let this = &self.evidence.lives[life];
        let why = this.told.iter().filter(|told| told.at_us == at_us).find_map(|told| match &told.what {
            Shown::News(News::Offline { why, .. }) => Some(why.to_string()),
            Shown::News(_) | Shown::Line(_) => None,
        });
        let why = match why.as_deref() {
            Some("the server fell silent") => "timeout".to_owned(),
            Some("connection reset") => "reset".to_owned(),
            Some("closed by the server") => "closed".to_owned(),
            Some(other) => other.split(';').next().unwrap_or(other).trim_start_matches("the ").to_owned(),
            None => "lost".to_owned(),
        };
        let title = format!("{} loses its connection: {why}", this.name);
        self.add_to(at_us, life, What::Gone { why }, title);
    }

    fn is_connected(&self, who: usize, at_us: u64) -> bool {
        let mut tracks = self.model.tracks.iter().filter(|track| track.lane == who);
        tracks.any(|track| track.connected.iter().any(|(from, to)| (*from..=*to).contains(&at_us)))
    }

    /// A fault of one person's.
    fn trouble(&mut self, at_us: u64, index: usize, begins: bool) {
        let (who, kind, text, over) = match self.plan.faults[index].what {
            Trouble::Cut { who, .. } => (who, Some(BandKind::Cut), "link cut", "healed"),
            Trouble::CutOneWay { who, way: Way::Up, .. } => (who, Some(BandKind::Cut), "cut to the server", "healed"),
            Trouble::CutOneWay { who, way: Way::Down, .. } => (who, Some(BandKind::Cut), "cut from server", "healed"),
            Trouble::Hold { who, .. } => (who, Some(BandKind::Held), "held on its way", "goes on"),
            Trouble::Slow { who, .. } => (who, Some(BandKind::Held), "does not read", "reads on"),
            Trouble::Dark { who } => (who, None, "goes dark", ""),
            Trouble::Reset { who, at: Way::Down, .. } => (who, None, "reset at the server", ""),
            Trouble::Reset { .. }
            | Trouble::Restart { .. }
            | Trouble::Second { .. }
            | Trouble::Kill { .. }
            | Trouble::Stop { .. }
            | Trouble::LogLost { .. }
            | Trouble::PowerAtOperation { .. }
            | Trouble::LogStall { .. }
            | Trouble::Spike { .. }
            | Trouble::ClockJump { .. }
            | Trouble::Stranger { .. }
            | Trouble::Crowd { .. } => return,
        };
        if kind.is_none() && !self.is_connected(who, at_us) {
            return; // There was nothing to break.
        }
        let place = Place::Lane { lane: who, second: false };
        let name = &self.plan.people[who].name;
        if !begins {
            let title = format!("{name}: {over}");
            self.add(at_us, place, What::Over { text: over.to_owned() }, title);
            return;
        }
        let title = self.plan.faults[index].told(self.plan);
        self.add(at_us, place, What::Trouble { text: text.to_owned() }, title);
        if let Some(kind) = kind {
            let ends = |what: &Happening| matches!(what, Happening::FaultEnds { index: other } if *other == index);
            let end = self.record.events.iter().find(|event| ends(&event.what)).map(|event| event.at_us);
            let to_us = end.unwrap_or(self.model.ended_us);
            self.model.bands.push(Band { lane: Some(who), from_us: at_us, to_us, kind });
        }
    }
}
