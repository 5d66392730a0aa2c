//! What keys can ask for, and where.
//!
//! Job: name commands and places, for the configuration and for help. Input and output: none; plain
//! values.

use strum::{IntoStaticStr, VariantArray};

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Place {
    /// On every screen.
    Everywhere,
    /// In a menu over a table.
    Menu,
    /// In tables: connections, messages, findings.
    Lists,
    /// In the table of connections.
    Connections,
    /// In the list of messages.
    Messages,
    /// Where one message is shown.
    Message,
    /// In its Payload tab.
    Payload,
    /// In its Wire tab.
    Wire,
    /// In its Deflate tab.
    Deflate,
    /// In its Units tab.
    Units,
    /// In the statistics.
    Statistics,
    /// In the list of findings.
    Findings,
    /// In the transcript.
    Transcript,
    /// On every screen of a live capture.
    Live,
    /// In the list of the lab.
    Lab,
    /// Where a lesson is shown.
    Lesson,
}

impl Place {
    /// As the configuration names it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// As help heads its keys.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Menu => "In a menu",
            Self::Lists => "In tables",
            Self::Connections => "Connections",
            Self::Messages => "Messages",
            Self::Message => "One message",
            Self::Payload => "Payload",
            Self::Wire => "Wire",
            Self::Deflate => "Deflate",
            Self::Units => "Units",
            Self::Statistics => "Statistics",
            Self::Findings => "Findings",
            Self::Transcript => "Transcript",
            Self::Live => "Live capture",
            Self::Lab => "The lab",
            Self::Lesson => "A lesson",
        }
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Command {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// To the left: the field, symbol or tab before.
    Left,
    /// To the right: the field, symbol or tab after.
    Right,
    /// The bit before.
    PreviousBit,
    /// The next bit.
    NextBit,
    /// The block or frame before.
    PreviousBlock,
    /// The next block or frame.
    NextBlock,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
    /// Into what is selected.
    Enter,
    /// Back to where one came from.
    Back,
    /// The next pane or tab.
    NextPane,
    /// The pane or tab before.
    PreviousPane,
    /// The screen of that number.
    Screen(u8),
    /// Begin to type a filter.
    Filter,
    /// Forget the filter.
    ClearFilter,
    /// Show all messages and mark those that match, or only those.
    MarkMatches,
    /// The next match, or the next message.
    NextMatch,
    /// The match before, or the message before.
    PreviousMatch,
    /// Mark the selected message with the letter that follows.
    Mark,
    /// Go to the message that the letter marks.
    GoMark,
    /// Go to a message by its number.
    GoTo,
    /// From a ping to its pong, from a close to the other one, and back.
    Partner,
    /// Count time from the selected message.
    Reference,
    /// Choose what to sort by.
    Sort,
    /// Sort the other way.
    Reverse,
    /// Choose columns.
    Columns,
    /// Stay at the end while messages come.
    Follow,
    /// Show time otherwise.
    Time,
    /// Hide control frames, or show them.
    Control,
    /// Show the pane with the selected message, or hide it.
    Split,
    /// The focused pane alone, or all.
    Zoom,
    /// Show the payload otherwise: pretty, as text, in hex.
    Representation,
    /// Copy the payload.
    Copy,
    /// Write to a file.
    Write,
    /// All messages of all connections.
    AllMessages,
    /// Stop loading.
    StopLoading,
    /// Try other compression settings on the same messages.
    Tune,
    /// Fold findings by code, streams by connection, or list each.
    Fold,
    /// Hide findings of the selected code.
    Hide,
    /// Show findings of hidden codes again.
    ShowHidden,
    /// Hide findings that are less bad.
    Least,
    /// Freeze what is shown of a live capture, or go on.
    Pause,
    /// Write the packets of a live capture to a file.
    SavePackets,
    /// Type something that a side sends.
    Say,
    /// Type the selected message otherwise.
    Edit,
    /// Take the selected message out.
    Remove,
    /// Lose the packets of the selected message.
    Lose,
    /// Choose the next control.
    NextControl,
    /// Choose the control before.
    PreviousControl,
    /// The control's next value.
    More,
    /// The control's value before.
    Less,
    /// Type a control's value.
    SetControl,
    /// The lesson, or the list.
    Lesson,
    /// The next question or stop.
    GoOn,
    /// The stop before.
    GoBack,
    /// For the wall: larger steps, fewer things.
    Present,
    /// Help.
    Help,
    /// Suspend to the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}

impl Command {
    /// As the configuration names it.
    pub fn name(self) -> String {
        let name: &'static str = self.into();
        match self {
            Self::Screen(number) => format!("{name}-{number}"),
            _ => name.to_owned(),
        }
    }
}
