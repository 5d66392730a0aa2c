//! How a TCP connection stands or ended.
//!
//! Job: name it, and who did it. Input and output: none. RFC 9293 §3.3.2.

use crate::base::Peer;

/// How a connection stands or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Ending<By = Peer> {
    /// Neither end has said that it is done.
    #[default]
    Open,
    /// One end has sent its FIN, the other has not.
    HalfClosed(By),
    /// Both have.
    Closed,
    /// An end reset it.
    Reset(By),
}

impl<By> Ending<By> {
    /// Whether that end has sent its FIN, and nobody a reset.
    pub fn has_fin(&self, by: &By) -> bool
    where
        By: PartialEq,
    {
        match self {
            Self::Closed => true,
            Self::HalfClosed(one) => one == by,
            Self::Open | Self::Reset(_) => false,
        }
    }

    /// The same with another name for who did it.
    pub fn map<To>(self, name: impl FnOnce(By) -> To) -> Ending<To> {
        match self {
            Self::Open => Ending::Open,
            Self::HalfClosed(by) => Ending::HalfClosed(name(by)),
            Self::Closed => Ending::Closed,
            Self::Reset(by) => Ending::Reset(name(by)),
        }
    }
}

impl Ending {
    /// `open`, `half-closed`, `closed` or `reset`, as the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Who ended it, where it was one of the two.
    pub fn by(self) -> Option<Peer> {
        match self {
            Self::Open | Self::Closed => None,
            Self::HalfClosed(by) | Self::Reset(by) => Some(by),
        }
    }
}
