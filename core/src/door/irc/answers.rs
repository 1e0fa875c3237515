//! What this connection alone is told: answers to its commands, its own entries, its private words.

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::caps::Caps;
use super::lines::{Line, SERVER};
use super::list::Sieve;
use super::numeric::{
    ERR_NOSUCHCHANNEL, ERR_PASSWDMISMATCH, RPL_AWAY, RPL_INVITING, RPL_LIST, RPL_LISTEND, RPL_LISTSTART, RPL_TIME,
    RPL_YOUREOPER,
};
use super::refusals::name_refused;
use super::session::{Asked, Known, Session, Stage, Wanted};
use super::show::Showing;
use super::{Style, welcome};
use crate::protocol::reply::{Census, Profile, Was};
use crate::protocol::{
    Account, Audience, Brief, ClientId, Entry, Event, Nick, Notice, Parting, Refusal, Reply, Room, RoomLine, RoomView,
    Seq, Tags, Target,
};
use crate::time::WallTime;

/// What was answered.
enum Given<'a> {
    Reached { at: WallTime, census: Census },
    Members { view: &'a RoomView, people: &'a [Profile] },
    People(&'a [Profile]),
    Was(&'a [Was]),
    Rooms(&'a [RoomLine]),
    Talk { showing: Showing, who: ClientId, entries: &'a [Arc<Entry>] },
    Oper,
    Denied(&'a Refusal),
}

impl Session {
    pub(super) fn answer(&mut self, style: Style, reply: &Reply) -> Vec<Line> {
        match reply {
            Reply::Welcome(welcome) => {
                self.stage = Stage::In;
                self.nick = Some(welcome.you.clone());
                (self.missed_to, self.log) = (welcome.head, Some(welcome.log));
                self.welcome(welcome)
            }
            Reply::Reached { reference, at, census } => {
                self.given(*reference, Given::Reached { at: *at, census: *census })
            }
            Reply::Members { reference: 0, room, people } => self.comes_back_to(room, people),
            Reply::Members { reference, room, people } => self.given(*reference, Given::Members { view: room, people }),
            Reply::People { reference, people } => self.given(*reference, Given::People(people)),
            Reply::Rooms { reference, rooms, .. } => self.given(*reference, Given::Rooms(rooms)),
            Reply::Talk { reference, who, entries } => {
                let showing = Showing { caps: self.caps, log: style.log };
                self.given(*reference, Given::Talk { showing, who: *who, entries })
            }
            Reply::Denied { reference, why } => self.given(*reference, Given::Denied(why)),
            Reply::Oper { reference } => self.given(*reference, Given::Oper),
            Reply::Refused { n, why } => {
                let (asked, label) = n.and_then(|n| self.take_asked(n)).unzip();
                let lines = self.refused(asked.as_ref(), why);
                self.labelled(label.flatten(), lines)
            }
            Reply::Ping => Vec::from([Line::new(format!("PING :{SERVER}"))]),
            Reply::Described { watched: true, .. } if !self.caps.has(Caps::EXTENDED_MONITOR) => Vec::new(),
            Reply::Described { nick, account, real_name: Some(name), .. } if self.caps.has(Caps::SETNAME) => {
                Vec::from([self.done_by(nick.as_str(), account.as_ref(), &format!("SETNAME :{name}"))])
            }
            Reply::Described { nick, account, real_name: None, away, .. } if self.caps.has(Caps::AWAY_NOTIFY) => {
                let why = away.as_ref().map(|why| format!(" :{why}")).unwrap_or_default();
                Vec::from([self.done_by(nick.as_str(), account.as_ref(), &format!("AWAY{why}"))])
            }
            Reply::Described { .. } => Vec::new(),
            Reply::Invited { by, account, nick, room } if self.caps.has(Caps::INVITE_NOTIFY) => {
                Vec::from([self.done_by(by.as_str(), account.as_ref(), &format!("INVITE {nick} {room}"))])
            }
            Reply::Invited { .. } => Vec::new(),
            Reply::Signal { from, account, to, tags } => {
                let own = self.nick.as_ref().is_some_and(|nick| nick.key() == from.key());
                let lines = self.sign(from, account.as_ref(), (to, tags), own);
                if own && self.awaits_sign() {
                    self.signed = lines;
                    return Vec::new(); // It goes out as the answer to its command.
                }
                lines
            }
            Reply::Watched { nick, here } => self.presence(nick, *here),
            Reply::Was { reference, found } => self.given(*reference, Given::Was(found)),
            Reply::Notice(notice) => self.notice(notice),
            Reply::Bye(parting) => self.bye(parting),
            Reply::Missed { from, to } => {
                self.note(&format!("what stands after {from} and up to {to} is no longer kept"))
            }
            // Entries are shown by `show`; the others answer questions that are not asked at this door.
            Reply::Saw(_)
            | Reply::Accepted { .. }
            | Reply::Who { .. }
            | Reply::Room { .. }
            | Reply::Page { .. }
            | Reply::Pong { .. } => Vec::new(),
        }
    }

    /// A sign, for a client that knows such; its own, if it wants what it says back.
    fn sign(&self, from: &Nick, account: Option<&Account>, (to, tags): (&Target, &Tags), own: bool) -> Vec<Line> {
        if !self.caps.has(Caps::MESSAGE_TAGS) || own && !self.caps.has(Caps::ECHO_MESSAGE) {
            return Vec::new();
        }
        let target = match to {
            Target::Room(room) => room.to_string(),
            Target::People(nicks) => nicks.first().map(ToString::to_string).unwrap_or_default(),
        };
        let line = self.done_by(from.as_str(), account, &format!("TAGMSG {target}"));
        Vec::from([line.with(tags)])
    }

    /// Something that somebody does and that is no entry.
    fn done_by(&self, nick: &str, account: Option<&Account>, what: &str) -> Line {
        Line::new(format!(":{} {what}", super::lines::mask(nick))).by(account, self.caps)
    }

    pub(super) fn known(&self, known: Vec<Known>) -> Vec<Line> {
        let line = |known| match known {
            Known::Numeric(number, rest) => Line::numeric(number, self.name(), rest),
            Known::Server(rest) => Line::from_server(rest),
            Known::Own(rest) => self.done_by(self.name(), self.account.as_ref(), &rest),
            Known::Bare(line) => Line::new(line),
        };
        known.into_iter().map(line).collect()
    }

    /// A word of the server's own.
    fn note(&self, text: &str) -> Vec<Line> {
        Vec::from([Line::from_server(format_args!("NOTICE {} :{text}", self.name()))])
    }

    /// The lines of what was answered, for the command that asked for it.
    fn given(&mut self, reference: u64, given: Given<'_>) -> Vec<Line> {
        let Some((wanted, label)) = self.take_wanted(reference) else { return Vec::new() };
        let lines = match (wanted, given) {
            (Wanted::Lines(known), _) => self.known(known),
            (Wanted::Caps { caps, asked }, _) => {
                let line = Line::from_server(format_args!("CAP {} ACK :{asked}", self.name()));
                self.caps = caps;
                self.agreed = self.agreed.filter(|agreed| *agreed != caps);
                Vec::from([line])
            }
            (Wanted::Pong { token }, _) => Vec::from([Line::from_server(format_args!("PONG {SERVER} :{token}"))]),
            (Wanted::Lusers, Given::Reached { census, .. }) => self.known(welcome::lusers(census)),
            (Wanted::Time, Given::Reached { at, .. }) => {
                let rest = format!("{SERVER} :{}, by the last thing that happened", at.rfc3339());
                Vec::from([Line::numeric(RPL_TIME, self.name(), rest)])
            }
            (Wanted::Joined { room }, Given::Members { view, people }) if self.fresh.remove(&room) => {
                let mut lines = self.topic(view, false);
                if !self.caps.has(Caps::NO_IMPLICIT_NAMES) {
                    lines.extend(self.names(&room, people));
                }
                lines
            }
            (Wanted::Names { room }, Given::Members { people, .. }) => self.names(&room, people),
            (Wanted::Names { room }, Given::Denied(_)) => self.names(&room, &[]),
            (Wanted::WhoRoom { name, which }, Given::Members { view, people }) => {
                self.who(&name, Some(&view.room), &which, people)
            }
            (Wanted::WhoRoom { name, which }, Given::Denied(_)) => self.who(&name, None, &which, &[]),
            (Wanted::WhoPeople { mask, which }, Given::People(people)) => self.who(&mask, None, &which, people),
            (Wanted::Topic { .. }, Given::Members { view, .. }) => self.topic(view, true),
            (Wanted::Modes { .. }, Given::Members { view, .. }) => self.modes(view),
            (Wanted::Masks { letter, .. }, Given::Members { view, .. }) => self.masks(view, letter),
            (Wanted::Topic { room } | Wanted::Modes { room } | Wanted::Masks { room, .. }, Given::Denied(_)) => {
                Vec::from([Line::numeric(
                    ERR_NOSUCHCHANNEL,
                    self.name(),
                    format_args!("{room} :there is no such room"),
                )])
            }
            (Wanted::Whois { name }, Given::People(people)) => self.whois(&name, people.first()),
            (Wanted::IsOn, Given::People(people)) => self.is_on(people),
            (Wanted::Monitor { nicks }, Given::People(people)) => self.monitored(&nicks, people),
            (Wanted::Watched { nicks }, _) => self.watched(&nicks),
            (Wanted::Was { name, most }, Given::Was(found)) => self.was(&name, found.iter().take(most)),
            (Wanted::Was { name, .. }, _) => self.was(&name, [].iter()),
            (Wanted::UserHost, Given::People(people)) => self.user_host(people),
            (Wanted::Signed, _) => core::mem::take(&mut self.signed),
            (Wanted::List(sieve), Given::Rooms(rooms)) => self.rooms_listed(&sieve, rooms),
            (Wanted::History { target, .. }, Given::Talk { showing, who, entries }) => {
                self.talk(showing, who, &target, entries)
            }
            (Wanted::History { question, target }, Given::Denied(why)) => {
                let about = format!("INVALID_TARGET {question} {target}");
                Vec::from([Line::from_server(format_args!("FAIL CHATHISTORY {about} :{why}"))])
            }
            (Wanted::Targets, Given::Talk { who, entries, .. }) => self.talkers(who, entries),
            (Wanted::Oper, Given::Oper) => {
                self.operates = true;
                let nick = self.name().to_string();
                self.known(Vec::from([
                    Known::Numeric(RPL_YOUREOPER, ":you operate this server".into()),
                    Known::Own(format!("MODE {nick} :+o")),
                ]))
            }
            (Wanted::Oper, Given::Denied(why)) => {
                Vec::from([Line::numeric(ERR_PASSWDMISMATCH, self.name(), format_args!(":{why}"))])
            }
            (_, _) => Vec::new(), // Nothing is left to say.
        };
        self.labelled(label, lines)
    }

    /// Whoever comes back is in their rooms, and their client has to be told.
    fn comes_back_to(&mut self, view: &RoomView, people: &[Profile]) -> Vec<Line> {
        self.rooms.insert(view.room.clone());
        self.stays.begin(&view.room, Seq(0)); // What is missed is told otherwise.
        let (showing, account) = (Showing { caps: self.caps, log: self.log }, self.account.as_ref());
        let joins = |nick| Line::new(showing.join(nick, account, &view.room)).by(account, self.caps);
        let mut lines: Vec<Line> = self.nick.iter().map(joins).collect();
        lines.extend(self.topic(view, false));
        lines.extend(self.names(&view.room, people));
        lines
    }

    fn rooms_listed(&self, sieve: &Sieve, rooms: &[RoomLine]) -> Vec<Line> {
        let numeric = |number, rest| Line::numeric(number, self.name(), rest);
        let line = |line: &RoomLine| {
            let topic = line.topic.as_ref().map(Brief::as_str).unwrap_or_default();
            numeric(RPL_LIST, format!("{} {} :{topic}", line.room, line.here))
        };
        let mut lines = Vec::from([numeric(RPL_LISTSTART, "Channel :Users  Name".to_string())]);
        lines.extend(rooms.iter().filter(|line| line.here > 0 && sieve.holds(line)).map(line));
        lines.push(numeric(RPL_LISTEND, ":end of list".to_string()));
        lines
    }

    fn notice(&mut self, notice: &Notice) -> Vec<Line> {
        match notice {
            Notice::AskNameAgain(why) => Vec::from([name_refused(why)]),
            Notice::Unreadable => {
                let (wanted, label) = self.take_unread().unzip();
                let about = match wanted {
                    Some(Wanted::History { question, target }) => format!("{question} {target}"),
                    Some(_) | None => "TARGETS *".into(),
                };
                let line = Line::from_server(format_args!("FAIL CHATHISTORY MESSAGE_ERROR {about} :{notice}"));
                self.labelled(label.flatten(), Vec::from([line]))
            }
            Notice::AskName | Notice::AskPassword | Notice::LinesDropped(_) | Notice::Help => Vec::new(),
            Notice::Renamed { was, you } => {
                let mut lines = Vec::from([self.done_by(was.as_str(), self.account.as_ref(), &format!("NICK {you}"))]);
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
        let mut lines = self.end_replay();
        lines.extend(self.happened(showing, who, entry));
        lines
    }

    /// An entry of since they came.
    fn happened(&mut self, showing: Showing, who: ClientId, entry: &Entry) -> Vec<Line> {
        if entry.by == who {
            return self.own(showing, entry);
        }
        match &entry.event {
            Event::Said { audience: Audience::Only(people), .. } => {
                let reader = people.iter().find(|person| person.id == who);
                reader.map_or_else(Vec::new, |reader| showing.in_private(entry, &reader.nick))
            }
            Event::Kicked { room, who: out, .. } if out.id == who => {
                self.put_out(room, entry.seq);
                showing.happens(entry)
            }
            Event::Arrived { rooms, .. } => {
                let shared = rooms.iter().filter(|room| self.stays.held(room, entry.seq));
                shared.flat_map(|room| showing.in_room(entry, room)).collect()
            }
            Event::Said { .. } => entry.rooms().first().map_or_else(Vec::new, |room| showing.in_room(entry, room)),
            Event::Joined { .. }
            | Event::Left { .. }
            | Event::Departed { .. }
            | Event::Renamed { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => showing.happens(entry),
        }
    }

    /// They are in a room no longer.
    pub(super) fn put_out(&mut self, room: &Room, seq: Seq) {
        self.rooms.remove(room);
        self.stays.end(room, seq);
    }

    /// An entry of before they came: only talk, and only where a client can tell it from what happens.
    fn missed(&mut self, showing: Showing, who: ClientId, entry: &Entry) -> Vec<Line> {
        let own_unasked = entry.by == who && !self.caps.has(Caps::ECHO_MESSAGE);
        if own_unasked || !self.caps.has(Caps::SERVER_TIME) || !matches!(entry.event, Event::Said { .. }) {
            return Vec::new();
        }
        self.replayed(showing, who, entry)
    }

    /// One's own entry, at its place: the answer to what was asked.
    fn own(&mut self, showing: Showing, entry: &Entry) -> Vec<Line> {
        let (asked, label) = self.take_asked(entry.n).unzip();
        let away_by_word = core::mem::take(&mut self.away);
        let lines = match &entry.event {
            Event::Joined { room } => {
                self.rooms.insert(room.clone());
                self.fresh.insert(room.clone());
                self.stays.begin(room, entry.seq);
                showing.happens(entry)
            }
            Event::Left { room } => {
                self.put_out(room, entry.seq);
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
                    let away = |nick: &Nick| {
                        Line::numeric(RPL_AWAY, self.name(), format_args!("{nick} :is away, and gets it on return"))
                    };
                    lines.extend(notes.away.iter().map(away));
                    let away = |(nick, why): &(Nick, crate::protocol::Text)| {
                        Line::numeric(RPL_AWAY, self.name(), format_args!("{nick} :{why}"))
                    };
                    lines.extend(away_by_word.iter().map(away));
                }
                lines
            }
            Event::Topic { .. } | Event::Kicked { .. } | Event::Changed { .. } => showing.happens(entry),
            Event::Invited { room, who } => {
                Vec::from([Line::numeric(RPL_INVITING, self.name(), format_args!("{} {room}", who.nick))])
            }
            Event::Arrived { .. } | Event::Departed { .. } | Event::Killed { .. } => Vec::new(),
        };
        self.labelled_own(entry.n, label.flatten(), lines)
    }

    fn bye(&self, parting: &Parting) -> Vec<Line> {
        let mut lines = Vec::new();
        if matches!(parting, Parting::Refused(Refusal::WrongPassword)) {
            lines.push(Line::numeric(ERR_PASSWDMISMATCH, self.name(), format_args!(":{parting}")));
        }
        lines.push(Line::new(format!("ERROR :closing: {parting}")));
        lines
    }
}
