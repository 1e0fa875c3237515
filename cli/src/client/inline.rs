//! A conversation in a terminal, without taking the screen over: rows are printed for good, and below them stand what waits,
//! a status line and the line being typed.

mod editor;
mod painter;
mod terminal;

use causerie_core::client::News;
use causerie_core::time::Timestamp;
use causerie_core::view::{Row, RowText, Waiting};
use causerie_net::clock::Clock;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use self::editor::Editor;
use self::painter::{Bottom, Line, Painter, Span, Style};
pub(crate) use self::terminal::Terminal;
use super::plain::{Written, seconds_up};
use super::talk::{Talk, Turn};
use crate::failure::Failure;
use crate::tell;

/// What somebody did at the keyboard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Nothing that matters.
    Nothing,
    /// Something that can be seen.
    Paint,
    /// A line is complete.
    Typed(String),
    /// Goes, once everything is answered.
    Quit,
    /// Goes at once.
    Leave,
}

/// The screen of a conversation.
#[derive(Debug)]
pub(crate) struct Inline {
    talk: Talk,
    editor: Editor,
    painter: Painter,
    clock: Clock,
    utc_offset_s: i32,
    /// When the next try is.
    retry_at: Option<Timestamp>,
    quitting: bool,
    /// Rows to be printed.
    rows: Vec<Line>,
    /// Something changed since it was painted.
    stale: bool,
}

impl Inline {
    /// An empty screen.
    pub(crate) fn new(talk: Talk, clock: Clock, utc_offset_s: i32) -> Self {
        Self {
            talk,
            editor: Editor::default(),
            painter: Painter::new(terminal::has_colour()),
            clock,
            utc_offset_s,
            retry_at: None,
            quitting: false,
            rows: Vec::new(),
            stale: true,
        }
    }

    /// What was asked and has no answer.
    pub(crate) fn waiting(&self) -> usize {
        self.talk.waiting().len()
    }

    /// Takes news.
    pub(crate) fn take(&mut self, news: &News, now: Timestamp) -> Written {
        match news {
            News::Offline { retry_at, .. } => self.retry_at = retry_at.map(|at| at.max(now)),
            News::Online(_) => self.retry_at = None,
            News::Waiting(_)
            | News::Accepted { .. }
            | News::Refused { .. }
            | News::Saw(_)
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
        let turn = self.talk.take(news);
        self.turned(turn)
    }

    /// Takes a line that was typed.
    pub(crate) fn typed(&mut self, line: &str) -> Written {
        let turn = self.talk.typed(line);
        self.quitting |= turn.commands.contains(&causerie_core::client::Command::Quit);
        self.turned(turn)
    }

    fn turned(&mut self, turn: Turn) -> Written {
        let Turn { rows, commands } = turn;
        let utc_offset_s = self.utc_offset_s;
        self.rows.extend(rows.iter().map(|row| {
            let style = match row {
                Row::Entry(_) | Row::Own { .. } => Style::Plain,
                Row::Day(_) | Row::Past(_) | Row::Remark(_) => Style::Dim,
            };
            vec![Span { style, text: RowText { row, utc_offset_s }.to_string() }]
        }));
        self.stale = true;
        Written { lines: Vec::new(), commands }
    }

    /// Takes an event of the terminal's.
    pub(crate) fn happened(&mut self, event: Event) -> Act {
        let act = acted(&mut self.editor, event);
        self.stale |= act != Act::Nothing;
        act
    }

    /// A line cannot be asked yet: it goes on being typed.
    pub(crate) fn put_back(&mut self, line: &str) {
        self.editor.insert(line);
        self.stale = true;
    }

    /// A second passed: whether that can be seen.
    pub(crate) const fn tick(&mut self) -> bool {
        self.stale |= self.retry_at.is_some();
        self.stale
    }

    /// What has to be written for the screen to be as it should.
    pub(crate) fn paint(&mut self) -> String {
        if !std::mem::take(&mut self.stale) {
            return String::new();
        }
        let size = terminal::size();
        let rows = std::mem::take(&mut self.rows);
        let bottom = self.bottom(size);
        self.painter.paint(&rows, bottom, size)
    }

    /// The last of it: only the rows stay.
    pub(crate) fn close(&mut self) -> String {
        self.painter.paint(&std::mem::take(&mut self.rows), Bottom::default(), terminal::size())
    }

    fn bottom(&self, (columns, lines): (usize, usize)) -> Bottom {
        let mut above = self.pending(lines.saturating_sub(3).clamp(1, PENDING_MAX));
        above.push(self.status());
        let prompt = format!("{} › ", self.talk.nick());
        let (text, column) = self.editor.view(columns.saturating_sub(painter::width(&prompt) + 1));
        let cursor = (above.len(), painter::width(&prompt) + column);
        above.push(vec![Span { style: Style::Strong, text: prompt }, Span { style: Style::Plain, text }]);
        Bottom { lines: above, cursor }
    }

    /// What waits, the youngest last.
    fn pending(&self, most: usize) -> Vec<Line> {
        let (waiting, nick) = (self.talk.waiting(), self.talk.nick());
        let hidden = if waiting.len() > most { waiting.len() - most + 1 } else { 0 };
        let more = (hidden > 0).then(|| format!("      … {hidden} more before these"));
        let shown = waiting[hidden..].iter().map(|pending| format!("      {} …", Waiting { nick, ask: &pending.ask }));
        more.into_iter().chain(shown).map(|text| vec![Span { style: Style::Dim, text }]).collect()
    }

    fn status(&self) -> Line {
        let dim = |text: String| Span { style: Style::Dim, text };
        let waiting = self.talk.waiting().len();
        let waits = if waiting == 0 { String::new() } else { format!(" · {waiting} waiting") };
        let leaving = if self.quitting { " · leaving once all is stored (Ctrl-C: now)" } else { "" };
        if self.talk.is_online() {
            let dot = Span { style: Style::Good, text: "●".into() };
            let (room, here) = (self.talk.room(), self.talk.here());
            return vec![dot, dim(format!(" online · {room} · {here} here{waits}{leaving}"))];
        }
        let dot = Span { style: Style::Bad, text: "●".into() };
        let tried = match self.retry_at.map(|at| seconds_up(at, self.clock.now())) {
            None => " connecting …".into(),
            Some(0) => " offline · trying again …".into(),
            Some(seconds) => format!(" offline · retry in {seconds} s (Enter: now)"),
        };
        vec![dot, dim(format!("{tried}{waits}{leaving}"))]
    }
}

/// What an event does to the line being typed, and beyond.
fn acted(editor: &mut Editor, event: Event) -> Act {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => pressed(editor, key),
        Event::Paste(text) => {
            editor.insert(&text);
            Act::Paint
        }
        Event::Resize(..) => Act::Paint,
        Event::Key(_) | Event::FocusGained | Event::FocusLost | Event::Mouse(_) => Act::Nothing,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the keys of a keyboard are not ours to list")]
fn pressed(editor: &mut Editor, key: KeyEvent) -> Act {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => return Act::Leave,
            KeyCode::Char('d') if editor.is_empty() => return Act::Quit,
            KeyCode::Char('d') => editor.delete(),
            KeyCode::Char('a') => editor.home(),
            KeyCode::Char('e') => editor.end(),
            KeyCode::Char('u') => editor.cut_before(),
            KeyCode::Char('k') => editor.cut_after(),
            KeyCode::Char('w') => editor.cut_word(),
            KeyCode::Char('h') => editor.backspace(),
            KeyCode::Char('b') => editor.left(),
            KeyCode::Char('f') => editor.right(),
            KeyCode::Char('p') => editor.older(),
            KeyCode::Char('n') => editor.newer(),
            KeyCode::Char('j' | 'm') => return Act::Typed(editor.take()),
            _ => return Act::Nothing,
        }
        return Act::Paint;
    }
    match key.code {
        KeyCode::Enter => return Act::Typed(editor.take()),
        KeyCode::Char(c) => editor.insert(c.encode_utf8(&mut [0; 4])),
        KeyCode::Tab => editor.insert(" "),
        KeyCode::Backspace => editor.backspace(),
        KeyCode::Delete => editor.delete(),
        KeyCode::Left => editor.left(),
        KeyCode::Right => editor.right(),
        KeyCode::Home => editor.home(),
        KeyCode::End => editor.end(),
        KeyCode::Up => editor.older(),
        KeyCode::Down => editor.newer(),
        _ => return Act::Nothing,
    }
    Act::Paint
}

/// What somebody is asked before the conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Question {
    /// Who they are.
    Name,
    /// The server's password. On a screen it is not shown.
    Password,
}

impl Question {
    const fn words(self) -> &'static str {
        match self {
            Self::Name => "your name? ",
            Self::Password => "the password? ",
        }
    }
}

/// Asks something: on a line of its own, or at the bottom of the screen.
#[derive(Debug)]
pub(crate) struct Prompt {
    question: Question,
    screen: Option<(Editor, Painter)>,
    remark: Option<String>,
}

impl Prompt {
    /// Asks, and says why.
    pub(crate) fn new(question: Question, on_screen: bool, why: &str) -> Self {
        let screen = on_screen.then(|| (Editor::default(), Painter::new(terminal::has_colour())));
        Self { question, screen, remark: Some(why.into()) }
    }

    /// Says why it asks once more.
    pub(crate) fn ask_again(&mut self, why: &str) {
        self.remark = Some(why.into());
    }

    /// Shows the question.
    ///
    /// # Errors
    /// If nobody can see it.
    pub(crate) fn paint(&mut self) -> Result<(), Failure> {
        let (remark, words) = (self.remark.take(), self.question.words());
        let Some((editor, painter)) = &mut self.screen else {
            let remark = remark.map(|remark| format!("{remark}. ")).unwrap_or_default();
            return Ok(tell::write_all(format!("{remark}{words}").as_bytes())?);
        };
        let remark = remark.map(|remark| vec![Span { style: Style::Dim, text: format!("* {remark}") }]);
        let size = terminal::size();
        let (text, column) = match self.question {
            Question::Name => editor.view(size.0.saturating_sub(words.len() + 1)),
            Question::Password => (String::new(), 0),
        };
        let question = Span { style: Style::Strong, text: words.into() };
        let bottom = Bottom {
            lines: vec![vec![question, Span { style: Style::Plain, text }]],
            cursor: (0, words.len() + column),
        };
        let rows: Vec<Line> = remark.into_iter().collect();
        Ok(tell::write_all(painter.paint(&rows, bottom, size).as_bytes())?)
    }

    /// Takes an event of the terminal's.
    pub(crate) fn take(&mut self, event: Event) -> Act {
        match &mut self.screen {
            Some((editor, _)) => match acted(editor, event) {
                Act::Typed(name) if name.trim().is_empty() => Act::Paint,
                act @ (Act::Typed(_) | Act::Nothing | Act::Paint | Act::Quit | Act::Leave) => act,
            },
            None => Act::Nothing,
        }
    }

    /// The question has its answer.
    ///
    /// # Errors
    /// If nobody can see it.
    pub(crate) fn leave(&mut self) -> Result<(), Failure> {
        match &mut self.screen {
            Some((_, painter)) => {
                Ok(tell::write_all(painter.paint(&[], Bottom::default(), terminal::size()).as_bytes())?)
            }
            None => Ok(()),
        }
    }
}

/// Lines that wait and are shown.
const PENDING_MAX: usize = 5;
