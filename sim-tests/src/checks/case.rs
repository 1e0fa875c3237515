//! What the checks look at: the log's facts, each with who may see it, and what each life was shown of them.
//!
//! Who may see a fact is told by a plain model of memberships over the facts themselves: who arrived, joined, left.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use causerie_core::chat::{Chat, Outcome};
use causerie_core::client::News;
use causerie_core::protocol::{
    Ask, ClientId, Entry, Event, Intent, Nick, Position, Refusal, RequestId, Room, Seen, Seq, Session, Standing,
};

use super::irc::Reading;
use super::lines::{is_private, line_of, note_of};
use crate::evidence::{By, Evidence, Life, Shown};
use crate::plan::Seconds;

/// The evidence of a run, prepared.
#[derive(Debug)]
pub struct Case<'a> {
    /// As it was left.
    pub evidence: &'a Evidence,
    /// The log's facts, in order: the first is entry 1.
    pub facts: Vec<Fact>,
    /// What each life was shown of them.
    pub sights: Vec<Vec<Sight>>,
    /// Who holds no key.
    pub guests: BTreeSet<ClientId>,
    /// What became of each request that was decided.
    pub(super) decisions: Decisions<'a>,
    /// Who could not have the name they came with.
    pub(super) turned_away: Vec<TurnedAway<'a>>,
    /// What IRC clients made of their lines, by life.
    pub(super) readings: BTreeMap<usize, Reading>,
    /// Who came for a session, in the log's order.
    pub(super) attaches: Vec<Attach>,
}

/// Somebody who came under a name that another had.
#[derive(Debug)]
pub(super) struct TurnedAway<'a> {
    /// The name.
    pub(super) nick: &'a Nick,
    /// The last entry before that.
    pub(super) head: Seq,
    /// Those who hold no key and whose session is of an earlier start of the same server.
    pub(super) ended: BTreeSet<ClientId>,
}

/// Somebody came for a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attach {
    pub(super) who: ClientId,
    /// At which start of the server.
    pub(super) epoch: u32,
    /// The last entry then, their own arrival if that is one.
    pub(super) head: Seq,
    pub(super) durable_us: u64,
}

/// By client and number: what was asked, and the entry it is, or the short name of the reason why it is none.
pub(super) type Decisions<'a> = BTreeMap<(ClientId, RequestId), (&'a Ask, Result<Seq, &'static str>)>;

/// An entry, as the log has it.
#[derive(Debug)]
pub struct Fact {
    /// Itself.
    pub entry: Entry,
    /// What those who may see it are shown of it.
    pub seen: Seen,
    /// The line that is at netcat: made if anybody is there.
    line: OnceCell<String>,
    /// Who may see it, its author aside.
    pub audience: BTreeSet<ClientId>,
    /// When it was given to the log.
    pub given_us: u64,
    /// When it was durable.
    pub durable_us: u64,
}

/// Something a life was shown.
#[derive(Clone, Debug)]
pub struct Sight {
    /// When.
    pub at_us: u64,
    /// Which entry.
    pub seq: Seq,
    /// As the acceptance of one's own request.
    pub own: bool,
    /// What was shown of it, where that was shown.
    pub seen: Option<Arc<Seen>>,
    /// The line that was shown, if it fits nothing that could be shown there.
    pub misfit: Option<String>,
}

impl<'a> Case<'a> {
    /// Replays the log and reads the transcripts.
    #[must_use]
    pub fn new(evidence: &'a Evidence) -> Self {
        let mut case = Self {
            evidence,
            facts: Vec::new(),
            sights: Vec::new(),
            guests: BTreeSet::new(),
            decisions: BTreeMap::new(),
            turned_away: Vec::new(),
            readings: BTreeMap::new(),
            attaches: Vec::new(),
        };
        case.replay();
        for (i, life) in evidence.lives.iter().enumerate() {
            if let By::Irc { echo, .. } = life.by {
                case.readings.insert(i, super::irc::read(&case, life, echo));
            }
        }
        case.sights = (0..evidence.lives.len()).map(|i| case.sights_of(i)).collect();
        case
    }

    /// An entry of the log.
    #[must_use]
    pub fn fact(&self, seq: Seq) -> Option<&Fact> {
        self.facts.get(usize::try_from(seq.0.checked_sub(1)?).ok()?)
    }

    /// What somebody may see, in order, without their own comings and goings.
    pub fn visible(&self, who: ClientId) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| may_see(fact, who))
    }

    /// Whether somebody may see an entry.
    #[must_use]
    pub fn may_see(&self, who: ClientId, seq: Seq) -> bool {
        self.fact(seq).is_some_and(|fact| may_see(fact, who) || fact.entry.by == who)
    }

    /// Lives, each with what it was shown.
    pub fn lives(&self) -> impl Iterator<Item = (usize, &Life, &[Sight])> {
        self.evidence.lives.iter().zip(&self.sights).enumerate().map(|(i, (life, sights))| (i, life, &**sights))
    }

    /// The log's facts, what was decided, and who holds no key.
    fn replay(&mut self) {
        let mut chat = Chat::new();
        let mut members: BTreeMap<Room, BTreeSet<ClientId>> = BTreeMap::new();
        let mut sessions: BTreeMap<ClientId, Session> = BTreeMap::new();
        for (position, stored) in self.evidence.log.iter().enumerate() {
            for intent in &stored.record.intents {
                if let Intent::Attach { client, standing: Standing::Guest, .. } = intent {
                    self.guests.insert(*client);
                }
                let outcome = chat.apply(Position(position as u64), stored.at, intent);
                self.note_decision(intent, &outcome);
                self.note_attachment(intent, &outcome, &mut sessions);
                if let Intent::Attach { client, session, .. } = intent {
                    let (who, epoch, durable_us) = (*client, session.epoch, stored.durable_us);
                    self.attaches.push(Attach { who, epoch, head: chat.head(), durable_us });
                }
                let Outcome::Fact(entry) = outcome else { continue };
                let mut audience: BTreeSet<ClientId> = entry.people().iter().map(|person| person.id).collect();
                for room in entry.rooms() {
                    audience.extend(members.get(room).into_iter().flatten());
                }
                audience.remove(&entry.by);
                follow(&mut members, &self.guests, &entry);
                let (seen, line) = (Seen::from(&entry), OnceCell::new());
                let (given_us, durable_us) = (stored.given_us, stored.durable_us);
                self.facts.push(Fact { entry, seen, line, audience, given_us, durable_us });
            }
        }
    }

    fn note_decision(&mut self, intent: &'a Intent, outcome: &Outcome) {
        let Intent::Ask { client, n, ask, .. } = intent else { return };
        let decided = match outcome {
            Outcome::Fact(entry) => Ok(entry.seq),
            Outcome::Refused(why) => Err(why.code()),
            Outcome::Duplicate(_) | Outcome::Gap | Outcome::Silent => return,
        };
        self.decisions.entry((*client, *n)).or_insert((ask, decided));
    }

    fn note_attachment(&mut self, intent: &'a Intent, outcome: &Outcome, sessions: &mut BTreeMap<ClientId, Session>) {
        let Intent::Attach { client, session, nick, .. } = intent else { return };
        match outcome {
            Outcome::Refused(Refusal::NickTaken(_)) => {
                let ended = |of: &Session| of.node == session.node && of.epoch < session.epoch;
                let ended = sessions.iter().filter(|(who, of)| self.guests.contains(who) && ended(of));
                let ended = ended.map(|(who, _)| *who).collect();
                let head = self.facts.last().map_or(Seq(0), |fact| fact.entry.seq);
                self.turned_away.push(TurnedAway { nick, head, ended });
            }
            Outcome::Fact(_) => {
                sessions.insert(*client, *session);
            }
            Outcome::Refused(_) | Outcome::Duplicate(_) | Outcome::Gap | Outcome::Silent => {}
        }
    }

    fn sights_of(&mut self, index: usize) -> Vec<Sight> {
        let life = &self.evidence.lives[index];
        match life.by {
            By::Native => native_sights(life),
            By::Text => self.text_sights(life),
            By::Irc { .. } => {
                self.readings.get_mut(&index).map(|reading| std::mem::take(&mut reading.sights)).unwrap_or_default()
            }
            By::Stranger => Vec::new(),
        }
    }

    /// Reads lines: each must be the next that this guest may see, a note on its own words, or of a page asked for.
    fn text_sights(&self, life: &Life) -> Vec<Sight> {
        let timed = |line: &str| line.len() > 6 && line.as_bytes()[2] == b':' && line.as_bytes()[5] == b' ';
        let mut expected: Vec<(Seq, Cow<'_, str>, bool)> = Vec::new();
        for fact in self.visible(life.identity) {
            let entry = &fact.entry;
            if entry.by == life.identity {
                if let Some(note) = note_of(entry) {
                    expected.push((entry.seq, note.into(), true));
                }
            } else {
                let line = fact.line.get_or_init(|| line_of(&fact.entry));
                expected.push((entry.seq, line.into(), false));
            }
        }
        let mut next = 0;
        let mut sights = Vec::new();
        for told in &life.told {
            let Shown::Line(line) = &told.what else { continue };
            if !timed(line) {
                continue;
            }
            let found = (next..expected.len()).find(|i| expected[*i].1 == *line);
            let earlier = || (0..next).rev().find(|i| expected[*i].1 == *line);
            let sight = |seq, own| Sight { at_us: told.at_us, seq, own, seen: None, misfit: None };
            match found {
                _ if life.paged => {
                    // A page's lines look like those of news: only what nobody may read in any page is told apart.
                    let private = is_private(line) && found.or_else(earlier).is_none();
                    sights.extend(private.then(|| Sight { misfit: Some(line.clone()), ..sight(Seq(0), false) }));
                }
                Some(i) => {
                    next = i + 1;
                    sights.push(sight(expected[i].0, expected[i].2));
                }
                None => match earlier() {
                    Some(i) => sights.push(sight(expected[i].0, expected[i].2)),
                    None => sights.push(Sight { misfit: Some(line.clone()), ..sight(Seq(0), false) }),
                },
            }
        }
        sights
    }
}

fn native_sights(life: &Life) -> Vec<Sight> {
    let mut sights = Vec::new();
    for told in &life.told {
        let Shown::News(news) = &told.what else { continue };
        let sight = |seq, own, seen| Sight { at_us: told.at_us, seq, own, seen, misfit: None };
        match news {
            News::Saw(seen) => sights.push(sight(seen.seq, false, Some(Arc::clone(seen)))),
            News::Accepted { seq, entry, .. } => sights.push(sight(*seq, true, entry.clone())),
            News::Online(_)
            | News::Offline { .. }
            | News::Waiting(_)
            | News::Refused { .. }
            | News::Who { .. }
            | News::Rooms { .. }
            | News::Room { .. }
            | News::Oper { .. }
            | News::Denied { .. }
            | News::Page { .. }
            | News::Missed { .. }
            | News::Notice(_)
            | News::Ended { .. } => {}
        }
    }
    sights
}

fn may_see(fact: &Fact, who: ClientId) -> bool {
    if fact.entry.by == who { fact.entry.n.0 > 0 } else { fact.audience.contains(&who) }
}

fn follow(members: &mut BTreeMap<Room, BTreeSet<ClientId>>, guests: &BTreeSet<ClientId>, entry: &Entry) {
    match &entry.event {
        Event::Arrived { rooms, .. } => {
            for room in rooms {
                members.entry(room.clone()).or_default().insert(entry.by);
            }
        }
        Event::Joined { room } => {
            members.entry(room.clone()).or_default().insert(entry.by);
        }
        Event::Left { room } | Event::Kicked { room, .. } => {
            members.entry(room.clone()).or_default().remove(&entry.mover());
        }
        Event::Departed { .. } if guests.contains(&entry.by) => {
            members.values_mut().for_each(|room| {
                room.remove(&entry.by);
            });
        }
        Event::Departed { .. }
        | Event::Renamed { .. }
        | Event::Said { .. }
        | Event::Topic { .. }
        | Event::Invited { .. }
        | Event::Changed { .. }
        | Event::Killed { .. } => {}
    }
}

/// What was said, if it is somebody's words.
pub(super) fn words_of(entry: &Entry) -> Option<&str> {
    match &entry.event {
        Event::Said { text, .. } => Some(text.as_str()),
        Event::Arrived { .. }
        | Event::Departed { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Renamed { .. }
        | Event::Topic { .. }
        | Event::Kicked { .. }
        | Event::Invited { .. }
        | Event::Changed { .. }
        | Event::Killed { .. } => None,
    }
}

/// A moment in a sentence.
pub(super) fn at(us: u64) -> String {
    format!("{} s", Seconds(us))
}

/// Who a life is, in a sentence.
pub(super) fn whose(index: usize, life: &Life) -> String {
    format!("{} (life {index})", life.name)
}

/// An entry in a sentence.
pub(super) fn telling(entry: &Entry) -> String {
    format!("{} \"{}\"", entry.seq, causerie_core::view::Telling(&Seen::from(entry)))
}
