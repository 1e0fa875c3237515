//! What must happen sometimes. A simulator that never reaches these proves nothing about them, so each is counted, and
//! those that were never reached are named.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::client::News;
use causerie_core::protocol::{ClientId, Event, Intent, Leaving, Notes, Seq};

use crate::checks::Case;
use crate::evidence::{By, Life, Shown};
use crate::plan::World;

macro_rules! catalogue {
    ($($mark:ident $worlds:ident $text:literal,)+) => {
        /// A rare point.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Mark {
            $(#[doc = $text] $mark,)+
        }

        impl Mark {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$mark,)+];

            /// In words.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$mark => $text,)+ }
            }

            /// The worlds in which a search must reach it. Elsewhere it cannot happen, or takes longer than a run lasts.
            #[must_use]
            pub const fn worlds(self) -> &'static [World] {
                match self { $(Self::$mark => $worlds,)+ }
            }
        }
    };
}

catalogue! {
    Duplicate BOTH "a request was in the log again and was recognised",
    AnswerLost BOTH "an answer was lost after the commit, and given on resume",
    RefusedAgain BOTH "a refusal was answered again from memory",
    NumberUsed BOTH "a number stood for another request, and the client renumbered",
    ProposedAgain BOTH "the server proposed again what had not come back",
    GroupCommit BOTH "several records were committed as a group",
    CrashLost BOTH "a crash lost records that were not synced",
    CrashKept BOTH "a crash kept records whose commit nobody was told of",
    SnapshotUsed BOTH "a server started from a snapshot",
    Stopped BOTH "a server stopped in order",
    LogLost BOTH "the log was lost under a running server",
    NotStoring BOTH "somebody was told that nothing is stored",
    TakenOver BOTH "a session was taken over",
    GraceEnded BOTH "a grace period ended in a departure",
    GraceCancelled BOTH "somebody came back within their grace",
    GuestDeparted BOTH "a guest departed because the server was started again",
    NickTakenAway BOTH "a nick was taken while its holder was away",
    NickMoved BOTH "a private word was refused because the nick had moved",
    AwayTold BOTH "a private word went to somebody away",
    PutOut BOTH "somebody was put out of a room",
    KeptOut BOTH "somebody was kept from entering or from speaking",
    Empowered BOTH "somebody operated the server",
    Rejoined BOTH "somebody joined a room they had left",
    FellBehind BOTH "a reader fell behind and read on from history",
    PagedAcrossRestart BOTH "history was paged across a restart",
    WindowFull BOTH "more was asked than the window takes",
    Paused PURE "a connection was not read",
    OldMemory BOTH "a client started with an old memory",
    LateFrame BOTH "bytes arrived for a connection that was given up",
    ClientSilence BOTH "a client gave up a silent server",
    ServerSilence BOTH "the server gave up a silent client",
    ConnectTimeout PURE "a connection could not be made in time",
    Refused BOTH "a connection was refused",
    Full BOTH "the limit on connections was met",
    HelloTooLate BOTH "somebody did not say who they are in time",
    Violation BOTH "a program that broke the rules was told so",
    LinesDropped BOTH "lines after a name that could not be had were dropped",
    HungUp BOTH "somebody at netcat hung up",
    ClockWentBack BOTH "the time of day jumped back",
    CrashInCommit BOTH "the power failed in the middle of a commit",
    SectorsLost TCP "a power loss took sectors that were written and not synced",
    TornCommit TCP "a commit of which some sectors were there and others not was discarded",
    OpenedUnclean TCP "a store was opened after a death that was not in order",
    FsyncFailed TCP "a sync of the disk failed",
    DiskFull TCP "the disk was full",
    ShortRead TCP "a read brought a part of what had arrived",
    SplitWrite TCP "a write took a part of what was given",
    Reset BOTH "a connection was reset from outside",
    BackByIrc BOTH "somebody with an account came back by IRC",
    MissedTold BOTH "something missed was told to who came back by IRC",
    PageByIrc BOTH "a page of talk was read by IRC",
    LabelAnswered BOTH "an answer came under its label",
    PresenceTold BOTH "who watches somebody by IRC was told of them",
}

/// Where a mark can be reached.
const BOTH: &[World] = &[World::Pure, World::Tcp];
const TCP: &[World] = &[World::Tcp];
/// What is seen from inside only.
const PURE: &[World] = &[World::Pure];

/// How often each was reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marks([u64; Mark::ALL.len()]);

impl Default for Marks {
    fn default() -> Self {
        Self([0; Mark::ALL.len()])
    }
}

impl Marks {
    /// It happened.
    pub const fn reach(&mut self, mark: Mark) {
        self.0[mark as usize] += 1;
    }

    /// How often it happened.
    #[must_use]
    pub const fn count(&self, mark: Mark) -> u64 {
        self.0[mark as usize]
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    /// Those that never happened, of those that can in a world.
    pub fn unreached(&self, world: World) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(move |mark| mark.worlds().contains(&world) && self.count(*mark) == 0)
    }

    /// What the reason given for a connection's end says.
    pub fn reach_by_why(&mut self, why: &str) {
        for (part, mark) in [
            ("the server fell silent", Mark::ClientSilence),
            ("nothing was heard from you", Mark::ServerSilence),
            ("cannot be reached", Mark::ConnectTimeout),
            ("connection refused", Mark::Refused),
            ("the server is full", Mark::Full),
            ("no name was given in time", Mark::HelloTooLate),
            ("is not served on this port", Mark::Violation),
            ("is out of turn", Mark::Violation),
            ("say hello first", Mark::Violation),
            ("after that name", Mark::LinesDropped),
            ("not storing", Mark::NotStoring),
            ("cannot store", Mark::NotStoring),
        ] {
            if why.contains(part) {
                self.reach(mark);
            }
        }
    }

    /// Counts what can be told from what a run left.
    pub fn count_evidence(&mut self, case: &Case<'_>) {
        self.count_log(case);
        self.count_returns(case);
        for (mark, count) in [
            (Mark::BackByIrc, case.by_irc().returns),
            (Mark::MissedTold, case.by_irc().missed),
            (Mark::PageByIrc, case.by_irc().pages),
            (Mark::LabelAnswered, case.by_irc().labels),
            (Mark::PresenceTold, case.by_irc().presence),
        ] {
            (0..count).for_each(|_| self.reach(mark));
        }
        for fact in &case.facts {
            match &fact.entry.event {
                Event::Departed { why: Leaving::Lost, .. } if !case.guests.contains(&fact.entry.by) => {
                    self.reach(Mark::GraceEnded);
                }
                Event::Kicked { .. } => self.reach(Mark::PutOut),
                Event::Said { notes: Notes { away, .. }, .. } if !away.is_empty() => self.reach(Mark::AwayTold),
                Event::Departed { .. }
                | Event::Said { .. }
                | Event::Arrived { .. }
                | Event::Joined { .. }
                | Event::Left { .. }
                | Event::Renamed { .. }
                | Event::Topic { .. }
                | Event::Invited { .. }
                | Event::Changed { .. }
                | Event::Killed { .. } => {}
            }
        }
        case.evidence.lives.iter().filter(|life| life.by == By::Native).for_each(|life| self.count_life(case, life));
    }

    fn count_log(&mut self, case: &Case<'_>) {
        let mut asks = BTreeSet::new();
        let mut sessions: BTreeMap<ClientId, u32> = BTreeMap::new();
        let mut left = BTreeSet::new();
        for intent in case.evidence.log.iter().flat_map(|stored| &stored.record.intents) {
            match intent {
                Intent::Ask { client, n, .. } if !asks.insert((*client, *n)) => self.reach(Mark::Duplicate),
                Intent::Attach { client, session, .. } => {
                    sessions.insert(*client, session.epoch);
                }
                Intent::Depart { client, session, .. } => {
                    let guest = case.guests.contains(client);
                    let last = sessions.values().max().copied().unwrap_or(0);
                    if sessions.remove(client).is_some_and(|epoch| guest && (epoch < last || session.epoch < epoch)) {
                        self.reach(Mark::GuestDeparted);
                    }
                }
                Intent::Started { epoch, .. } => {
                    let guests = sessions.iter().filter(|(client, of)| case.guests.contains(*client) && *of < epoch);
                    if guests.count() > 0 {
                        self.reach(Mark::GuestDeparted);
                    }
                }
                Intent::Empower { .. } => self.reach(Mark::Empowered),
                Intent::Genesis { .. } | Intent::Ask { .. } | Intent::Rules { .. } => {}
            }
        }
        for fact in &case.facts {
            match &fact.entry.event {
                Event::Left { room } | Event::Kicked { room, .. } => {
                    left.insert((fact.entry.mover(), room));
                }
                Event::Joined { room } if left.contains(&(fact.entry.by, room)) => self.reach(Mark::Rejoined),
                Event::Joined { .. }
                | Event::Departed { .. }
                | Event::Said { .. }
                | Event::Arrived { .. }
                | Event::Renamed { .. }
                | Event::Topic { .. }
                | Event::Invited { .. }
                | Event::Changed { .. }
                | Event::Killed { .. } => {}
            }
        }
    }

    /// Who is welcomed again, by whichever of their programs, and was not seen to depart in between.
    fn count_returns(&mut self, case: &Case<'_>) {
        let mut welcomes: BTreeMap<ClientId, Vec<(u64, Seq)>> = BTreeMap::new();
        for life in case.evidence.lives.iter().filter(|life| life.by == By::Native) {
            for told in &life.told {
                if let Shown::News(News::Online(welcome)) = &told.what {
                    welcomes.entry(life.identity).or_default().push((told.at_us, welcome.head));
                }
            }
        }
        for (who, mut welcomes) in welcomes {
            welcomes.sort_unstable();
            let departures = |head: Seq| {
                let gone = case.facts.iter().take_while(|fact| fact.entry.seq <= head);
                gone.filter(|fact| fact.entry.by == who && matches!(fact.entry.event, Event::Departed { .. })).count()
            };
            let kept = welcomes.windows(2).filter(|pair| departures(pair[0].1) == departures(pair[1].1));
            (0..kept.count()).for_each(|_| self.reach(Mark::GraceCancelled));
        }
    }

    fn count_life(&mut self, case: &Case<'_>, life: &Life) {
        let mut online: Vec<u64> = Vec::new();
        for told in &life.told {
            let Shown::News(news) = &told.what else { continue };
            match news {
                News::Online(_) => online.push(told.at_us),
                News::Accepted { pending: Some(_), entry: Some(_), .. } => self.reach(Mark::AnswerLost),
                News::Refused { reference, code, .. } => self.count_refusal(case, reference.as_deref(), code, &online),
                News::Page { page, .. } => {
                    let first = page.entries.first().and_then(|seen| case.fact(seen.seq));
                    let start = case.evidence.log.iter().filter(|stored| {
                        stored.durable_us <= told.at_us
                            && stored.record.intents.iter().any(|intent| matches!(intent, Intent::Started { .. }))
                    });
                    let start = start.map(|stored| stored.durable_us).max().unwrap_or(0);
                    if first.is_some_and(|fact| fact.durable_us < start) {
                        self.reach(Mark::PagedAcrossRestart);
                    }
                }
                News::Notice(text) if text.contains("was taken while you were away") => self.reach(Mark::NickTakenAway),
                News::Notice(text) => self.reach_by_why(text),
                News::Ended { code, .. } if &**code == "taken_over" => self.reach(Mark::TakenOver),
                News::Offline { .. }
                | News::Waiting(_)
                | News::Accepted { .. }
                | News::Saw(_)
                | News::Who { .. }
                | News::Rooms { .. }
                | News::Room { .. }
                | News::Oper { .. }
                | News::Denied { .. }
                | News::Missed { .. }
                | News::Ended { .. } => {}
            }
        }
    }

    /// A refusal of what was asked before the connection that told of it, and decided before it too.
    fn count_refusal(&mut self, case: &Case<'_>, reference: Option<&str>, code: &str, online: &[u64]) {
        match code {
            "nick_moved" => self.reach(Mark::NickMoved),
            "banned" | "muted" | "moderated" | "invite_only" | "wrong_key" | "room_full" => self.reach(Mark::KeptOut),
            _ => {}
        }
        let asked = case.evidence.asked.iter().find(|asked| Some(&*asked.mark) == reference);
        if let (Some(asked), Some(last)) = (asked, online.last())
            && online.iter().any(|at| *at > asked.at_us)
            && asked.at_us < *last
        {
            let decided = case.evidence.log.iter().any(|stored| {
                let mine = |intent: &Intent| match intent {
                    Intent::Ask { client, .. } => *client == case.evidence.lives[asked.life].identity,
                    Intent::Genesis { .. }
                    | Intent::Started { .. }
                    | Intent::Attach { .. }
                    | Intent::Depart { .. }
                    | Intent::Rules { .. }
                    | Intent::Empower { .. } => false,
                };
                stored.given_us >= asked.at_us && stored.durable_us < *last && stored.record.intents.iter().any(mine)
            });
            if decided {
                self.reach(Mark::RefusedAgain);
            }
        }
    }
}
