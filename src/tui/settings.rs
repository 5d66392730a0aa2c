//! What the UI is given.

use super::app::LabState;
use super::config::Config;
use crate::base::Conversing;
use crate::page::redact::Redact;
use crate::pipeline::Options;
use crate::replay::Inputs;

/// What the UI is to show.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The captures.
    pub inputs: Inputs,
    /// How they are read.
    pub options: Options,
    /// Threads that read them.
    pub threads: usize,
    /// Colours are wanted.
    pub colours: bool,
    /// Bytes of rows that are kept of a live capture; 0 for any number.
    pub keep_rows: usize,
    /// What the user has chosen once and for all.
    pub config: Config,
    /// For the wall.
    pub present: bool,
    /// Where it opens.
    pub opening: Opening,
    /// How secrets are shown.
    pub redact: Redact,
    /// Packets that are saved get the secrets of TLS that were used.
    pub save_secrets: bool,
    /// The lab, where that is shown.
    pub lab: Option<Box<LabState>>,
}

/// Where the UI opens.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// With this filter, as it is typed.
    pub filter: Option<String>,
    /// With the messages of this connection.
    pub connection: Option<Conversing>,
    /// With this one of them.
    pub message: Option<u64>,
}
