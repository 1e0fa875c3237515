//! What the door knows of one connection: who it is, what it can, and which of its commands wait for an answer.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::caps::Caps;
use super::lines::Line;
use super::list::Sieve;
use super::message::{Malformed, Message, Unread};
use super::numeric::ERR_INPUTTOOLONG;
use super::register::Registration;
use super::stays::Stays;
use crate::protocol::tags::TooManyTags;
use crate::protocol::{Account, Ask, LogId, Mask, Nick, Read, Request, RequestId, Room, Seq, Text};

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) enum Stage {
    /// Has yet to say who it is.
    #[default]
    Registering,
    /// Has said so; the log decides.
    Deciding,
    /// Is somebody.
    In,
}

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Session {
    pub(super) stage: Stage,
    pub(super) registration: Registration,
    /// What they are called, or would like to be.
    pub(super) nick: Option<Nick>,
    /// What they are known by, if they can come back.
    pub(super) account: Option<Account>,
    pub(super) caps: Caps,
    /// What they will have once the answer that says so is sent.
    pub(super) agreed: Option<Caps>,
    /// The rooms they are in, as far as they were told.
    pub(super) rooms: BTreeSet<Room>,
    /// And when they were in which.
    pub(super) stays: Stays,
    /// Rooms just entered, whose names they have yet to be told.
    pub(super) fresh: BTreeSet<Room>,
    /// Whom they watch, by the nick's key.
    pub(super) watched: BTreeMap<String, Nick>,
    /// Only who shares a room with them is told that they are in it.
    pub(super) invisible: bool,
    /// They operate the server.
    pub(super) operates: bool,
    /// The log there is.
    pub(super) log: Option<LogId>,
    /// Those of whom they speak to next who say that they are away, and why.
    pub(super) away: Vec<(Nick, Text)>,
    /// A sign of their own that came back, until the answer to its command goes out.
    pub(super) signed: Vec<Line>,
    /// What was said up to here is told in what is missed, not as it happens.
    pub(super) missed_to: Seq,
    /// The batch in which they are told what they missed: with whom it was said, and its name.
    pub(super) replay: Option<(String, String)>,
    /// Requests to be decided, in order, and what they came from.
    asked: VecDeque<(Option<RequestId>, Asked, Option<u64>)>,
    /// Requests to be answered, in order, and what they came from.
    waiting: VecDeque<(u64, Wanted, Option<u64>)>,
    next_reference: u64,
    labels: BTreeMap<u64, Label>,
    next_label: u64,
    /// How their own entries were marked, by the request's number.
    marked: VecDeque<(RequestId, Marking)>,
}

/// A label whose command has so many answers to come.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Label {
    label: String,
    left: u32,
    /// The batch that was begun for them.
    batch: Option<String>,
}

/// What is to be decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Asked {
    /// To say something, to this target.
    Say {
        target: String,
        notice: bool,
    },
    Join {
        room: Room,
    },
    Part {
        room: Room,
    },
    Nick {
        nick: Nick,
    },
    Topic {
        room: Room,
    },
    Kick {
        room: Room,
    },
    Invite {
        room: Room,
    },
    Mode {
        room: Room,
    },
    Kill,
}

/// What is to be answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Wanted {
    /// Known already.
    Lines(Vec<Known>),
    /// `CAP REQ`: these from here on.
    Caps {
        caps: Caps,
        asked: String,
    },
    Pong {
        token: String,
    },
    /// Whoever is in a room they may just have entered.
    Joined {
        room: Room,
    },
    Names {
        room: Room,
    },
    WhoRoom {
        name: String,
        which: Which,
    },
    WhoPeople {
        mask: String,
        which: Which,
    },
    Whois {
        name: String,
    },
    IsOn,
    /// Who was called that, so many of them.
    Was {
        name: String,
        most: usize,
    },
    /// Which of these are here.
    Monitor {
        nicks: Vec<Nick>,
    },
    /// Whom they watch.
    Watched {
        nicks: Vec<Nick>,
    },
    UserHost,
    /// The rooms there are, of those that are meant.
    List(Sieve),
    Lusers,
    Time,
    /// A stretch of talk, by one of the questions there are.
    History {
        question: &'static str,
        target: String,
    },
    /// A sign of their own may have come back.
    Signed,
    Targets,
    Topic {
        room: Room,
    },
    Modes {
        room: Room,
    },
    /// Who is banned (`b`) or muted (`q`).
    Masks {
        room: Room,
        letter: char,
    },
    Oper,
}

/// A line whose words are known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Known {
    /// With a number: what follows their nick.
    Numeric(u16, String),
    /// What follows the server's name.
    Server(String),
    /// What follows their own mask.
    Own(String),
    /// All of it.
    Bare(String),
}

/// Of whom a `WHO` asks what.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Which {
    /// Who is called so; everybody, if none is given.
    pub(super) fits: Option<Mask>,
    /// Only who operates the server.
    pub(super) operators: bool,
    pub(super) fields: Option<Fields>,
}

/// What is asked of each in an extended `WHO`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Fields {
    pub(super) letters: String,
    pub(super) token: Option<String>,
}

/// One command being read.
pub(super) struct Turn<'a> {
    pub(super) session: &'a mut Session,
    requests: &'a mut Vec<Request>,
    label: Option<u64>,
}

impl Session {
    pub(super) fn read(&mut self, message: Result<Message<'_>, Unread>, requests: &mut Vec<Request>) {
        let label = match &message {
            Ok(message) if message.command.is_empty() => return,
            Ok(message) => message.label.clone(),
            Err(unread) => unread.label.clone(),
        };
        let labelled = self.caps.has(Caps::LABELED_RESPONSE) && self.stage == Stage::In;
        let label = label.filter(|_| labelled).map(|label| self.begin_label(label));
        let mut turn = Turn { session: self, requests, label };
        match (message, turn.session.stage) {
            (Ok(message), Stage::In) => turn.command(&message),
            (Ok(message), Stage::Registering | Stage::Deciding) => turn.register(&message),
            (Err(unread), _) => turn.not_taken(&unread),
        }
        if let Some(id) = label
            && self.labels.get(&id).is_some_and(|label| label.left == 0)
        {
            Turn { session: self, requests, label }.say_all(Vec::new()); // An empty answer is an answer.
        }
    }

    fn begin_label(&mut self, label: String) -> u64 {
        self.next_label += 1;
        self.labels.insert(self.next_label, Label { label, left: 0, batch: None });
        self.next_label
    }

    pub(super) fn caps_to_be(&self) -> Caps {
        self.agreed.unwrap_or(self.caps)
    }

    /// What numerics call them.
    pub(super) fn name(&self) -> &str {
        self.nick.as_ref().map_or("*", Nick::as_str)
    }

    pub(super) fn ask_name_again(&mut self) {
        self.stage = Stage::Registering;
        self.nick = None;
    }

    pub(super) fn numbered(&mut self, n: Option<RequestId>) {
        let Some(place) = self.asked.iter().position(|(number, _, _)| number.is_none()) else { return };
        match n {
            Some(n) => self.asked[place].0 = Some(n),
            None => {
                let (_, _, label) = self.asked.remove(place).expect("it was just found");
                self.forget_label(label);
            }
        }
    }

    fn forget_label(&mut self, label: Option<u64>) {
        if let Some(id) = label {
            self.labels.remove(&id);
        }
    }

    /// What a request that was decided came from, once.
    pub(super) fn take_asked(&mut self, n: RequestId) -> Option<(Asked, Option<u64>)> {
        let place = self.asked.iter().position(|(number, _, _)| *number == Some(n))?;
        self.asked.remove(place).map(|(_, asked, label)| (asked, label))
    }

    /// What a request that was answered came from, once.
    pub(super) fn take_wanted(&mut self, reference: u64) -> Option<(Wanted, Option<u64>)> {
        let place = self.waiting.iter().position(|(number, _, _)| *number == reference)?;
        self.waiting.remove(place).map(|(_, wanted, label)| (wanted, label))
    }

    /// The history that was asked for first and cannot be read.
    pub(super) fn take_unread(&mut self) -> Option<(Wanted, Option<u64>)> {
        let history =
            |(_, wanted, _): &(u64, Wanted, Option<u64>)| matches!(wanted, Wanted::History { .. } | Wanted::Targets);
        let place = self.waiting.iter().position(history)?;
        self.waiting.remove(place).map(|(_, wanted, label)| (wanted, label))
    }

    /// Whether a sign of their own is awaited.
    pub(super) fn awaits_sign(&self) -> bool {
        self.waiting.iter().any(|(_, wanted, _)| *wanted == Wanted::Signed)
    }

    pub(super) fn next_batch(&mut self) -> String {
        self.next_label += 1;
        format!("{}", self.next_label)
    }

    /// Marks the lines of an answer with the label of its command: a line alone carries it, more of them stand in a
    /// batch, and none at all is said in a word.
    pub(super) fn labelled(&mut self, label: Option<u64>, lines: Vec<Line>) -> Vec<Line> {
        match self.marking(label, lines.len()) {
            Some(marking) => marking.mark(lines),
            None => lines,
        }
    }

    /// The same for an entry of their own, which a slow reader may be shown anew, from history: marked as it was.
    pub(super) fn labelled_own(&mut self, n: RequestId, label: Option<u64>, lines: Vec<Line>) -> Vec<Line> {
        let marking = match self.marking(label, lines.len()) {
            Some(marking) => {
                self.marked.push_back((n, marking.clone()));
                if self.marked.len() > MARKED_MAX {
                    self.marked.pop_front();
                }
                Some(marking)
            }
            None if planted!("label_given_once") => None,
            None => self.marked.iter().find(|(of, _)| *of == n).map(|(_, marking)| marking.clone()),
        };
        match marking {
            Some(marking) => marking.mark(lines),
            None => lines,
        }
    }

    /// How so many lines are marked, which is decided once.
    fn marking(&mut self, label: Option<u64>, lines: usize) -> Option<Marking> {
        let id = label?;
        let mut state = self.labels.remove(&id)?;
        state.left = state.left.saturating_sub(1);
        let last = state.left == 0;
        if last && state.batch.is_none() && lines <= 1 {
            return Some(Marking { label: Some(state.label), batch: None, last });
        }
        let begun = state.batch.clone();
        let batch = begun.clone().unwrap_or_else(|| self.next_batch());
        let label = begun.is_none().then(|| state.label.clone());
        if !last {
            state.batch = Some(batch.clone());
            self.labels.insert(id, state);
        }
        Some(Marking { label, batch: Some(batch), last })
    }
}

/// Own entries of which it is kept in mind how they were marked: the last of those that had a label.
const MARKED_MAX: usize = 64;

/// How the lines of an answer are marked.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Marking {
    /// It stands on a line alone, or on the beginning of the batch.
    label: Option<String>,
    batch: Option<String>,
    /// Nothing more is to come.
    last: bool,
}

impl Marking {
    fn mark(self, lines: Vec<Line>) -> Vec<Line> {
        let Some(batch) = self.batch else {
            let mut lines = lines;
            let first = if lines.is_empty() { Line::from_server("ACK") } else { lines.remove(0) };
            lines.insert(0, first.tagged("label", self.label.unwrap_or_default()));
            return lines;
        };
        let mut all = Vec::with_capacity(lines.len() + 2);
        if let Some(label) = self.label {
            all.push(Line::from_server(format_args!("BATCH +{batch} labeled-response")).tagged("label", label));
        }
        all.extend(lines.into_iter().map(|line| in_batch(line, &batch)));
        if self.last {
            all.push(Line::from_server(format_args!("BATCH -{batch}")));
        }
        all
    }
}

/// A line in a batch, unless it stands in one within that already.
pub(super) fn in_batch(line: Line, batch: &str) -> Line {
    if line.tags.iter().any(|(name, _)| *name == "batch") { line } else { line.tagged("batch", batch.to_string()) }
}

impl Turn<'_> {
    fn not_taken(&mut self, unread: &Unread) {
        match unread.why {
            Malformed::TooLong => self.numeric(ERR_INPUTTOOLONG, ":not taken: a line has at most 512 bytes"),
            Malformed::TooManyTags => self.numeric(ERR_INPUTTOOLONG, format!(":not taken: {TooManyTags}")),
            Malformed::NotUtf8 => {
                let command = super::commands::shown(&unread.command);
                let why = "not taken: the line is not UTF-8; set your client to UTF-8";
                self.say(Known::Server(format!("FAIL {command} INVALID_UTF8 :{why}")));
            }
        }
    }

    fn counts(&mut self) {
        if let Some(label) = self.label.and_then(|id| self.session.labels.get_mut(&id)) {
            label.left += 1;
        }
    }

    /// Asks for something to be decided.
    pub(super) fn ask(&mut self, asked: Asked, ask: Ask) {
        self.counts();
        self.session.asked.push_back((None, asked, self.label));
        self.requests.push(Request::Plain(ask));
    }

    /// Asks for something to be answered.
    pub(super) fn want(&mut self, wanted: Wanted, read: Read) {
        self.want_by(wanted, |reference| Request::Read { reference, read });
    }

    /// Asks for something to be answered, by a request made for its reference.
    pub(super) fn want_by(&mut self, wanted: Wanted, request: impl FnOnce(u64) -> Request) {
        self.counts();
        self.session.next_reference += 1;
        let reference = self.session.next_reference;
        self.session.waiting.push_back((reference, wanted, self.label));
        self.requests.push(request(reference));
    }

    /// Answers with what is known, in its turn.
    pub(super) fn say(&mut self, known: Known) {
        self.say_all(Vec::from([known]));
    }

    pub(super) fn say_all(&mut self, known: Vec<Known>) {
        self.want(Wanted::Lines(known), Read::Barrier);
    }

    pub(super) fn numeric(&mut self, number: u16, rest: impl ToString) {
        self.say(Known::Numeric(number, rest.to_string()));
    }

    /// Anything else.
    pub(super) fn request(&mut self, request: Request) {
        self.requests.push(request);
    }
}
