//! One person's conversation, whatever it looks like: what a typed line asks, and what news comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use causerie_core::client::{Command, Memory, News, Pending};
use causerie_core::door::typed::{HELP, HISTORY_LINES, Typed, understand};
use causerie_core::protocol::{Ask, Nick, Notice, Page, Read, Refusal, Room, Seen, Seq, Sight, Welcome};
use causerie_core::view::{PageEnd, Row, Transcript};

use super::roster::{Doubt, Roster};

/// What somebody wants to be and where, as given with the command.
#[derive(Clone, Default, Debug)]
pub(crate) struct Wish {
    /// What to be called.
    pub(crate) nick: Option<Nick>,
    /// Where to talk.
    pub(crate) room: Option<Room>,
}

/// What follows from a line or from news: rows to be shown, then commands for the client.
#[derive(Default, Debug)]
pub(crate) struct Turn {
    /// What is shown.
    pub(crate) rows: Vec<Row>,
    /// What is asked.
    pub(crate) commands: Vec<Command>,
}

/// One person's conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    transcript: Transcript,
    /// What was asked and has no answer, oldest first.
    waiting: Vec<Pending>,
    /// Where words go.
    room: Room,
    /// The rooms one is in.
    rooms: BTreeSet<Room>,
    /// Who is here.
    roster: Roster,
    /// The question after it that is not answered.
    asked_who: Option<u64>,
    /// To be asked for at the first welcome.
    wish: Option<Wish>,
    /// Nothing of this log was seen in an earlier life: what was said before is looked up.
    newcomer: bool,
    /// The last question's.
    reference: u64,
    /// Questions of the client's own: what was said in a room before one came. False, if it would come too late.
    openings: BTreeMap<u64, bool>,
    online: bool,
}

impl Talk {
    /// The conversation of somebody with this memory.
    pub(crate) fn new(memory: &Memory, wish: Wish, utc_offset_s: i32) -> Self {
        Self {
            transcript: Transcript::new(memory.nick.clone(), utc_offset_s),
            waiting: memory.outbox.iter().cloned().collect(),
            room: wish.room.clone().unwrap_or_else(Room::lobby),
            rooms: BTreeSet::new(),
            roster: Roster::default(),
            asked_who: None,
            newcomer: memory.log.is_none(),
            wish: Some(wish),
            reference: 0,
            openings: BTreeMap::new(),
            online: false,
        }
    }

    /// What one is called.
    pub(crate) const fn nick(&self) -> &Nick {
        self.transcript.nick()
    }

    /// Where words go.
    pub(crate) const fn room(&self) -> &Room {
        &self.room
    }

    /// How many people are here, oneself among them.
    pub(crate) fn here(&self) -> usize {
        self.roster.len()
    }

    /// What was asked and has no answer, oldest first.
    pub(crate) fn waiting(&self) -> &[Pending] {
        &self.waiting
    }

    /// Whether the session stands.
    pub(crate) const fn is_online(&self) -> bool {
        self.online
    }

    /// Takes a line that was typed.
    pub(crate) fn typed(&mut self, line: &str) -> Turn {
        let mut turn = Turn::default();
        match understand(line, &self.room) {
            Ok(Typed::Ask(ask)) => self.ask(ask, &mut turn),
            Ok(Typed::Read(read)) => turn.commands.push(self.read(read)),
            Ok(Typed::Oper { name, password }) => {
                self.reference += 1;
                turn.commands.push(Command::Oper { reference: self.reference, name, password });
            }
            Ok(Typed::Quit) => turn.commands.push(Command::Quit),
            Ok(Typed::Help) => turn.rows.extend(HELP.iter().map(|line| Row::Remark((*line).into()))),
            Ok(Typed::Nothing) => {}
            Err(slip) => turn.rows.push(Row::Remark(Notice::from(slip).to_string())),
        }
        turn
    }

    fn ask(&mut self, ask: Ask, turn: &mut Turn) {
        match &ask {
            Ask::Join { room } | Ask::Unlock { room, .. } => {
                self.room = room.clone();
                if self.rooms.contains(room) {
                    return turn.rows.push(Row::Remark(format!("you talk in {room} from here on")));
                }
            }
            Ask::Leave { room } if *room == self.room => self.room = Room::lobby(),
            Ask::Leave { .. }
            | Ask::Say { .. }
            | Ask::SayWith { .. }
            | Ask::Rename { .. }
            | Ask::Void { .. }
            | Ask::Topic { .. }
            | Ask::Kick { .. }
            | Ask::Invite { .. }
            | Ask::Change { .. }
            | Ask::Kill { .. } => {}
        }
        turn.commands.push(Command::Ask { ask, reference: None });
    }

    fn read(&mut self, read: Read) -> Command {
        self.reference += 1;
        Command::Read { reference: self.reference, read }
    }

    /// Takes news.
    pub(crate) fn take(&mut self, news: &News) -> Turn {
        let mut turn = Turn::default();
        match news {
            News::Page { reference, page } if self.openings.contains_key(reference) => {
                if self.openings.remove(reference) == Some(true) {
                    turn.rows = self.opening(page);
                }
                return turn;
            }
            News::Online(welcome) => self.welcomed(welcome, &mut turn),
            News::Offline { .. } => self.online = false,
            News::Waiting(pending) => self.waiting.push(pending.clone()),
            News::Accepted { pending: Some(pending), seq, .. } => {
                self.waiting.retain(|other| other.line != pending.line);
                self.accepted(&pending.ask, *seq, &mut turn);
            }
            News::Refused { ask: Some(ask), reference, code, .. } => {
                let one = self.waiting.iter().position(|other| other.ask == *ask && other.reference == *reference);
                one.map(|i| self.waiting.remove(i));
                self.refused(ask, code);
            }
            News::Saw(seen) => self.saw(seen, &mut turn),
            News::Who { reference, people, more } => {
                self.roster.set(self.transcript.nick(), people, *more, Seq(0));
                if self.asked_who == Some(*reference) {
                    self.asked_who = None;
                    return turn; // Nobody else asked.
                }
            }
            // What was said before one came is not for them, and nobody asked for it.
            News::Denied { reference, .. } if self.openings.remove(reference).is_some() => return turn,
            News::Accepted { pending: None, .. }
            | News::Refused { ask: None, .. }
            | News::Rooms { .. }
            | News::Room { .. }
            | News::Oper { .. }
            | News::Denied { .. }
            | News::Page { .. }
            | News::Missed { .. }
            | News::Notice(_)
            | News::Ended { .. } => {}
        }
        turn.rows = self.transcript.take(news);
        turn
    }

    fn welcomed(&mut self, welcome: &Welcome, turn: &mut Turn) {
        self.online = true;
        self.rooms = welcome.rooms.iter().cloned().collect();
        self.roster.set(&welcome.you, &welcome.here, welcome.more, welcome.head);
        let Some(wish) = self.wish.take() else { return };
        if self.newcomer {
            let read = Read::History {
                room: Room::lobby(),
                before: Some(welcome.head.next()),
                limit: HISTORY_LINES + 1, // One's own arrival is the last of them.
            };
            turn.commands.push(self.read(read));
            self.openings.insert(self.reference, true);
        }
        if let Some(nick) = wish.nick.filter(|nick| *nick != welcome.you) {
            turn.commands.push(Command::Ask { ask: Ask::Rename { nick }, reference: None });
        }
        if let Some(room) = wish.room.filter(|room| !self.rooms.contains(room)) {
            turn.commands.push(Command::Ask { ask: Ask::Join { room }, reference: None });
        }
    }

    fn accepted(&mut self, ask: &Ask, seq: Seq, turn: &mut Turn) {
        match ask {
            Ask::Join { room } | Ask::Unlock { room, .. } => {
                self.rooms.insert(room.clone());
                let read = Read::History { room: room.clone(), before: Some(seq), limit: HISTORY_LINES };
                turn.commands.push(self.read(read));
                self.openings.insert(self.reference, true);
                self.settle(self.roster.joined(seq), turn);
            }
            Ask::Leave { room } => {
                self.rooms.remove(room);
                let doubt = self.roster.left(room, &self.rooms, seq);
                self.settle(doubt, turn);
            }
            Ask::Rename { nick } => self.roster.renamed(nick),
            // What was said before one spoke would stand below it: too late.
            Ask::Say { .. } | Ask::SayWith { .. } => self.openings.values_mut().for_each(|opening| *opening = false),
            Ask::Kick { room, nick, .. } => {
                let doubt = self.roster.parted(nick, room, &self.rooms, seq);
                self.settle(doubt, turn);
            }
            Ask::Void { .. } | Ask::Topic { .. } | Ask::Invite { .. } | Ask::Change { .. } | Ask::Kill { .. } => {}
        }
    }

    /// Asks who is here, if that is open; one question at a time, since its answer tells what came before it.
    fn settle(&mut self, doubt: Doubt, turn: &mut Turn) {
        if doubt == Doubt::Ask && self.asked_who.is_none() {
            turn.commands.push(self.read(Read::Who));
            self.asked_who = Some(self.reference);
        }
    }

    /// A room that could not be entered is not talked in.
    fn refused(&mut self, ask: &Ask, code: &str) {
        match ask {
            Ask::Join { room } | Ask::Unlock { room, .. } if code == Refusal::AlreadyInRoom(room.clone()).code() => {
                self.rooms.insert(room.clone());
            }
            Ask::Join { room } | Ask::Unlock { room, .. } if *room == self.room => self.room = Room::lobby(),
            Ask::Join { .. }
            | Ask::Unlock { .. }
            | Ask::Leave { .. }
            | Ask::Say { .. }
            | Ask::SayWith { .. }
            | Ask::Rename { .. }
            | Ask::Void { .. }
            | Ask::Topic { .. }
            | Ask::Kick { .. }
            | Ask::Invite { .. }
            | Ask::Change { .. }
            | Ask::Kill { .. } => {}
        }
    }

    fn saw(&mut self, seen: &Seen, turn: &mut Turn) {
        // Put out: words go nowhere else unasked, so the room stays the one talked in, and the server says why it is not.
        if let Sight::Kicked { room, nick, .. } = &seen.sight
            && nick == self.nick()
        {
            self.rooms.remove(room);
        }
        let doubt = self.roster.saw(seen, &self.rooms);
        self.settle(doubt, turn);
    }

    /// What was said in a room before one came: nothing at all, if nothing was. Of one's own arrival one knows.
    fn opening(&mut self, page: &Page) -> Vec<Row> {
        let arrival = |seen: &Arc<Seen>| seen.from == *self.nick() && matches!(seen.sight, Sight::Arrived { .. });
        let end = page.entries.iter().rposition(arrival).unwrap_or(page.entries.len());
        let before = &page.entries[..end];
        let mut rows = Vec::new();
        for seen in before {
            self.transcript.day_of(seen.at, &mut rows);
            rows.push(Row::Past(Arc::clone(seen)));
        }
        if page.more
            && let Some(first) = before.first()
        {
            let end = PageEnd { room: &page.room, first: Some(first.seq), more: true };
            rows.insert(0, Row::Remark(end.to_string()));
        }
        rows
    }
}
