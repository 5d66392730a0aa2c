//! Placeholder until the negotiation lands.
use crate::base::PerPeer;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowBits(pub u8);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takeover {
    Keep,
    Reset,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    pub window_bits: WindowBits,
    pub takeover: Takeover,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    None,
    PermessageDeflate(PerPeer<Parameters>),
    DeflateFrame(PerPeer<Parameters>),
}
pub fn agree() {}
