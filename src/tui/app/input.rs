//! A line that is being typed.
//!
//! Job: which key does what to a line, and a bound on it; where the cursor goes is the crate's.
//! Input: keys. Output: the text; [`Typed`] says what a key did.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::InputRequest as Request;

use crate::page::escape::safe;

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The text or the cursor changed.
    Changed,
    /// The line is done.
    Done,
    /// It is given up.
    Cancelled,
    /// A key for somebody else.
    Other,
}

/// Bytes of a line, at most.
const LONGEST: usize = 4096;

/// A line that is being typed.
#[derive(Debug, Clone, Default)]
pub struct Input {
    line: tui_input::Input,
    /// All of the text is selected: what is typed takes its place.
    pub selected: bool,
}

impl Input {
    /// A line with a text in it, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            line: text.into().into(),
            selected: false,
        }
    }

    /// The same, selected.
    pub fn selected(text: impl Into<String>) -> Self {
        let input = Self::new(text);
        Self {
            selected: !input.text().is_empty(),
            ..input
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.line.value()
    }

    /// The text before the cursor.
    pub fn before(&self) -> &str {
        let cursor = self.text().char_indices().nth(self.line.cursor());
        let before = cursor.and_then(|(at, _)| self.text().get(..at));
        before.unwrap_or(self.text())
    }

    /// Puts a text in place of what stands before the cursor.
    pub fn set_before(&mut self, text: &str) {
        let behind = self.text().get(self.before().len()..);
        let line = format!("{text}{}", behind.unwrap_or_default());
        self.line = tui_input::Input::from(line).with_cursor(text.chars().count());
    }

    /// Columns before the cursor, as the line is shown, and how many of them are scrolled off
    /// where `room` are seen.
    pub fn columns(&self, room: usize) -> (usize, usize) {
        let cursor = safe(self.before()).chars().count();
        let shown = tui_input::Input::from(safe(self.text())).with_cursor(cursor);
        (shown.visual_cursor(), shown.visual_scroll(room))
    }

    /// Puts text where the cursor stands; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        self.drop_selected();
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.text().len() < LONGEST {
                self.line.handle(Request::InsertChar(c));
            }
        }
    }

    /// Drops the text where it is selected. Returns whether it was.
    fn drop_selected(&mut self) -> bool {
        let selected = std::mem::take(&mut self.selected);
        if selected {
            self.line.reset();
        }
        selected
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Typed {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let request = match (key.code, ctrl) {
            (KeyCode::Char(c), false) => {
                self.insert(c.encode_utf8(&mut [0; 4]));
                return Typed::Changed;
            }
            (KeyCode::Backspace | KeyCode::Delete, _) if self.drop_selected() => {
                return Typed::Changed;
            }
            (KeyCode::Enter, _) => return Typed::Done,
            (KeyCode::Esc | KeyCode::Char('c'), _) => return Typed::Cancelled,
            (KeyCode::Char('u'), _) => Request::DeleteFromStart,
            (KeyCode::Char('k'), _) => Request::DeleteTillEnd,
            (KeyCode::Char('w'), _) | (KeyCode::Backspace, true) => Request::DeletePrevWord,
            (KeyCode::Delete, true) => Request::DeleteNextWord,
            (KeyCode::Backspace, false) => Request::DeletePrevChar,
            (KeyCode::Delete, false) => Request::DeleteNextChar,
            (KeyCode::Left, true) => Request::GoToPrevWord,
            (KeyCode::Right, true) => Request::GoToNextWord,
            (KeyCode::Left, false) => Request::GoToPrevChar,
            (KeyCode::Right, false) => Request::GoToNextChar,
            (KeyCode::Char('a') | KeyCode::Home, _) => Request::GoToStart,
            (KeyCode::Char('e') | KeyCode::End, _) => Request::GoToEnd,
            _ => return Typed::Other,
        };
        self.selected = false;
        self.line.handle(request);
        Typed::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(input: &mut Input, code: KeyCode) -> Typed {
        input.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn typing_and_moving() {
        let mut input = Input::new("aä");
        press(&mut input, KeyCode::Left);
        press(&mut input, KeyCode::Char('日'));
        assert_eq!((input.text(), input.before()), ("a日ä", "a日"));
        press(&mut input, KeyCode::Backspace);
        press(&mut input, KeyCode::Backspace);
        press(&mut input, KeyCode::Backspace);
        assert_eq!(input.text(), "ä");
        press(&mut input, KeyCode::Delete);
        press(&mut input, KeyCode::Delete);
        assert_eq!(input.text(), "");
        input.insert("one two\u{1b}");
        input.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "one ");
        assert_eq!(press(&mut input, KeyCode::Enter), Typed::Done);
    }

    #[test]
    fn what_is_selected_gives_way_to_what_is_typed() {
        let mut input = Input::selected("old");
        press(&mut input, KeyCode::Char('n'));
        press(&mut input, KeyCode::Char('e'));
        assert_eq!(input.text(), "ne");
        let mut input = Input::selected("old");
        press(&mut input, KeyCode::End);
        press(&mut input, KeyCode::Char('x'));
        assert_eq!(input.text(), "oldx");
        let mut input = Input::selected("old");
        press(&mut input, KeyCode::Backspace);
        assert_eq!(input.text(), "");
        let mut input = Input::selected("old");
        input.insert("pasted");
        assert_eq!((input.text(), input.selected), ("pasted", false));
    }

    #[test]
    fn words_and_what_is_one_character_to_a_reader() {
        let ctrl = |input: &mut Input, code| input.key(KeyEvent::new(code, KeyModifiers::CONTROL));
        let mut input = Input::new("one two three");
        ctrl(&mut input, KeyCode::Left);
        ctrl(&mut input, KeyCode::Left);
        assert_eq!(input.before(), "one ");
        ctrl(&mut input, KeyCode::Right);
        ctrl(&mut input, KeyCode::Char('k'));
        assert_eq!(input.text(), "one two ");
        ctrl(&mut input, KeyCode::Char('u'));
        assert_eq!(input.text(), "");
        assert_eq!(ctrl(&mut input, KeyCode::Char('c')), Typed::Cancelled);
        assert_eq!(ctrl(&mut input, KeyCode::Char('x')), Typed::Other);
        // A letter and the accent that stands on it are one.
        let mut input = Input::new("ae\u{301}");
        press(&mut input, KeyCode::Backspace);
        assert_eq!(input.text(), "a");
    }

    #[test]
    fn a_line_has_an_end() {
        let mut input = Input::default();
        input.insert(&"ab".repeat(LONGEST));
        assert_eq!(input.text().len(), LONGEST);
        press(&mut input, KeyCode::Char('c'));
        assert_eq!(input.text().len(), LONGEST);
    }

    #[test]
    fn columns_are_those_that_are_drawn() {
        let mut input = Input::new("日本");
        assert_eq!((input.columns(10), input.columns(2)), ((4, 0), (4, 2)));
        // A wide character is scrolled off as a whole.
        assert_eq!(input.columns(3), (4, 2));
        press(&mut input, KeyCode::Left);
        assert_eq!(input.columns(10), (2, 0));
        let escaped = safe("\u{202e}").len();
        assert_eq!(Input::new("\u{202e}").columns(40), (escaped, 0));
    }

    #[test]
    fn what_stands_before_the_cursor_is_replaced() {
        let mut input = Input::new("fro == x");
        for _ in 0..5 {
            press(&mut input, KeyCode::Left);
        }
        input.set_before("from");
        assert_eq!((input.before(), input.text()), ("from", "from == x"));
    }
}
