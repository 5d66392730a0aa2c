//! Keys and their names.
//!
//! Job: name keys as help and the configuration write them. Input: key presses, names. Output:
//! [`Key`]s, names.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key as the table writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character, shift included in it.
    Char(char),
    /// A character with Ctrl.
    Ctrl(char),
    /// A key with a name.
    Named(KeyCode),
}

impl Key {
    /// The one that was pressed.
    pub(super) fn of(event: KeyEvent) -> Self {
        match event.code {
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CONTROL) => Self::Ctrl(c),
            KeyCode::Char(c) => Self::Char(c),
            code => Self::Named(code),
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut characters = name.chars();
        if let (Some(one), None) = (characters.next(), characters.next())
            && !NAMED.iter().any(|(_, other)| *other == name)
        {
            return Some(Self::Char(one));
        }
        if let Some(letter) = name.strip_prefix("Ctrl-") {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                (Some(one), None) => Some(Self::Ctrl(one.to_ascii_lowercase())),
                _ => None,
            };
        }
        if name == "Space" {
            return Some(Self::Char(' '));
        }
        let named = NAMED.iter().find(|(_, other)| *other == name);
        let function = || {
            let number = name.strip_prefix('F')?.parse::<u8>().ok()?;
            (1..=24).contains(&number).then_some(KeyCode::F(number))
        };
        named
            .map(|(code, _)| *code)
            .or_else(function)
            .map(Self::Named)
    }

    /// As help names it.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "Space".to_owned(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            Self::Named(KeyCode::F(number)) => format!("F{number}"),
            Self::Named(code) => {
                let named = NAMED.iter().find(|(other, _)| *other == code);
                named.map_or_else(|| code.to_string(), |(_, name)| (*name).to_owned())
            }
        }
    }
}

/// Keys that are no characters, and their names.
const NAMED: &[(KeyCode, &str)] = &[
    (KeyCode::Up, "↑"),
    (KeyCode::Down, "↓"),
    (KeyCode::Left, "←"),
    (KeyCode::Right, "→"),
    (KeyCode::PageUp, "PgUp"),
    (KeyCode::PageDown, "PgDn"),
    (KeyCode::Home, "Home"),
    (KeyCode::End, "End"),
    (KeyCode::Tab, "Tab"),
    (KeyCode::BackTab, "Shift-Tab"),
    (KeyCode::Enter, "Enter"),
    (KeyCode::Esc, "Esc"),
    (KeyCode::Backspace, "Backspace"),
    (KeyCode::Insert, "Insert"),
    (KeyCode::Delete, "Delete"),
];
