//! What people at netcat type, and how they read.

use crate::evidence::By;
use crate::plan::{Deed, What};

/// What a deed types.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Typed {
    /// The lines.
    pub(super) lines: String,
    /// The marks of what is said in them.
    pub(super) marks: Vec<String>,
    /// The labels of the commands.
    pub(super) labels: Vec<String>,
}

/// Whose name was asked for gives it: another one each time it could not be had.
pub(super) fn name_line(name: &str, tried: u64) -> String {
    if tried == 0 { format!("{name}\n") } else { format!("{name}{tried}\n") }
}

/// What a deed comes to.
pub(super) fn typed(deed: &Deed) -> Typed {
    let mut typed = Typed::default();
    let mark = format!("d{}", deed.id);
    match &deed.what {
        What::Say { .. } => typed.say(deed, mark, ""),
        What::Private { to } => typed.say(deed, mark, &format!("@{} ", to.join(" @"))),
        What::Burst { count } => (0..*count).for_each(|i| typed.say(deed, format!("{mark}.{i}"), "")),
        What::Join { room } => typed.lines = format!("/join {room}\r\n"),
        What::Leave { room } => typed.lines = format!("/leave {room}\n"),
        What::Nick { nick } => typed.lines = format!("/nick {nick}\n"),
        What::History { room, .. } => typed.lines = format!("/history #{room}\n"),
        What::Order { line } => typed.lines = format!("{line}\n"),
        What::Who => typed.lines.push_str("/who\n"),
        What::Quit => typed.lines.push_str("/quit\n"),
    }
    typed
}

impl Typed {
    fn say(&mut self, deed: &Deed, mark: String, to: &str) {
        self.lines += &format!("{to}{}\n", deed.text(&mark));
        self.marks.push(mark);
    }
}

/// Makes lines of what arrives.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Reader {
    /// Bytes of a line that is not whole.
    partial: Vec<u8>,
}

/// Something read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// A line.
    Line(String),
    /// A name is asked for: the line it is asked in, and whether it is the first time.
    NameAsked(String, bool),
}

impl Reader {
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Vec<Heard> {
        let mut heard = Vec::new();
        self.partial.extend_from_slice(bytes);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            heard.push(Heard::Line(String::from_utf8_lossy(&line[..end]).into_owned()));
        }
        if self.partial.ends_with(b"your name? ") {
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.partial)).into_owned();
            let first = line.starts_with("welcome");
            heard.push(Heard::NameAsked(line, first));
        }
        heard
    }
}

/// Whether a line says that its reader is in.
pub(super) fn is_welcome(line: &str) -> bool {
    line.ends_with(", Welcome to chat room")
}

/// The first character among these bytes that no face may be sent.
pub(super) fn unclean(by: By, bytes: &[u8]) -> Option<char> {
    let ends_in_two = matches!(by, By::Irc { .. } | By::Stranger); // A stranger may have said that it speaks IRC.
    let is_end = |byte: u8| byte == b'\n' || (byte == b'\r' && ends_in_two);
    let suspicious = |byte: &u8| *byte < 0x20 && !is_end(*byte) || *byte == 0x7f || *byte == 0xc2 || *byte == 0xe2;
    if !bytes.iter().any(suspicious) {
        return None;
    }
    let forbidden = |c: &char| {
        let control = c.is_control() && !u8::try_from(*c).is_ok_and(is_end);
        control || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
    };
    String::from_utf8_lossy(bytes).chars().find(forbidden)
}
