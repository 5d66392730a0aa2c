//! The arguments of `wscope view`.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use clap::Args;

use super::common::When;
#[cfg(feature = "tls")]
use crate::cli::keys::KeyLogs;
use crate::cli::listen::{self, Listen};

/// `wscope view`.
#[derive(Debug, Args)]
#[command(override_usage = "wscope view [OPTIONS] FILE...\n       wscope view [OPTIONS] -i [NAME]")]
pub struct View {
    /// Captures: pcap or pcapng, plain or in gzip or zstd.
    #[arg(required_unless_present = "interface", value_name = "FILE")]
    pub files: Vec<OsString>,

    /// Live traffic in place of files.
    #[command(flatten)]
    pub listen: Listen,

    /// Without -w: bytes of packets that are kept in a scratch file, from which payloads are read
    /// again; the oldest go. In bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = listen::keep, requires = "interface", conflicts_with = "write")]
    pub keep: u64,

    /// Only packets that match this BPF expression, as for tcpdump.
    #[arg(short, long, value_name = "BPF")]
    pub filter: Option<String>,

    /// Where the secrets of TLS are.
    #[cfg(feature = "tls")]
    #[command(flatten)]
    pub keys: KeyLogs,

    /// When to colour.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,

    /// Threads that read.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// For the wall: one message, one step at a time.
    #[arg(long)]
    pub present: bool,
}
