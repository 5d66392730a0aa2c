//! Screens, tabs and panes.
//!
//! Job: name what can be looked at, in its order, and go round in it. Input and output: plain values.

use strum::{IntoStaticStr, VariantArray};

use crate::tui::message::Depth;

/// What fills the terminal, in the order of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr, VariantArray)]
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
        self.into()
    }
}

/// A view of one message, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr, VariantArray)]
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
    /// Its name.
    pub fn title(self) -> &'static str {
        self.into()
    }

    /// How much of the message it needs; nothing, where the index has it.
    pub fn depth(self) -> Option<Depth> {
        match self {
            Self::Payload | Self::Units => Some(Depth::Payload),
            Self::Wire | Self::Deflate | Self::Frames => Some(Depth::Wire),
            Self::Handshake => None,
        }
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

/// A pane of the statistics, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, VariantArray)]
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

/// The one so many behind; after the last comes the first.
pub fn turned<T: VariantArray + Copy + PartialEq>(one: T, by: isize) -> T {
    let len = T::VARIANTS.len();
    let at = T::VARIANTS.iter().position(|other| *other == one);
    let to = (at.unwrap_or(0) + len).saturating_add_signed(by) % len;
    T::VARIANTS.get(to).copied().unwrap_or(one)
}
