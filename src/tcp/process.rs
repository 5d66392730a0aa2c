//! The processes that have a connection's ends.
//!
//! Job: name them, and say how the analysis asks for them. Input: both ends. Output: [`Process`]es, of
//! the ends that are on this machine. Only the system knows, so whoever captures passes in who can ask it.

use std::fmt::Debug;
use std::sync::Arc;

use crate::base::{PerPeer, Timestamp};
use crate::net::Endpoint;

/// A process of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The system's short name of it; whoever started it chose it.
    pub name: Arc<str>,
}

/// Says which process has an end.
pub trait Processes: Debug + Send + Sync {
    /// The processes of `client` and `server`, whose connection was there at `now`, the capture's time.
    fn of(&self, ends: PerPeer<Endpoint>, now: Timestamp) -> PerPeer<Option<Process>>;
}
