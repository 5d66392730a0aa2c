//! What the UI is given.

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
    /// For the wall.
    pub present: bool,
}
