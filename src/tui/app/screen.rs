//! Screens, tabs and panes.
//!
//! Job: name what can be looked at, in its order. Input and output: none; plain values.

use crate::tui::message::Depth;

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
    /// One conversation, both sides in time.
    Transcript,
}

impl Screen {
    /// In the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Connections,
        Self::Messages,
        Self::Message,
        Self::Statistics,
        Self::Findings,
        Self::Transcript,
    ];

    /// Its name where there is little room.
    pub fn brief(self) -> &'static str {
        match self {
            Self::Connections => "Conns",
            Self::Statistics => "Stats",
            other => other.title(),
        }
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connections => "Connections",
            Self::Messages => "Messages",
            Self::Message => "Message",
            Self::Statistics => "Statistics",
            Self::Findings => "Findings",
            Self::Transcript => "Transcript",
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
    /// What its subprotocol makes of it.
    Units,
}

impl Tab {
    /// From left to right.
    pub const ALL: [Self; 6] = [
        Self::Payload,
        Self::Wire,
        Self::Deflate,
        Self::Frames,
        Self::Handshake,
        Self::Units,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Wire => "Wire",
            Self::Deflate => "Deflate",
            Self::Frames => "Frames",
            Self::Handshake => "Handshake",
            Self::Units => "Units",
        }
    }

    /// How much of the message it needs; nothing, where the index has it.
    pub fn depth(self) -> Option<Depth> {
        match self {
            Self::Payload | Self::Units => Some(Depth::Payload),
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
    /// What was copied, and what takeover saved.
    Takeover,
    /// How far back matches reach.
    Distances,
}

impl StatsPane {
    /// In reading order.
    pub const ALL: [Self; 6] = [
        Self::Totals,
        Self::Time,
        Self::Sizes,
        Self::Busiest,
        Self::Takeover,
        Self::Distances,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Totals => "Totals",
            Self::Time => "Bytes and messages over time",
            Self::Sizes => "Payload sizes",
            Self::Busiest => "Busiest connections",
            Self::Takeover => "What takeover saved",
            Self::Distances => "Bytes by distance",
        }
    }
}
