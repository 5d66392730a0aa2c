//! What another run over the capture is asked for, and what came of it.
//!
//! Job: questions that the index cannot answer. Input: changed by `update`. Output: plain values.

use crate::base::{Conversing, PerPeer};
use crate::deflate::Symbols;

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// What every symbol of all connections came to.
    Symbols,
    /// Why messages cannot be read, and what only tracing shows.
    Causes,
    /// What other settings would have cost: of one connection, or of all.
    Tune(Option<Conversing>),
}

/// The questions and their answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StudyState {
    /// What is being found out.
    pub running: Option<Task>,
    /// How far that is, of how much.
    pub progress: (u64, Option<u64>),
    /// Each sender's symbols, once they were counted.
    pub symbols: Option<Box<PerPeer<Symbols>>>,
    /// Causes were looked for.
    pub looked: bool,
    /// Why the last question has no answer.
    pub failed: Option<(Task, String)>,
}

/// Text over the whole terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// What it is.
    pub title: String,
    /// Its lines; none yet while it is being made.
    pub lines: Vec<String>,
    /// The first one that is seen.
    pub top: usize,
}
