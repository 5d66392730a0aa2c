//! What a stop of a lesson shows.
//!
//! Job: name the parts. Input: made by [`play`](super::play). Output: none; plain values.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempPath;

use super::document::Question;
use super::lab::Lab;
use crate::base::Conversing;
use crate::page::Line;

/// A stop with all that is shown there.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Its heading.
    pub title: String,
    /// What stands below it.
    pub content: Vec<Content>,
    /// What it is about, as it is at the end of the stop.
    pub ground: Arc<Ground>,
    /// The message that was shown last.
    pub message: Option<u64>,
}

/// Something that is shown.
#[derive(Debug, Clone)]
pub enum Content {
    /// A paragraph.
    Prose(String),
    /// An entry of a list.
    Entry(String),
    /// A line as it is.
    Literal(String),
    /// What was done in the lab, as it was written.
    Done(String),
    /// Lines of an explanation.
    Page(Vec<Line>),
    /// A question with its answer.
    Question(Question),
}

/// What a lesson is about.
#[derive(Debug)]
pub enum Ground {
    /// Typed messages.
    Lab(Lab),
    /// A connection of a capture.
    Capture {
        /// Where the capture is.
        path: PathBuf,
        /// The connection.
        connection: Conversing,
        /// Where the binary brought it, the file goes with this.
        held: Option<TempPath>,
    },
}
