//! How fast whole captures are read, next to tshark and to the bare floor.
//!
//! Makes captures, runs every program on the same file in turns, and prints the best time of
//! each with its ratios. See `docs/performance.md`; `benches/bench.sh --help` for the options.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "all its input is of its own making, and the floor must not check"
)]

mod floor;
mod generate;
mod measure;
mod payload;
mod random;
mod tls;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Parser;
use generate::{Carried, Kind, Length};

/// Connections that are open at once in every capture.
const CONNECTIONS: usize = 200;

/// Reads whole captures with wscope, tshark and a bare reader, and compares.
#[derive(Debug, Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
struct Arguments {
    /// Megabytes of each capture, 50 to 1000.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=1000))]
    size: u64,

    /// Rounds; the best one counts. tshark runs once.
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    /// Only this kind of capture: small, documents or plain.
    #[arg(long)]
    kind: Option<String>,

    /// Without tshark, which takes most of the time.
    #[arg(long)]
    no_tshark: bool,

    /// Without the captures ten times as long, by which memory is compared.
    #[arg(long)]
    no_memory: bool,

    /// Only the captures under TLS, each with its key log.
    #[arg(long)]
    tls: bool,

    /// Only the comparison of HTTP/2 with HTTP/1.1.
    #[arg(long)]
    http2: bool,

    /// Where captures are put.
    #[arg(long, default_value = "bench-data")]
    data: PathBuf,

    /// Reads FILE as the floor does, and ends: how the benchmark runs itself.
    #[arg(long, value_name = "FILE", hide = true)]
    floor: Option<PathBuf>,

    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    if let Some(file) = &arguments.floor {
        let totals = floor::run(file)?;
        println!("{} {}", totals.messages, totals.payload_bytes);
        return Ok(());
    }
    if !arguments.bench {
        // `cargo test --all-targets` comes here.
        return Ok(());
    }
    fs::create_dir_all(&arguments.data)?;
    if arguments.http2 || arguments.kind.is_none() && !arguments.tls {
        for kind in Kind::ALL {
            both_http(kind, &arguments)?;
        }
    }
    if arguments.http2 {
        return Ok(());
    }
    for kind in Kind::ALL {
        let name = kind.name();
        if arguments.kind.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        if !arguments.tls {
            compare(kind, false, &arguments)?;
        }
        if kind != Kind::Plain {
            compare(kind, true, &arguments)?;
        }
    }
    Ok(())
}

/// The capture of `kind` with `megabytes`, made where it is not there yet; under TLS with the key log beside it.
fn capture(kind: Kind, tls: bool, megabytes: u64, data: &Path) -> io::Result<PathBuf> {
    let path = data.join(format!("{}-{megabytes}.pcap", title(kind, tls)));
    if !path.exists() {
        let fresh = path.with_extension("fresh");
        let length = Length::Bytes(megabytes * 1_000_000);
        let carried = if tls { Carried::Tls } else { Carried::Http1 };
        generate::capture(&fresh, kind, length, carried(CONNECTIONS))?;
        fs::rename(&fresh, &path)?;
    }
    Ok(path)
}

fn title(kind: Kind, tls: bool) -> String {
    format!("{}{}", if tls { "wss-" } else { "" }, kind.name())
}

/// A program that is timed.
struct Row {
    name: &'static str,
    command: Command,
    best: Option<Duration>,
}

impl Row {
    fn wscope(name: &'static str, file: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscope"));
        command.args(name.split(' ').skip(1)).arg(file);
        command.env_remove("SSLKEYLOGFILE");
        if let Some(keys) = keylog(file) {
            command.arg("--keylog").arg(keys);
        }
        Self {
            name,
            command,
            best: None,
        }
    }

    fn run(&mut self) -> io::Result<()> {
        let time = measure::time(&mut self.command)?;
        self.best = Some(self.best.map_or(time, |best| best.min(time)));
        Ok(())
    }

    fn seconds(&self) -> Option<f64> {
        self.best.map(|best| best.as_secs_f64())
    }
}

/// The key log beside a capture under TLS.
fn keylog(file: &Path) -> Option<PathBuf> {
    let keys = file.with_extension("keylog");
    keys.exists().then_some(keys)
}

const FLOOR: &str = "floor";
const TSHARK: &str = "tshark";
const ONE: &str = "wscope stats --threads 1";
const TWO: &str = "wscope stats --threads 2";

fn compare(kind: Kind, tls: bool, arguments: &Arguments) -> io::Result<()> {
    let file = capture(kind, tls, arguments.size, &arguments.data)?;
    check(&file)?;
    let mut floor = Command::new(std::env::current_exe()?);
    floor.arg("--floor").arg(&file);
    let mut rows = vec![
        Row {
            name: FLOOR,
            command: floor,
            best: None,
        },
        Row::wscope(ONE, &file),
        Row::wscope(TWO, &file),
        Row::wscope("wscope messages --json --threads 1", &file),
        Row::wscope("wscope messages --json --threads 2", &file),
    ];
    for _ in 0..arguments.rounds.max(1) {
        for row in &mut rows {
            row.run()?;
        }
    }
    if !arguments.no_tshark {
        let mut row = Row {
            name: TSHARK,
            command: tshark(&file),
            best: None,
        };
        if Command::new(TSHARK).arg("--version").output().is_err() {
            println!("tshark is not installed: its row is empty");
        } else {
            row.run()?;
        }
        rows.push(row);
    }
    table(&title(kind, tls), &file, &rows)?;
    if !arguments.no_memory && !tls {
        memory(kind, arguments)?;
    }
    Ok(())
}

/// Connections of HTTP/2, and streams on each.
const STREAMS: (usize, usize) = (20, 50);

/// The same messages over HTTP/2 and over HTTP/1.1.
fn both_http(kind: Kind, arguments: &Arguments) -> io::Result<()> {
    let (connections, streams) = STREAMS;
    let path = |http| {
        arguments
            .data
            .join(format!("{}-{http}-{}.pcap", kind.name(), arguments.size))
    };
    let (one, two) = (path("http1"), path("http2"));
    let length = Length::Bytes(arguments.size * 1_000_000);
    let turns = generate::capture(&two, kind, length, Carried::Http2(connections, streams))?;
    generate::capture(
        &one,
        kind,
        Length::Turns(turns),
        Carried::Http1(connections * streams),
    )?;
    let mut rows = [Row::wscope(ONE, &one), Row::wscope(ONE, &two)];
    for _ in 0..arguments.rounds.max(1) {
        for row in &mut rows {
            row.run()?;
        }
    }
    if let [Some(one), Some(two)] = rows.each_ref().map(Row::seconds) {
        println!(
            "{}, {connections} connections with {streams} streams: `{ONE}` {:.0} ms, over HTTP/1.1 {:.0} ms, \
             {:.2} times",
            kind.name(),
            two * 1000.0,
            one * 1000.0,
            two / one
        );
    }
    Ok(())
}

/// The same job: of every message who sent it, its kind and its decoded payload.
fn tshark(file: &Path) -> Command {
    const FIELDS: [&str; 7] = [
        "frame.number",
        "frame.time_epoch",
        "ip.src",
        "tcp.srcport",
        "websocket.opcode",
        "websocket.payload.text",
        // Where the payload of binary messages stands.
        "data.data",
    ];
    let mut command = Command::new(TSHARK);
    command.args(["-n", "-Y", "websocket", "-T", "fields", "-r"]);
    command.arg(file);
    if let Some(keys) = keylog(file) {
        command.arg("-o");
        command.arg(format!("tls.keylog_file:{}", keys.display()));
        // On this port it looks for HTTP only.
        command.args(["-d", "tcp.port==8080,tls"]);
    }
    for field in FIELDS {
        command.args(["-e", field]);
    }
    command
}

/// The floor and wscope must have read the same.
fn check(file: &Path) -> io::Result<()> {
    let output = Row::wscope("wscope messages --json", file)
        .command
        .output()?;
    let mut seen = floor::Totals::default();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        if line.starts_with(br#"{"type":"message""#) {
            let message: serde_json::Value = serde_json::from_slice(line)?;
            seen.messages += 1;
            seen.payload_bytes += message["payload_bytes"].as_u64().unwrap_or(0);
        }
    }
    let floor = floor::run(file)?;
    if seen == floor {
        Ok(())
    } else {
        Err(io::Error::other(format!(
            "wscope read {seen:?} and the floor {floor:?}"
        )))
    }
}

fn table(title: &str, file: &Path, rows: &[Row]) -> io::Result<()> {
    let bytes = fs::metadata(file)?.len();
    let totals = floor::run(file)?;
    println!(
        "\n{}: {:.1} MB, {CONNECTIONS} connections, {} messages, {:.1} MB of payload\n",
        title,
        mega(bytes),
        totals.messages,
        mega(totals.payload_bytes)
    );
    let of = |name| rows.iter().find(|row| row.name == name)?.seconds();
    println!("| run | ms | MB/s of capture | times tshark's speed | time / floor |");
    println!("|---|---:|---:|---:|---:|");
    for row in rows {
        let Some(seconds) = row.seconds() else {
            continue;
        };
        println!(
            "| `{}` | {:.0} | {:.0} | {} | {} |",
            row.name,
            seconds * 1000.0,
            mega(bytes) / seconds,
            of(TSHARK).map_or("–".to_owned(), |tshark| format!(
                "{:.1}",
                tshark / seconds
            )),
            of(FLOOR).map_or("–".to_owned(), |floor| format!("{:.2}", seconds / floor)),
        );
    }
    if let (Some(one), Some(two)) = (of(ONE), of(TWO)) {
        println!("\n`stats`, two threads / one: {:.2}", two / one);
    }
    Ok(())
}

fn memory(kind: Kind, arguments: &Arguments) -> io::Result<()> {
    println!(
        "\n| peak memory, MB | {0} MB | {1} MB |",
        arguments.size,
        arguments.size * 10
    );
    println!("|---|---:|---:|");
    let long = capture(kind, false, arguments.size * 10, &arguments.data)?;
    let short = capture(kind, false, arguments.size, &arguments.data)?;
    for name in [
        ONE,
        TWO,
        "wscope messages --json --threads 1",
        "wscope messages --json --threads 2",
    ] {
        let mut cells = Vec::new();
        for file in [&short, &long] {
            let peak = measure::peak_memory(&mut Row::wscope(name, file).command)?;
            cells.push(peak.map_or("–".to_owned(), |kib| format!("{:.1}", mega(kib * 1024))));
        }
        println!("| `{name}` | {} |", cells.join(" | "));
    }
    // Ten times the disk space is not kept.
    fs::remove_file(long)
}

#[expect(clippy::cast_precision_loss, reason = "it is printed with one digit")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
