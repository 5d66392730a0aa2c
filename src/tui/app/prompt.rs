//! What is being typed, and for what.
//!
//! Job: the line and what goes with it. Input and output: none; plain values.

use super::input::Input;
use crate::filter;
use crate::tui::message::Key;

/// What is being typed, and for what.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// A filter.
    Filter {
        /// The line.
        input: Input,
        /// Why it is none.
        error: Option<filter::Error>,
        /// Which of the completions Tab put in last.
        completion: Option<(String, usize)>,
        /// How far back in the history it is.
        history: usize,
        /// Payloads are searched: all messages stay listed.
        search: bool,
    },
    /// The number of a message to go to.
    GoTo {
        /// The line.
        input: Input,
    },
    /// Something for the lab.
    Lab {
        /// The line.
        input: Input,
        /// What it is for.
        what: LabPrompt,
        /// Why it was not taken.
        error: Option<String>,
    },
    /// The name of a file to write to.
    Write {
        /// The line.
        input: Input,
        /// What is written.
        what: Writing,
    },
}

impl Prompt {
    /// A filter, or words to look for in payloads.
    pub fn filter(input: Input, search: bool) -> Self {
        Self::Filter {
            input,
            error: None,
            completion: None,
            history: 0,
            search,
        }
    }

    /// Something for the lab.
    pub fn lab(input: Input, what: LabPrompt) -> Self {
        let error = None;
        Self::Lab { input, what, error }
    }

    /// The name of a file, of which one is proposed.
    pub fn write(name: impl Into<String>, what: Writing) -> Self {
        let input = Input::selected(name);
        Self::Write { input, what }
    }

    /// The line.
    pub fn input(&mut self) -> &mut Input {
        match self {
            Self::Filter { input, .. }
            | Self::GoTo { input }
            | Self::Lab { input, .. }
            | Self::Write { input, .. } => input,
        }
    }
}

/// What is typed in the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabPrompt {
    /// What a side sends.
    Say,
    /// What it sends in place of the item there.
    Edit(usize),
    /// A control and its value.
    Control,
    /// The answer to a question.
    Guess,
}

/// What is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// The payload of a message.
    Payload(Key),
    /// The listed messages as JSON Lines.
    Messages,
    /// The packets that a live capture keeps.
    Packets,
}
