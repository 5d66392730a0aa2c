//! The arguments of `wscope explain`.
//!
//! Job: which message, or which bytes. Input: words. Output: [`Explain`].

use clap::Args;

use super::common::{Extent, Printing, Reading, Sender};
use crate::base::Only;
use crate::deflate::WindowBits;

/// `wscope explain`.
#[derive(Debug, Args)]
#[command(
    override_usage = "wscope explain [OPTIONS] FILE...\n       wscope explain [OPTIONS] --hex BYTES"
)]
#[command(after_help = "\
Examples:
  wscope explain captures/demo.pcapng -c 1 -m 3
  wscope explain captures/demo.pcapng -c 1 --handshake
  wscope explain --hex \"c1 07 f2 48 cd c9 c9 07 00\"")]
pub struct Explain {
    /// What is printed.
    #[command(flatten)]
    pub printing: Printing,

    /// What is read.
    #[command(flatten)]
    pub reading: Reading,

    /// The connection, by its number; 12.5 is stream 5 of connection 12.
    #[arg(short, long, value_name = "N")]
    pub connection: Option<Only>,

    /// The message, by its number on the connection.
    #[arg(
        short,
        long,
        value_name = "K",
        required_unless_present_any = ["hex", "handshake"],
        conflicts_with = "handshake"
    )]
    pub message: Option<u64>,

    /// The opening handshake, line by line.
    #[arg(long)]
    pub handshake: bool,

    /// Frames typed here in hexadecimal, in place of a capture.
    #[arg(long, value_name = "BYTES", conflicts_with_all = ["files", "handshake", "connection", "bpf"])]
    pub hex: Option<String>,

    /// The window that was agreed, in bits; only with --hex.
    #[arg(long, value_name = "8-15", value_parser = window_bits)]
    pub window_bits: Option<WindowBits>,

    /// Who sends the bytes; only with --hex, where the first frame's mask tells otherwise.
    #[arg(long, value_enum, value_name = "PEER")]
    pub from: Option<Sender>,

    /// How much is shown.
    #[command(flatten)]
    pub extent: Extent,

    /// Why each field and symbol is there.
    #[arg(long)]
    pub why: bool,

    /// Write the page to a new file, as a picture.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub svg: Option<std::path::PathBuf>,
}

fn window_bits(value: &str) -> Result<WindowBits, String> {
    let bits = value.parse().ok().and_then(WindowBits::new);
    bits.ok_or_else(|| "a window has 8 to 15 bits".to_owned())
}
