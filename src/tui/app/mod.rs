//! The state of the UI.
//!
//! Job: all that is shown, and nothing of how. Input: changed by `update` only. Output: read by
//! `view`.

mod columns;
mod cursor;
mod input;
mod subject;
mod visible;

pub use columns::{ConnectionColumn, MessageColumn};
pub use cursor::Cursor;
pub use input::{Input, Typed};
pub use visible::{Matches, SORTABLE, Visible};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::explain::Explanation;
use crate::filter;
use crate::output::text::TimeFormat;
use crate::tui::index::{Index, Loaded};
use crate::tui::keymap::Place;
use crate::tui::message::{Bits, Content, Depth, Form, Key, Line, Step};

/// Messages that are kept after they were got again.
const CACHED: usize = 64;

/// Bytes of these.
const CACHED_BYTES: usize = 48 << 20;

/// What fills the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Screen {
    /// The table of connections.
    #[default]
    Connections,
    /// The list of messages.
    Messages,
    /// One message.
    Message,
    /// Totals and charts.
    Statistics,
    /// The list of findings.
    Findings,
}

impl Screen {
    /// In the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Connections,
        Self::Messages,
        Self::Message,
        Self::Statistics,
        Self::Findings,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connections => "Connections",
            Self::Messages => "Messages",
            Self::Message => "Message",
            Self::Statistics => "Statistics",
            Self::Findings => "Findings",
        }
    }
}

/// A view of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Its payload.
    #[default]
    Payload,
    /// Every bit of its frames.
    Wire,
    /// Its compressed payload, symbol by symbol.
    Deflate,
    /// Its frames in a table.
    Frames,
    /// The handshake of its connection.
    Handshake,
}

impl Tab {
    /// From left to right.
    pub const ALL: [Self; 5] = [
        Self::Payload,
        Self::Wire,
        Self::Deflate,
        Self::Frames,
        Self::Handshake,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Wire => "Wire",
            Self::Deflate => "Deflate",
            Self::Frames => "Frames",
            Self::Handshake => "Handshake",
        }
    }

    /// How much of the message it needs; nothing, where the index has it.
    pub fn depth(self) -> Option<Depth> {
        match self {
            Self::Payload => Some(Depth::Payload),
            Self::Wire | Self::Deflate | Self::Frames => Some(Depth::Wire),
            Self::Handshake => None,
        }
    }

    /// The tab so many to the right.
    #[must_use]
    pub fn turn(self, by: isize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let len = Self::ALL.len();
        let to = (at + len).saturating_add_signed(by) % len;
        Self::ALL.get(to).copied().unwrap_or_default()
    }
}

/// The pane with the selected message beside the list of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// It is not shown.
    Hidden,
    /// It is, and keys go to the list.
    #[default]
    Shown,
    /// Keys go to it.
    Focused,
}

/// A pane of the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatsPane {
    /// Totals of each sender.
    #[default]
    Totals,
    /// Bytes over time.
    Time,
    /// Messages by size.
    Sizes,
    /// The connections with most bytes.
    Busiest,
}

impl StatsPane {
    /// In reading order.
    pub const ALL: [Self; 4] = [Self::Totals, Self::Time, Self::Sizes, Self::Busiest];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Totals => "Totals",
            Self::Time => "Bytes over time",
            Self::Sizes => "Payload sizes",
            Self::Busiest => "Busiest connections",
        }
    }
}

/// What is being typed, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    },
    /// The name of a file to write to.
    Write {
        /// The line.
        input: Input,
        /// What is written.
        what: Writing,
    },
}

/// What is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// The payload of a message.
    Payload(Key),
    /// The listed messages as JSON Lines.
    Messages,
}

/// How loading goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// Bytes read, and in all.
    pub progress: (u64, Option<u64>),
    /// What it left, once it is over.
    pub loaded: Option<Loaded>,
}

/// A payload laid out for a width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Of which message.
    pub key: Key,
    /// In which form.
    pub form: Form,
    /// For how many columns.
    pub width: usize,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// The message that is looked at.
#[derive(Debug, Clone, Default)]
pub struct MessageState {
    /// Which it is.
    pub key: Option<Key>,
    /// How it is looked at.
    pub tab: Tab,
    /// How its payload is shown.
    pub form: Form,
    /// The first line of each tab that is seen.
    pub scroll: [usize; 5],
    /// Selected field, symbol or frame.
    pub cursor: usize,
    /// What was asked for last.
    pub wanted: Option<(Key, Depth)>,
    /// Where it was jumped from: place, tab and cursor.
    pub jumps: Vec<(usize, Tab, usize)>,
    /// Why it could not be got.
    pub failed: Option<(Key, String)>,
    /// Messages that were got, the newest last.
    pub cache: VecDeque<Arc<Content>>,
    /// The payload as lines.
    pub document: Option<Document>,
}

impl MessageState {
    /// The message, as far as it was got.
    pub fn content(&self) -> Option<&Arc<Content>> {
        let key = self.key?;
        self.cached(key, Depth::Wire)
            .or_else(|| self.cached(key, Depth::Payload))
    }

    /// A message that was got so deep.
    pub fn cached(&self, key: Key, depth: Depth) -> Option<&Arc<Content>> {
        self.cache.iter().rev().find(|content| {
            content.key == key && (depth == Depth::Payload || content.wire.is_some())
        })
    }

    /// Keeps a message, and drops the oldest ones.
    pub fn keep(&mut self, content: Content) {
        self.cache.push_back(Arc::new(content));
        let mut bytes: usize = self.cache.iter().map(|c| c.payload.len()).sum();
        while self.cache.len() > 1 && (self.cache.len() > CACHED || bytes > CACHED_BYTES) {
            if let Some(old) = self.cache.pop_front() {
                bytes -= old.payload.len();
            }
        }
    }

    /// Its frames and bits, where they were got.
    pub fn bits(&self) -> Option<&Bits> {
        self.content()?.wire.as_deref()
    }

    /// The step that is looked at.
    pub fn step(&self) -> Option<(&Step, &Explanation)> {
        let bits = self.bits()?;
        let step = bits.steps.get(self.cursor).or(bits.steps.last())?;
        Some((step, &bits.explanation))
    }

    /// The earlier message that the step copies from.
    pub fn source(&self) -> Option<Key> {
        let (step, explanation) = self.step()?;
        let says = step.says(explanation);
        let (message, _) = says.earlier(explanation.number)?;
        Some(Key {
            connection: explanation.connection,
            message,
        })
    }

    /// The first line of the tab that is seen.
    pub fn top(&self) -> usize {
        self.scroll.get(self.tab as usize).copied().unwrap_or(0)
    }
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

/// The table of connections.
#[derive(Debug, Clone)]
pub struct ConnectionsState {
    /// Selected line.
    pub cursor: Cursor,
    /// The lines: places in the index's list.
    pub order: Vec<usize>,
    /// What they are sorted by, and whether backwards.
    pub sort: (ConnectionColumn, bool),
    /// The first column behind the number that is seen.
    pub column: usize,
}

/// The list of findings.
#[derive(Debug, Clone, Default)]
pub struct FindingsState {
    /// Selected line.
    pub cursor: Cursor,
    /// Places in the index's list, where it is not its order.
    pub order: Option<Vec<u32>>,
    /// Worst first.
    pub by_severity: bool,
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
    /// What is known of the capture.
    pub index: Index,
    /// How loading goes.
    pub load: Load,
    /// What fills the terminal.
    pub screen: Screen,
    /// Where `Back` leads.
    pub trail: Vec<Screen>,
    /// The table of connections.
    pub connections: ConnectionsState,
    /// The list of messages.
    pub messages: Visible,
    /// Its selected line.
    pub cursor: Cursor,
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
    pub findings: FindingsState,
    /// How time is shown.
    pub time: TimeFormat,
    /// What messages match, where a filter is set.
    pub matches: Option<Matches>,
    /// How far the search is: bytes read, and in all.
    pub searched: Option<(u64, Option<u64>)>,
    /// Filters that were used, the newest last.
    pub history: Vec<String>,
    /// What is being typed.
    pub prompt: Option<Prompt>,
    /// First line of help, while it is shown.
    pub help: Option<usize>,
    /// Something to say, until the next key.
    pub notice: Option<String>,
    /// For the wall.
    pub present: bool,
}

impl App {
    /// Nothing loaded yet.
    pub fn new(name: String, size: (u16, u16), palette: Palette) -> Self {
        Self {
            name,
            size,
            palette,
            index: Index::default(),
            load: Load::default(),
            screen: Screen::default(),
            trail: Vec::new(),
            connections: ConnectionsState {
                cursor: Cursor::default(),
                order: Vec::new(),
                sort: (ConnectionColumn::Number, false),
                column: 0,
            },
            messages: Visible::default(),
            cursor: Cursor::default(),
            place: None,
            follow: false,
            pane: Pane::default(),
            zoomed: false,
            message: MessageState::default(),
            stats: StatsPane::default(),
            findings: FindingsState::default(),
            time: TimeFormat::Relative,
            matches: None,
            searched: None,
            history: Vec::new(),
            prompt: None,
            help: None,
            notice: None,
            present: false,
        }
    }

    /// Lines of the list of messages.
    pub fn listed(&self) -> usize {
        self.messages.len(&self.index, self.matches.as_ref())
    }

    /// The place of a line of that list.
    pub fn place_at(&self, line: usize) -> Option<usize> {
        self.messages.get(line, &self.index, self.matches.as_ref())
    }

    /// The connection that is meant: the selected one, or that of the selected message.
    pub fn connection(&self) -> Option<&crate::tui::index::Connection> {
        if self.screen == Screen::Connections {
            let place = self
                .connections
                .order
                .get(self.connections.cursor.selected)?;
            self.index.connections().get(*place)
        } else {
            let key = self.message.key?;
            self.index.connection(key.connection)
        }
    }

    /// The finding of a line of their list.
    pub fn finding_at(&self, line: usize) -> Option<&(u64, crate::finding::Finding)> {
        let place = match &self.findings.order {
            Some(order) => usize::try_from(*order.get(line)?).ok()?,
            None => line,
        };
        self.index.findings.get(place)
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
        let mut places = Vec::new();
        if self.on_message() {
            match self.message.tab {
                Tab::Payload => places.push(Place::Payload),
                Tab::Wire => places.push(Place::Wire),
                Tab::Deflate => places.push(Place::Deflate),
                Tab::Frames | Tab::Handshake => {}
            }
            places.push(Place::Message);
            if self.screen == Screen::Messages {
                places.push(Place::Messages);
            }
        } else {
            match self.screen {
                Screen::Connections => places.extend([Place::Connections, Place::Lists]),
                Screen::Messages => places.extend([Place::Messages, Place::Lists]),
                Screen::Findings => places.extend([Place::Findings, Place::Lists]),
                Screen::Statistics => places.push(Place::Statistics),
                Screen::Message => {}
            }
        }
        places.push(Place::Everywhere);
        places
    }
}
