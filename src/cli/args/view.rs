//! The arguments of `wscope view`.

use clap::Args;

use super::common::{Reading, Selection, Time};
use crate::cli::listen::{self, Listen};
use crate::page::redact::Redact;

/// `wscope view`.
#[derive(Debug, Args)]
#[command(override_usage = "wscope view [OPTIONS] FILE...\n       wscope view [OPTIONS] -i [NAME]")]
pub struct View {
    /// What is read.
    #[command(flatten)]
    pub reading: Reading,

    /// Which of it counts: it opens there.
    #[command(flatten)]
    pub selection: Selection,

    /// Live traffic in place of files.
    #[command(flatten)]
    pub listen: Listen,

    /// With -i and without -w, and with `-`: bytes of packets that are kept in a scratch file, from which payloads are read
    /// again; the oldest go. In bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = listen::keep, conflicts_with = "write")]
    pub keep: u64,

    /// With -i and `-`: bytes of the rows of messages, most of them in a scratch file; the oldest go. In bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = listen::keep)]
    pub keep_rows: u64,

    /// How to show time, in place of what the configuration says; `t` changes it.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub time: Option<Time>,

    /// Leave the mouse to the terminal, to select text with.
    #[arg(long)]
    pub no_mouse: bool,

    /// For the wall: one message, one step at a time.
    #[arg(long)]
    pub present: bool,

    /// Secrets in handshakes as they were sent: tokens in targets, cookies and headers.
    #[arg(long)]
    pub show_secrets: bool,
}

impl View {
    /// How secrets are shown.
    pub fn secrets(&self) -> Redact {
        if self.show_secrets {
            Redact::Nothing
        } else {
            Redact::Secrets
        }
    }
}
