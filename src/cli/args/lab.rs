//! The arguments of `wscope lab`.
//!
//! Job: which lesson, or which messages under which controls. Input: words. Output: [`Lab`].

use std::path::PathBuf;

use clap::Args;

use super::common::Extent;
use super::{Form, Sender, When};

/// `wscope lab`.
#[derive(Debug, Args)]
#[command(
    override_usage = "wscope lab [OPTIONS] [LESSON]\n       wscope lab [OPTIONS] --text TEXT...\n       wscope lab [OPTIONS] --hex BYTES"
)]
#[command(after_help = "\
Examples:
  wscope lab --list
  wscope lab header
  wscope lab --text Hello --text Hello --window 9
  wscope lab --hex 'c1 07 ca 48 cc 00 43 00 00'
  wscope lab --say 'client text hello' --say 'lost server text hi' --say 'server text hi'
Without a lesson and without messages, five messages share one window. Typed messages are sent in
this order: --say, --text, --file, --binary, --hex, --deflate. docs/lessons.md tells more.")]
pub struct Lab {
    /// The lesson; --list names them.
    #[arg(value_name = "LESSON", conflicts_with_all = ["say", "text", "file", "binary", "hex", "deflate"])]
    pub lesson: Option<String>,

    /// Name the lessons.
    #[arg(long, conflicts_with = "lesson")]
    pub list: bool,

    /// Lessons of your own: the *.md files of this folder.
    #[arg(long, value_name = "FOLDER")]
    pub lessons: Option<PathBuf>,

    /// A line as in lesson files: `client text hello`, `server close 1000`, `lost server text hi`.
    #[arg(long, value_name = "LINE")]
    pub say: Vec<String>,

    /// A text message.
    #[arg(long, value_name = "TEXT")]
    pub text: Vec<String>,

    /// A file's bytes as a message: text where they are UTF-8, else binary.
    #[arg(long, value_name = "FILE")]
    pub file: Vec<PathBuf>,

    /// A binary message in hexadecimal.
    #[arg(long, value_name = "BYTES")]
    pub binary: Vec<String>,

    /// Frames in hexadecimal, or a bare compressed payload: it is guessed which, and said where
    /// that is not sure.
    #[arg(long, value_name = "BYTES")]
    pub hex: Vec<String>,

    /// A bare compressed payload in hexadecimal.
    #[arg(long, value_name = "BYTES")]
    pub deflate: Vec<String>,

    /// Who sends what is typed; of frames their mask tells otherwise.
    #[arg(long, value_enum, value_name = "PEER")]
    pub from: Option<Sender>,

    /// How both sides send.
    #[command(flatten)]
    pub controls: Controls,

    /// Print it all, as where standard output is no terminal.
    #[arg(long)]
    pub print: bool,

    /// JSON Lines instead of text: the messages as `explain --json` has them.
    #[command(flatten)]
    pub form: Form,

    /// How much is shown.
    #[command(flatten)]
    pub extent: Extent,

    /// Write what is sent to a new capture file.
    #[arg(long, value_name = "FILE", conflicts_with = "lesson")]
    pub pcap: Option<PathBuf>,

    /// Write the pages to a new file, as a picture.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub svg: Option<PathBuf>,

    /// When to colour.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
}

/// Each control by its name, as [`crate::lesson::controls::NAMES`] has it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Controls")]
pub struct Controls {
    /// Whether permessage-deflate is agreed.
    #[arg(long, value_name = "on|off")]
    compression: Option<String>,
    /// Window bits of both sides.
    #[arg(long, value_name = "9-15")]
    window: Option<String>,
    /// Window bits of the client.
    #[arg(long, value_name = "9-15")]
    client_window: Option<String>,
    /// Window bits of the server.
    #[arg(long, value_name = "9-15")]
    server_window: Option<String>,
    /// Whether both sides keep their windows between messages.
    #[arg(long, value_name = "keep|reset")]
    takeover: Option<String>,
    /// The same, of the client.
    #[arg(long, value_name = "keep|reset")]
    client_takeover: Option<String>,
    /// The same, of the server.
    #[arg(long, value_name = "keep|reset")]
    server_takeover: Option<String>,
    /// zlib's level.
    #[arg(long, value_name = "0-9")]
    level: Option<String>,
    /// zlib's memory level.
    #[arg(long, value_name = "1-9")]
    memory_level: Option<String>,
    /// Which codes zlib uses: default, fixed, huffman or stored.
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// The most payload bytes of a frame; 0 for one frame.
    #[arg(long, value_name = "BYTES")]
    fragment: Option<String>,
    /// The client's masking key, four bytes in hexadecimal.
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
    /// Messages with fewer bytes are not compressed.
    #[arg(long, value_name = "BYTES")]
    threshold: Option<String>,
    /// What a proxy takes out of the handshake: none, offer or answer.
    #[arg(long, value_name = "WHAT")]
    proxy: Option<String>,
}

impl Controls {
    /// Those that are given, by their names; what is of both sides comes before what is of one.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("compression", &self.compression),
            ("window", &self.window),
            ("client-window", &self.client_window),
            ("server-window", &self.server_window),
            ("takeover", &self.takeover),
            ("client-takeover", &self.client_takeover),
            ("server-takeover", &self.server_takeover),
            ("level", &self.level),
            ("memory-level", &self.memory_level),
            ("strategy", &self.strategy),
            ("fragment", &self.fragment),
            ("key", &self.key),
            ("threshold", &self.threshold),
            ("proxy", &self.proxy),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}
