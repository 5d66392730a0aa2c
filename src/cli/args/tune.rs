//! The arguments of `wscope tune`.
//!
//! Job: what is sampled and tried. Input: words. Output: [`Tune`].

use clap::Args;

use super::common::Common;
use crate::cli::listen::bytes;

/// `wscope tune`.
#[derive(Debug, Args)]
#[command(override_usage = "wscope tune [OPTIONS] FILE...\n       wscope tune [OPTIONS] -i NAME")]
#[command(after_help = "\
Examples:
  wscope tune captures/demo.pcapng
  wscope tune --all --tolerance 2 --json capture.pcap
docs/tuning.md tells how to read it.")]
pub struct Tune {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// How much payload to compress: whole connections, chosen by their numbers, as many as fit
    /// [default: 2M, or less where compressing that would take long].
    #[arg(long, value_name = "SIZE", value_parser = sample)]
    pub sample: Option<u64>,

    /// All of it, however long that takes.
    #[arg(long, conflicts_with = "sample")]
    pub all: bool,

    /// zlib's compression levels to try, such as `1,6,9` or `1-9`.
    #[arg(long, value_name = "LEVELS", default_value = "6", value_parser = levels)]
    pub levels: std::sync::Arc<[u8]>,

    /// How far above the best size the recommendation may be, in percent.
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = tolerance)]
    pub tolerance: u64,

    /// Measure time too, relative to zlib's defaults; it differs from run to run.
    #[arg(long)]
    pub measure_time: bool,
}

/// Bytes, more than none.
fn sample(value: &str) -> Result<u64, String> {
    match bytes(value)? {
        0 => Err("a sample of no bytes tells nothing".to_owned()),
        size => Ok(size),
    }
}

/// `6`, `1,6,9`, `1-9`.
fn levels(value: &str) -> Result<std::sync::Arc<[u8]>, String> {
    let mut levels = Vec::new();
    for part in value.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let known = |level: &str| {
            let level: u8 = level.parse().ok()?;
            (1..=9).contains(&level).then_some(level)
        };
        match (known(first), known(last)) {
            (Some(first), Some(last)) if first <= last => levels.extend(first..=last),
            _ => return Err("levels are 1 to 9, such as 6, 1,6,9 or 1-9".to_owned()),
        }
    }
    Ok(levels.into())
}

/// Percent as thousandths.
fn tolerance(value: &str) -> Result<u64, String> {
    let wrong = || "a tolerance is a percentage, such as 5 or 2.5".to_owned();
    let (whole, tenths) = value.split_once('.').unwrap_or((value, "0"));
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let tenths: u64 = tenths.parse().map_err(|_| wrong())?;
    if tenths > 9 || whole > 1000 {
        return Err(wrong());
    }
    Ok(whole * 10 + tenths)
}
