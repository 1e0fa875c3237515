//! What this connection alone is told: answers to its commands, its own entries, its private words.

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::caps::Caps;
use super::lines::Line;
use super::numeric::{RPL_AWAY, RPL_LIST, RPL_LISTEND, RPL_LISTSTART, RPL_TIME};
use super::refusals::name_refused;
use super::session::{Asked, Known, Session, Stage, Wanted};
use super::show::Showing;
use super::{Style, welcome};
use crate::protocol::reply::{Census, Profile};
use crate::protocol::{ClientId, Entry, Event, Notice, Parting, Reply, Room, RoomLine};
use crate::time::WallTime;

impl Session {
    pub(super) fn answer(&mut self, style: Style, reply: &Reply) -> Vec<Line> {
        match reply {
            Reply::Welcome(welcome) => {
                self.stage = Stage::In;
                self.nick = Some(welcome.you.clone());
                (self.missed_to, self.log) = (welcome.head, Some(welcome.log));
                self.welcome(welcome)
            }
            Reply::Reached { reference, at, census } => self.reached(*reference, *at, *census),
            Reply::Members { reference, room, people } => self.members(*reference, room, people),
            Reply::People { reference, people } => self.people(*reference, people),
            Reply::Rooms { reference, rooms, .. } => self.rooms_listed(*reference, rooms),
            Reply::Talk { reference, who, entries } => {
                let showing = Showing { caps: self.caps, log: style.log };
                self.talk_found(showing, *reference, *who, entries)
            }
            Reply::Refused { n, why } => {
                let (asked, label) = n.and_then(|n| self.take_asked(n)).unzip();
                let lines = self.refused(asked.as_ref(), why);
                self.labelled(label.flatten(), lines)
            }
            Reply::Ping => Vec::from([Line::new(format!("PING :{}", super::lines::SERVER))]),
            Reply::Notice(notice) => self.notice(notice),
            Reply::Bye(parting) => Vec::from([bye(parting)]),
            Reply::Missed { from, to } => {
                self.note(&format!("what stands after {from} and up to {to} is no longer kept"))
            }
            // Entries are shown by `show`; the others answer questions that are not asked at this door.
            Reply::Saw(_) | Reply::Accepted { .. } | Reply::Who { .. } | Reply::Page { .. } | Reply::Pong { .. } => {
                Vec::new()
            }
        }
    }

    pub(super) fn known(&self, known: Vec<Known>) -> Vec<Line> {
        let line = |known| match known {
            Known::Numeric(number, rest) => Line::numeric(number, self.name(), rest),
            Known::Server(rest) => Line::from_server(rest),
            Known::Own(rest) => Line::new(format!(":{} {rest}", super::lines::mask(self.name()))),
            Known::Bare(line) => Line::new(line),
        };
        known.into_iter().map(line).collect()
    }

    /// A word of the server's own.
    fn note(&self, text: &str) -> Vec<Line> {
        Vec::from([Line::from_server(format_args!("NOTICE {} :{text}", self.name()))])
    }

    fn reached(&mut self, reference: u64, at: WallTime, census: Census) -> Vec<Line> {
        let Some((wanted, label)) = self.take_wanted(reference) else { return Vec::new() };
        let lines = match wanted {
            Wanted::Lines(known) => self.known(known),
            Wanted::Caps { caps, asked } => {
                let line = Line::from_server(format_args!("CAP {} ACK :{asked}", self.name()));
                self.caps = caps;
                self.agreed = self.agreed.filter(|agreed| *agreed != caps);
                Vec::from([line])
            }
            Wanted::Pong { token } => {
                Vec::from([Line::from_server(format_args!("PONG {} :{token}", super::lines::SERVER))])
            }
            Wanted::Lusers => self.known(welcome::lusers(census)),
            Wanted::Time => {
                let rest = format!("{} :{}, by the last thing that happened", super::lines::SERVER, at.rfc3339());
                Vec::from([Line::numeric(RPL_TIME, self.name(), rest)])
            }
            Wanted::Joined { .. }
            | Wanted::Names { .. }
            | Wanted::WhoRoom { .. }
            | Wanted::WhoPeople { .. }
            | Wanted::Whois { .. }
            | Wanted::IsOn
            | Wanted::UserHost
            | Wanted::List
            | Wanted::History { .. }
            | Wanted::Targets => Vec::new(),
        };
        self.labelled(label, lines)
    }

    fn members(&mut self, reference: u64, room: &Room, people: &[Profile]) -> Vec<Line> {
        if reference == 0 {
            return self.comes_back_to(room, people);
        }
        let Some((wanted, label)) = self.take_wanted(reference) else { return Vec::new() };
        let lines = match wanted {
            Wanted::Joined { .. } if !self.fresh.remove(room) => Vec::new(),
            Wanted::Joined { .. } if self.caps.has(Caps::NO_IMPLICIT_NAMES) => Vec::new(),
            Wanted::Joined { .. } | Wanted::Names { .. } => self.names(room, people),
            Wanted::WhoRoom { name, fields } => self.who(&name, Some(room), fields.as_ref(), people.iter()),
            Wanted::Lines(_)
            | Wanted::Caps { .. }
            | Wanted::Pong { .. }
            | Wanted::WhoPeople { .. }
            | Wanted::Whois { .. }
            | Wanted::IsOn
            | Wanted::UserHost
            | Wanted::List
            | Wanted::Lusers
            | Wanted::Time
            | Wanted::History { .. }
            | Wanted::Targets => Vec::new(),
        };
        self.labelled(label, lines)
    }

    /// Whoever comes back is in their rooms, and their client has to be told.
    fn comes_back_to(&mut self, room: &Room, people: &[Profile]) -> Vec<Line> {
        self.rooms.insert(room.clone());
        let own = super::lines::mask(self.name());
        let extended = if self.caps.has(Caps::EXTENDED_JOIN) { format!(" * :{}", self.name()) } else { "".into() };
        let mut lines = Vec::from([Line::new(format!(":{own} JOIN {room}{extended}"))]);
        lines.extend(self.names(room, people));
        lines
    }

    fn people(&mut self, reference: u64, people: &[Profile]) -> Vec<Line> {
        let Some((wanted, label)) = self.take_wanted(reference) else { return Vec::new() };
        let lines = match wanted {
            Wanted::WhoPeople { mask, fields } => self.who(&mask, None, fields.as_ref(), people.iter()),
            Wanted::Whois { names } => names.first().map_or_else(Vec::new, |name| self.whois(name, people.first())),
            Wanted::IsOn => self.is_on(people),
            Wanted::UserHost => self.user_host(people),
            Wanted::Lines(_)
            | Wanted::Caps { .. }
            | Wanted::Pong { .. }
            | Wanted::Joined { .. }
            | Wanted::Names { .. }
            | Wanted::WhoRoom { .. }
            | Wanted::List
            | Wanted::Lusers
            | Wanted::Time
            | Wanted::History { .. }
            | Wanted::Targets => Vec::new(),
        };
        self.labelled(label, lines)
    }

    fn talk_found(&mut self, showing: Showing, reference: u64, who: ClientId, entries: &[Arc<Entry>]) -> Vec<Line> {
        let Some((wanted, label)) = self.take_wanted(reference) else { return Vec::new() };
        let lines = match wanted {
            Wanted::History { target } => self.talk(showing, who, &target, entries),
            Wanted::Targets
            | Wanted::Lines(_)
            | Wanted::Caps { .. }
            | Wanted::Pong { .. }
            | Wanted::Joined { .. }
            | Wanted::Names { .. }
            | Wanted::WhoRoom { .. }
            | Wanted::WhoPeople { .. }
            | Wanted::Whois { .. }
            | Wanted::IsOn
            | Wanted::UserHost
            | Wanted::List
            | Wanted::Lusers
            | Wanted::Time => self.talkers(who, entries),
        };
        self.labelled(label, lines)
    }

    fn rooms_listed(&mut self, reference: u64, rooms: &[RoomLine]) -> Vec<Line> {
        let Some((_, label)) = self.take_wanted(reference) else { return Vec::new() };
        let numeric = |number, rest| Line::numeric(number, self.name(), rest);
        let mut lines = Vec::from([numeric(RPL_LISTSTART, "Channel :Users  Name".to_string())]);
        let here = rooms.iter().filter(|line| line.here > 0);
        lines.extend(here.map(|line| numeric(RPL_LIST, format!("{} {} :", line.room, line.here))));
        lines.push(numeric(RPL_LISTEND, ":end of list".to_string()));
        self.labelled(label, lines)
    }

    fn notice(&mut self, notice: &Notice) -> Vec<Line> {
        match notice {
            Notice::AskNameAgain(why) => Vec::from([name_refused(why)]),
            Notice::Unreadable => {
                let label = self.take_unread().and_then(|(_, label)| label);
                let line = Line::from_server(format_args!("FAIL CHATHISTORY MESSAGE_ERROR :{notice}"));
                self.labelled(label, Vec::from([line]))
            }
            Notice::AskName | Notice::LinesDropped(_) | Notice::Help => Vec::new(),
            Notice::Renamed { was, you } => {
                let mut lines = Vec::from([Line::new(format!(":{} NICK {you}", super::lines::mask(was.as_str())))]);
                lines.extend(self.note(&notice.to_string()));
                lines
            }
            Notice::NotStoring
            | Notice::LineTooLong { .. }
            | Notice::NotUtf8
            | Notice::NotSent(_)
            | Notice::UnknownCommand(_)
            | Notice::Usage(_) => self.note(&notice.to_string()),
        }
    }

    /// An entry that this connection alone is shown.
    pub(super) fn show(&mut self, style: Style, who: ClientId, entry: &Entry) -> Vec<Line> {
        let showing = Showing { caps: self.caps, log: style.log };
        if entry.seq <= self.missed_to {
            return self.missed(showing, who, entry);
        }
        if entry.by == who {
            return self.own(showing, entry);
        }
        if let Some(person) = entry.people().iter().find(|person| person.id == who) {
            return showing.in_private(entry, &person.nick);
        }
        match &entry.event {
            Event::Arrived { rooms, .. } => {
                let shared = rooms.iter().filter(|room| self.rooms.contains(*room));
                shared.flat_map(|room| showing.in_room(entry, room)).collect()
            }
            Event::Said { .. } => entry.rooms().first().map_or_else(Vec::new, |room| showing.in_room(entry, room)),
            Event::Joined { .. } | Event::Left { .. } | Event::Departed { .. } | Event::Renamed { .. } => {
                showing.happens(entry)
            }
        }
    }

    /// An entry of before they came: only talk, and only where a client can tell it from what happens.
    fn missed(&self, showing: Showing, who: ClientId, entry: &Entry) -> Vec<Line> {
        let own_unasked = entry.by == who && !self.caps.has(Caps::ECHO_MESSAGE);
        if own_unasked || !self.caps.has(Caps::SERVER_TIME) || !matches!(entry.event, Event::Said { .. }) {
            return Vec::new();
        }
        super::history::said(showing, who, entry)
    }

    /// One's own entry, at its place: the answer to what was asked.
    fn own(&mut self, showing: Showing, entry: &Entry) -> Vec<Line> {
        let (asked, label) = self.take_asked(entry.n).unzip();
        let lines = match &entry.event {
            Event::Joined { room } => {
                self.rooms.insert(room.clone());
                self.fresh.insert(room.clone());
                showing.happens(entry)
            }
            Event::Left { room } => {
                self.rooms.remove(room);
                showing.happens(entry)
            }
            Event::Renamed { to, .. } => {
                self.nick = Some(to.clone());
                showing.happens(entry)
            }
            Event::Said { notes, .. } => {
                let mut lines = if self.caps.has(Caps::ECHO_MESSAGE) { showing.echoes(entry) } else { Vec::new() };
                if !matches!(asked, None | Some(Asked::Say { notice: true, .. })) {
                    lines.extend(self.nobody_there(&notes.unknown));
                    let away = |nick: &crate::protocol::Nick| {
                        Line::numeric(RPL_AWAY, self.name(), format_args!("{nick} :is away, and gets it on return"))
                    };
                    lines.extend(notes.away.iter().map(away));
                }
                lines
            }
            Event::Arrived { .. } | Event::Departed { .. } => Vec::new(),
        };
        self.labelled(label.flatten(), lines)
    }
}

fn bye(parting: &Parting) -> Line {
    Line::new(format!("ERROR :closing: {parting}"))
}
