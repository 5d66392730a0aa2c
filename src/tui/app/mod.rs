//! The state of the UI.
//!
//! Job: all that is shown, and nothing of how. Input: changed by `update` only. Output: read by
//! `view`.

mod columns;
mod cursor;
mod folds;
mod input;
mod lab;
mod live;
mod menu;
mod message;
mod prompt;
mod screen;
mod study;
mod table;
mod transcript;
mod visible;

pub use columns::{ConnectionColumn, FindingColumn, MessageColumn};
pub use cursor::Cursor;
pub use folds::{Folds, Groups, Line as FindingLine};
pub use input::{Input, Typed};
pub use lab::{Guess, LabState, LessonState};
pub use live::{Live, Standing};
pub use menu::{Choose, Menu};
pub use message::{Below, Document, MessageState};
pub use prompt::{LabPrompt, Prompt, Writing};
pub use screen::{Pane, Screen, StatsPane, Tab, turned};
pub use study::{Page, StudyState, Task};
pub use table::{AnyTable, Column, Entry, Head, Listed, Table};
pub use transcript::{Row as TranscriptRow, TranscriptState};
pub use visible::{Matches, SORTABLE, STEP, Visible};

use std::collections::BTreeMap;

use crate::base::{Conversing, Only, Timestamp};
use crate::filter::Filter;
use crate::output::text::TimeFormat;
use crate::page::Needles;
use crate::page::redact::Redact;
use crate::stats::Outcome;
use crate::tui::colours::Colours;
use crate::tui::index::{Index, Loaded};
use crate::tui::keymap::{Command, Keymap, Place};
use crate::tui::message::Key;

/// What the letter that comes next is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// It marks the selected message.
    Mark,
    /// It goes to the message that it marks.
    Jump,
}

/// How loading goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// Bytes read, and in all.
    pub progress: (u64, Option<u64>),
    /// What it left, once it is over.
    pub loaded: Option<Loaded>,
}

/// How things are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// The terminal's sixteen colours, which fit its background.
    #[default]
    Sixteen,
    /// None: bold, dim and reversed only.
    None,
}

/// All that is shown.
#[derive(Debug)]
pub struct App {
    /// What the capture is called.
    pub name: String,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// How things are coloured.
    pub palette: Palette,
    /// Which colours.
    pub colours: Colours,
    /// What keys do.
    pub keys: Keymap,
    /// What is known of the capture.
    pub index: Index,
    /// How loading goes.
    pub load: Load,
    /// What fills the terminal.
    pub screen: Screen,
    /// Where `Back` leads.
    pub trail: Vec<Screen>,
    /// The table of connections.
    pub connections: Listed<ConnectionColumn>,
    /// Which of them have their streams below them.
    pub streams: Groups<u64>,
    /// The list of messages.
    pub messages: Visible,
    /// The selected message's place; it stays selected whatever is listed.
    pub place: Option<usize>,
    /// Stay at the last message.
    pub follow: bool,
    /// The pane with the selected message beside the list.
    pub pane: Pane,
    /// The focused pane alone is shown.
    pub zoomed: bool,
    /// The message that is looked at.
    pub message: MessageState,
    /// The focused pane of the statistics.
    pub stats: StatsPane,
    /// The list of findings.
    pub findings: Listed<FindingColumn>,
    /// Which of them are listed, and how they are folded.
    pub folds: Folds,
    /// How time is shown.
    pub time: TimeFormat,
    /// The place of the message that time counts from, in place of the capture's start.
    pub reference: Option<usize>,
    /// One conversation, both sides in time.
    pub transcript: TranscriptState,
    /// Messages that are marked with letters.
    pub marks: BTreeMap<char, Key>,
    /// What the letter that comes next is for.
    pub awaits: Option<Awaits>,
    /// Filters that were set so far.
    pub filters: u32,
    /// What is done if the same key is pressed again.
    pub confirm: Option<Command>,
    /// The place from which on the first match is gone to, once it is known.
    pub seeking: Option<usize>,
    /// What the filter looks for in payloads.
    pub needles: Needles,
    /// What messages match, where a filter is set.
    pub matches: Option<Matches>,
    /// A filter that is set when all is read.
    pub later: Option<Filter>,
    /// How far the search is: bytes read, and in all.
    pub searched: Option<(u64, Option<u64>)>,
    /// Filters that were used, the newest last.
    pub history: Vec<String>,
    /// What is being typed.
    pub prompt: Option<Prompt>,
    /// A menu over the table, while it is shown.
    pub menu: Option<Menu>,
    /// First line of help, while it is shown.
    pub help: Option<usize>,
    /// Something to say, until the next key.
    pub notice: Option<String>,
    /// For the wall.
    pub present: bool,
    /// Only these connections are read.
    pub only: Only,
    /// The message to go to as soon as it is there.
    pub opening: Option<(Conversing, u64)>,
    /// How secrets are shown.
    pub redact: Redact,
    /// The capture, where it is a live one.
    pub live: Option<Live>,
    /// Questions that take another run.
    pub study: StudyState,
    /// Text over everything, while it is shown.
    pub page: Option<Page>,
    /// The lab, where the capture is one.
    pub lab: Option<LabState>,
}

impl App {
    /// Nothing loaded yet.
    pub fn new(name: String, size: (u16, u16), palette: Palette) -> Self {
        Self {
            name,
            size,
            palette,
            colours: Colours::default(),
            keys: Keymap::default(),
            index: Index::default(),
            load: Load::default(),
            screen: Screen::default(),
            trail: Vec::new(),
            // Files have no processes.
            connections: Listed::new(ConnectionColumn::Number).without(ConnectionColumn::Process),
            streams: Groups::default(),
            messages: Visible::default(),
            place: None,
            follow: false,
            pane: Pane::default(),
            zoomed: false,
            message: MessageState::default(),
            stats: StatsPane::default(),
            findings: Listed::new(FindingColumn::Severity),
            folds: Folds::default(),
            time: TimeFormat::Relative,
            reference: None,
            transcript: TranscriptState::default(),
            marks: BTreeMap::new(),
            awaits: None,
            filters: 0,
            confirm: None,
            seeking: None,
            needles: Needles::default(),
            matches: None,
            later: None,
            searched: None,
            history: Vec::new(),
            prompt: None,
            menu: None,
            help: None,
            notice: None,
            present: false,
            only: Only::default(),
            opening: None,
            redact: Redact::Secrets,
            live: None,
            study: StudyState::default(),
            page: None,
            lab: None,
        }
    }

    /// A time as lists show it: from the start, or from the message that time counts from.
    pub fn origin(&self) -> Timestamp {
        let of = self.reference.and_then(|place| self.index.get(place));
        of.map_or(self.index.start.unwrap_or_default(), |row| row.time)
    }

    /// Lines of the list of messages.
    pub fn listed(&self) -> usize {
        self.messages.len(&self.index, self.matches.as_ref())
    }

    /// The place of a line of that list.
    pub fn place_at(&self, line: usize) -> Option<usize> {
        self.messages.get(line, &self.index, self.matches.as_ref())
    }

    /// The table that is shown.
    pub fn table(&self) -> Option<&dyn AnyTable> {
        match self.screen {
            Screen::Connections => Some(&self.connections.table),
            Screen::Messages => Some(&self.messages.table),
            Screen::Findings => Some(&self.findings.table),
            Screen::Message | Screen::Statistics | Screen::Transcript => None,
        }
    }

    /// The same, to be changed.
    pub fn table_mut(&mut self) -> Option<&mut dyn AnyTable> {
        match self.screen {
            Screen::Connections => Some(&mut self.connections.table),
            Screen::Messages => Some(&mut self.messages.table),
            Screen::Findings => Some(&mut self.findings.table),
            Screen::Message | Screen::Statistics | Screen::Transcript => None,
        }
    }

    /// Lines of that table.
    pub fn lines(&self) -> usize {
        match self.screen {
            Screen::Connections => self.connections.order.len(),
            Screen::Messages => self.listed(),
            Screen::Findings => self.folds.lines.len(),
            Screen::Message | Screen::Statistics | Screen::Transcript => 0,
        }
    }

    /// The lines of the menu that is shown.
    pub fn choices(&self) -> Vec<Entry> {
        let (Some(menu), Some(table)) = (self.menu, self.table()) else {
            return Vec::new();
        };
        let mut entries = table.entries(self.size.0);
        entries.retain(|one| menu.choose == Choose::Columns || one.head.backwards.is_some());
        entries
    }

    /// The connection that is meant: the selected one, or that of the selected message.
    pub fn connection(&self) -> Option<&crate::tui::index::Connection> {
        if self.screen == Screen::Connections {
            let place = self
                .connections
                .order
                .get(self.connections.table.cursor.selected)?;
            self.index.connections().get(*place)
        } else {
            let key = self.message.key?;
            self.index.connection(key.conversing)
        }
    }

    /// Whether all messages in the list are of one conversation.
    pub fn of_one(&self) -> bool {
        let scope = self.messages.scope;
        scope.is_some_and(|scope| {
            let connection = self.index.connection(scope);
            connection.is_none_or(|one| !one.is_transport())
        })
    }

    /// Whether lines of the list that is shown are in groups, or could.
    pub fn has_groups(&self) -> bool {
        self.screen != Screen::Connections || self.index.transports > 0
    }

    /// How the connection ended whose messages are listed, in their order.
    pub fn outcome(&self) -> Option<&Outcome> {
        let scope = self.messages.scope?;
        let in_time = self.messages.table.sort == (MessageColumn::Time, false);
        let connection = self.index.connection(scope)?;
        let outcome = connection.outcome.as_ref();
        outcome.filter(|_| in_time && self.screen == Screen::Messages)
    }

    /// The finding of a line of their list.
    pub fn finding_at(&self, line: usize) -> Option<&(Conversing, crate::finding::Finding)> {
        match self.folds.lines.get(line)? {
            FindingLine::One(place) => self.index.findings.get(*place),
            FindingLine::Group { .. } => None,
        }
    }

    /// Takes the focus from the pane.
    pub fn unfocus(&mut self) {
        if self.pane == Pane::Focused {
            self.pane = Pane::Shown;
        }
    }

    /// Whether a message is looked at: its screen, or the pane beside the list.
    pub fn on_message(&self) -> bool {
        self.screen == Screen::Message
            || (self.screen == Screen::Messages && self.pane == Pane::Focused)
    }

    /// Where the keys count now, the narrowest first.
    pub fn places(&self) -> Vec<Place> {
        if self.menu.is_some() {
            return vec![Place::Menu, Place::Everywhere];
        }
        let mut places = Vec::new();
        if self.on_message() {
            match self.message.tab {
                Tab::Payload => places.push(Place::Payload),
                Tab::Wire => places.push(Place::Wire),
                Tab::Deflate => places.push(Place::Deflate),
                Tab::Units => places.push(Place::Units),
                Tab::Frames | Tab::Handshake => {}
            }
            places.push(Place::Message);
            if self.screen == Screen::Messages {
                places.push(Place::Messages);
            }
        } else {
            match self.screen {
                Screen::Connections => places.extend([Place::Connections, Place::Lists]),
                Screen::Messages => {
                    if let Some(state) = &self.lab {
                        places.extend(state.shown().map(|_| Place::Lesson));
                        places.push(Place::Lab);
                    }
                    places.extend([Place::Messages, Place::Lists]);
                }
                Screen::Findings => places.extend([Place::Findings, Place::Lists]),
                Screen::Statistics => places.push(Place::Statistics),
                Screen::Transcript => places.push(Place::Transcript),
                Screen::Message => {}
            }
        }
        if self.live.is_some() {
            places.push(Place::Live);
        }
        places.push(Place::Everywhere);
        places
    }
}
