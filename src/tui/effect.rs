//! What `update` asks of the world.
//!
//! Job: name everything that is not state, so that one place does it. Input and output: none.

use crate::base::Conversing;
use std::path::PathBuf;
use std::sync::Arc;

use super::app::Task;
use super::maker::Wanted;
use super::message::Wish;
use crate::filter::Filter;

/// Something to do outside the state.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Make the lab anew, or play a lesson.
    Make(Wanted),
    /// Get a message again.
    Fetch(Wish),
    /// Look for messages, and ask those that come; the filter has that number.
    Search(Arc<Filter>, u32),
    /// Write the packets that a live capture keeps to a new file.
    SavePackets(PathBuf),
    /// Find something out by another run.
    Study(Task),
    /// Stop finding it out.
    StopStudy,
    /// Stop looking.
    StopSearch,
    /// Put bytes on the clipboard.
    Copy(Vec<u8>),
    /// Write the screen to a new file: a picture where the name ends in `.svg`, else text.
    WriteScreen(PathBuf),
    /// Write bytes to a new file.
    WriteBytes(PathBuf, Arc<[u8]>),
    /// Write messages to a new file: of one connection, and of those what the filter means.
    WriteMessages(PathBuf, Option<Conversing>, Option<Arc<Filter>>),
    /// Stop loading.
    StopLoading,
    /// To the shell, until it brings us back.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Leave.
    Quit,
}
