//! A line that is being typed.
//!
//! Job: text with a cursor. Input: keys. Output: the text; [`Typed`] says what a key did.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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

/// Characters of a line, at most.
const LONGEST: usize = 4096;

/// A line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// The text.
    pub text: String,
    /// Where the cursor stands, in bytes, between characters.
    pub cursor: usize,
    /// All of the text is selected: what is typed takes its place.
    pub selected: bool,
}

impl Input {
    /// A line with a text in it, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
            selected: false,
        }
    }

    /// The same, selected.
    pub fn selected(text: impl Into<String>) -> Self {
        let input = Self::new(text);
        Self {
            selected: !input.text.is_empty(),
            ..input
        }
    }

    /// The text before the cursor.
    pub fn before(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    /// The text behind the cursor.
    pub fn behind(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or_default()
    }

    /// Puts text where the cursor stands; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        self.replace_selected();
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.text.len() < LONGEST {
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Replaces the last `len` bytes before the cursor.
    pub fn replace_before(&mut self, len: usize, with: &str) {
        let start = self.cursor.saturating_sub(len);
        if self.text.is_char_boundary(start) {
            self.text.replace_range(start..self.cursor, "");
            self.cursor = start;
            self.insert(with);
        }
    }

    /// Drops the text where it is selected. Returns whether it was.
    fn replace_selected(&mut self) -> bool {
        let selected = std::mem::take(&mut self.selected);
        if selected {
            self.text.clear();
            self.cursor = 0;
        }
        selected
    }

    fn left(&self) -> usize {
        let last = self.before().chars().next_back();
        self.cursor - last.map_or(0, char::len_utf8)
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Typed {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Backspace | KeyCode::Delete if self.replace_selected() => {
                return Typed::Changed;
            }
            KeyCode::Char(_) if !ctrl => {}
            _ => self.selected = false,
        }
        match key.code {
            KeyCode::Enter => return Typed::Done,
            KeyCode::Esc => return Typed::Cancelled,
            KeyCode::Char('c') if ctrl => return Typed::Cancelled,
            KeyCode::Char('u') if ctrl => {
                self.text.replace_range(..self.cursor, "");
                self.cursor = 0;
            }
            KeyCode::Char('w') if ctrl => {
                let kept = self.before().trim_end();
                let start = kept.rfind(' ').map_or(0, |at| at + 1);
                self.text.replace_range(start..self.cursor, "");
                self.cursor = start;
            }
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.len(),
            KeyCode::Char(_) if ctrl => return Typed::Other,
            KeyCode::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => {
                let start = self.left();
                self.text.replace_range(start..self.cursor, "");
                self.cursor = start;
            }
            KeyCode::Delete => {
                if let Some(c) = self.behind().chars().next() {
                    let end = self.cursor + c.len_utf8();
                    self.text.replace_range(self.cursor..end, "");
                }
            }
            KeyCode::Left => self.cursor = self.left(),
            KeyCode::Right => {
                self.cursor += self.behind().chars().next().map_or(0, char::len_utf8);
            }
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return Typed::Other,
        }
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
        assert_eq!((input.text.as_str(), input.before()), ("a日ä", "a日"));
        press(&mut input, KeyCode::Backspace);
        press(&mut input, KeyCode::Backspace);
        press(&mut input, KeyCode::Backspace);
        assert_eq!(input.text, "ä");
        press(&mut input, KeyCode::Delete);
        press(&mut input, KeyCode::Delete);
        assert_eq!(input.text, "");
        input.insert("one two\u{1b}");
        input.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(input.text, "one ");
        assert_eq!(press(&mut input, KeyCode::Enter), Typed::Done);
    }

    #[test]
    fn what_is_selected_gives_way_to_what_is_typed() {
        let mut input = Input::selected("old");
        press(&mut input, KeyCode::Char('n'));
        press(&mut input, KeyCode::Char('e'));
        assert_eq!(input.text, "ne");
        let mut input = Input::selected("old");
        press(&mut input, KeyCode::End);
        press(&mut input, KeyCode::Char('x'));
        assert_eq!(input.text, "oldx");
        let mut input = Input::selected("old");
        press(&mut input, KeyCode::Backspace);
        assert_eq!(input.text, "");
        let mut input = Input::selected("old");
        input.insert("pasted");
        assert_eq!((input.text.as_str(), input.selected), ("pasted", false));
    }
}
