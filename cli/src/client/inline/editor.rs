//! The line being typed, and the lines typed before it.

use causerie_core::protocol::words::is_clean;
use unicode_width::UnicodeWidthChar;

use super::painter::width;

/// The line being typed.
#[derive(Clone, Default, Debug)]
pub(crate) struct Editor {
    text: String,
    /// In bytes, on a character's boundary.
    cursor: usize,
    /// Lines typed before, the youngest last.
    past: Vec<String>,
    /// Which of them is shown, and what was being typed before it was.
    recalled: Option<(usize, String)>,
}

impl Editor {
    /// Whether nothing stands there.
    pub(crate) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts text where the cursor is. What may not be said is left out; a line's end becomes a space, so that what is
    /// pasted can be looked at before it is sent.
    pub(crate) fn insert(&mut self, text: &str) {
        let text = text.trim_end_matches(['\r', '\n']).replace("\r\n", " ");
        for c in text.chars() {
            let c = if matches!(c, '\r' | '\n' | '\t') { ' ' } else { c };
            if is_clean(c) {
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Takes the line, and remembers it.
    pub(crate) fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.text);
        (self.cursor, self.recalled) = (0, None);
        if !line.trim().is_empty() && self.past.last() != Some(&line) {
            if self.past.len() == PAST_MAX {
                self.past.remove(0);
            }
            self.past.push(line.clone());
        }
        line
    }

    pub(crate) fn left(&mut self) {
        self.cursor = self.before();
    }

    pub(crate) fn right(&mut self) {
        self.cursor = self.after();
    }

    pub(crate) const fn home(&mut self) {
        self.cursor = 0;
    }

    pub(crate) const fn end(&mut self) {
        self.cursor = self.text.len();
    }

    pub(crate) fn backspace(&mut self) {
        let before = self.before();
        self.text.replace_range(before..self.cursor, "");
        self.cursor = before;
    }

    pub(crate) fn delete(&mut self) {
        let after = self.after();
        self.text.replace_range(self.cursor..after, "");
    }

    pub(crate) fn cut_before(&mut self) {
        self.text.replace_range(..self.cursor, "");
        self.cursor = 0;
    }

    pub(crate) fn cut_after(&mut self) {
        self.text.truncate(self.cursor);
    }

    /// Takes away the word before the cursor.
    pub(crate) fn cut_word(&mut self) {
        let before = self.text[..self.cursor].trim_end();
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    /// Shows the line typed before the one shown.
    pub(crate) fn older(&mut self) {
        let (at, typed) = match self.recalled.take() {
            None => (self.past.len(), self.text.clone()),
            Some(recalled) => recalled,
        };
        self.recall(at.saturating_sub(1), typed);
    }

    /// Shows the line typed after the one shown; in the end the one being typed.
    pub(crate) fn newer(&mut self) {
        if let Some((at, typed)) = self.recalled.take() {
            self.recall(at + 1, typed);
        }
    }

    fn recall(&mut self, at: usize, typed: String) {
        match self.past.get(at) {
            Some(line) => {
                self.text.clone_from(line);
                self.recalled = Some((at, typed));
            }
            None => self.text = typed,
        }
        self.cursor = self.text.len();
    }

    /// The part of the line that fits into so many columns, and the column of the cursor in it. The cursor is always seen.
    pub(crate) fn view(&self, columns: usize) -> (String, usize) {
        let columns = columns.max(2);
        let mut start = 0;
        // From the left, away with what has no room before the cursor and the column it stands in.
        while width(&self.text[start..self.cursor]) + 1 > columns {
            start += self.text[start..].chars().next().map_or(1, char::len_utf8);
        }
        let mut end = self.cursor;
        for c in self.text[self.cursor..].chars() {
            if width(&self.text[start..end + c.len_utf8()]) > columns {
                break;
            }
            end += c.len_utf8();
        }
        (self.text[start..end].into(), width(&self.text[start..self.cursor]))
    }

    /// Where the character before the cursor begins, with all that is drawn on top of it.
    fn before(&self) -> usize {
        let drawn_on_top = |c: char| c.width() == Some(0);
        let before = self.text[..self.cursor].char_indices().rev();
        before.skip_while(|(_, c)| drawn_on_top(*c)).map(|(at, _)| at).next().unwrap_or(0)
    }

    /// Where the character at the cursor ends, with all that is drawn on top of it.
    fn after(&self) -> usize {
        let mut chars = self.text[self.cursor..].char_indices().skip(1).skip_while(|(_, c)| c.width() == Some(0));
        chars.next().map_or(self.text.len(), |(at, _)| self.cursor + at)
    }
}

/// Lines typed before that are remembered.
const PAST_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.insert(text);
        editor
    }

    fn shown(editor: &Editor) -> String {
        format!("{}|{}", &editor.text[..editor.cursor], &editor.text[editor.cursor..])
    }

    #[test]
    fn a_line_can_be_edited_anywhere() {
        let mut editor = typed("hello there world");
        editor.cut_word();
        assert_eq!(shown(&editor), "hello there |");
        editor.left();
        editor.backspace();
        editor.home();
        editor.delete();
        editor.insert("j");
        assert_eq!(shown(&editor), "j|ello ther ");
        editor.cut_after();
        assert_eq!(shown(&editor), "j|");
        editor.insert("a");
        editor.left();
        editor.cut_before();
        assert_eq!(shown(&editor), "|a");
        editor.right();
        editor.right();
        editor.end();
        assert_eq!(shown(&editor), "a|");
    }

    #[test]
    fn what_is_drawn_as_one_is_taken_away_as_one() {
        let mut editor = typed("日e\u{301}");
        editor.left();
        assert_eq!(shown(&editor), "日|e\u{301}");
        editor.delete();
        assert_eq!(shown(&editor), "日|");
        editor.backspace();
        assert_eq!(shown(&editor), "|");
        editor.backspace();
        editor.delete();
    }

    #[test]
    fn what_is_pasted_is_one_clean_line() {
        assert_eq!(shown(&typed("one\r\ntwo\tthree\u{1b}[2J\u{202e}\n")), "one two three[2J|");
    }

    #[test]
    fn lines_typed_before_come_back_and_so_does_the_one_being_typed() {
        let mut editor = typed("one");
        editor.take();
        editor.insert("two");
        editor.take();
        editor.insert("thr");
        editor.older();
        editor.older();
        editor.older();
        assert_eq!(shown(&editor), "one|");
        editor.newer();
        assert_eq!(shown(&editor), "two|");
        editor.newer();
        editor.newer();
        assert_eq!(shown(&editor), "thr|");
    }

    #[test]
    fn a_long_line_scrolls_so_that_the_cursor_is_seen() {
        let mut editor = typed("0123456789日本");
        assert_eq!(editor.view(6), ("9日本".into(), 5));
        editor.home();
        assert_eq!(editor.view(6), ("012345".into(), 0));
        assert_eq!(typed("").view(0), (String::new(), 0));
    }
}
