//! How each kind of text looks, in the command line and in the terminal UI alike.
//!
//! Job: one colour for one meaning. Only the terminal's own sixteen colours are named, so that dark
//! and light backgrounds both work. Input: a [`Kind`]. Output: a [`Look`].

use strum::{EnumString, IntoStaticStr, VariantNames};

use super::line::Kind;
use crate::base::Peer;
use crate::finding::Severity;

/// One of the terminal's colours.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, EnumString, VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "colours by their names")]
pub enum Colour {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

/// What colours tell.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, EnumString, VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Role {
    /// What the client sent.
    Client,
    /// What the server sent.
    Server,
    /// A finding that is an error, and what breaks a rule.
    Error,
    /// A finding that is a warning.
    Warning,
    /// A finding that is a note.
    Note,
    /// Bytes that are not known.
    Hole,
    /// What is looked for.
    Found,
    /// Names of fields, and keys.
    Label,
    /// Strings.
    Text,
    /// Numbers.
    Number,
    /// true, false, null and the like.
    Word,
    /// Payload bytes that are in the compressed payload as they are.
    Literal,
    /// Payload bytes that are copied from the same message.
    Copy,
    /// Payload bytes that are copied from an earlier message.
    FarCopy,
    /// Bytes of payloads, in charts.
    Payload,
    /// Bytes on the wire, in charts.
    Wire,
}

impl Role {
    /// Its colour where nobody has chosen another.
    pub fn colour(self) -> Colour {
        match self {
            Self::Client => Colour::Cyan,
            Self::Server => Colour::Magenta,
            Self::Error | Self::Hole => Colour::Red,
            Self::Warning => Colour::Yellow,
            Self::Note | Self::Label => Colour::Blue,
            Self::Found | Self::Text | Self::Literal => Colour::Green,
            Self::Number => Colour::BrightMagenta,
            Self::Word => Colour::BrightCyan,
            Self::Copy => Colour::BrightYellow,
            Self::FarCopy | Self::Wire => Colour::BrightBlue,
            Self::Payload => Colour::BrightGreen,
        }
    }
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute that a terminal has or has not"
)]
pub struct Look {
    /// What its colour tells, where it has one.
    pub role: Option<Role>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Underlined.
    pub underlined: bool,
    /// Foreground and background exchanged.
    pub reversed: bool,
}

impl Look {
    /// Nothing but a colour.
    pub fn of(role: Role) -> Self {
        Self {
            role: Some(role),
            ..Self::default()
        }
    }
}

impl Kind {
    /// How text of that kind looks. Heat maps have colours of their own.
    pub fn look(self) -> Look {
        let of = Look::of;
        match self {
            Self::Plain | Self::Heat(_) => Look::default(),
            Self::Head => Look {
                bold: true,
                ..Look::default()
            },
            Self::Mark | Self::Note => Look {
                dim: true,
                ..Look::default()
            },
            Self::Label => of(Role::Label),
            Self::Text => of(Role::Text),
            Self::Number => of(Role::Number),
            Self::Word => of(Role::Word),
            Self::Literal => of(Role::Literal),
            Self::Copy => of(Role::Copy),
            Self::FarCopy => of(Role::FarCopy),
            Self::Peer(Peer::Client) => of(Role::Client),
            Self::Peer(Peer::Server) => of(Role::Server),
            Self::Severity(Severity::Warning) => of(Role::Warning),
            Self::Severity(Severity::Note) => of(Role::Note),
            Self::Severity(Severity::Error) | Self::Wrong => Look {
                bold: true,
                ..of(Role::Error)
            },
            Self::Hole => Look {
                reversed: true,
                ..of(Role::Hole)
            },
            Self::Chosen => Look {
                reversed: true,
                ..Look::default()
            },
            Self::Lit => Look {
                bold: true,
                underlined: true,
                ..Look::default()
            },
            Self::Found | Self::Source => Look {
                bold: true,
                underlined: true,
                ..of(Role::Found)
            },
        }
    }
}
