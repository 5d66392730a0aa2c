//! `wscope explain`.
//!
//! Job: find the message or the handshake that is asked for, and print it. Input: arguments.
//! Output: text or JSON, and an exit code.

use std::io::Write;

use super::args::{Explain, Sender};
use super::choices::{style, threads};
use super::conclude::conclude;
use super::exit::{Exit, unwritten};
use super::feed::Captures;
use super::out::Stdout;
use super::say::say;
use crate::base::{Peer, PerPeer};
use crate::deflate::{Agreement, Parameters, Takeover, WindowBits};
use crate::explain::{Collector, Connection, Layout, Target, handshake, json, text};
use crate::page::words::count;
use crate::parallel::{self, Run};
use crate::pipeline::Options;
use crate::session::{Context, Detail, websocket_bytes};

/// Connections that are named where one has to be chosen.
const NAMED: usize = 10;

pub(super) fn run(args: &Explain) -> Exit {
    match &args.hex {
        Some(typed) => hex(args, typed),
        None if args.from.is_some() || args.window_bits.is_some() => {
            say!("--from and --window-bits go with --hex; a capture tells both");
            Exit::Failed
        }
        None => captures(args),
    }
}

fn target(args: &Explain) -> Target {
    match args.message {
        _ if args.handshake => Target::Handshake,
        Some(number) => Target::Message(number),
        None => Target::All,
    }
}

/// Explains bytes from the command line.
fn hex(args: &Explain, typed: &str) -> Exit {
    let bytes = match digits(typed) {
        Ok(bytes) => bytes,
        Err(problem) => {
            say!("--hex: {problem}");
            return Exit::Failed;
        }
    };
    // RFC 6455 §5.1: only a client masks.
    let masked = bytes.get(1).is_some_and(|byte| byte & 0x80 != 0);
    let guess = if masked {
        Sender::Client
    } else {
        Sender::Server
    };
    let from = match args.from.unwrap_or(guess) {
        Sender::Client => Peer::Client,
        Sender::Server => Peer::Server,
    };
    let agreement = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters {
        window_bits: args.window_bits.unwrap_or(WindowBits::MAX),
        takeover: Takeover::Keep,
    }));
    let options = Options::new(Detail::Wire);
    let mut context = Context::new(options.limits, options.detail);
    let mut sink = Collector::with_agreement(target(args), agreement);
    websocket_bytes(from, &bytes, agreement, &mut context, &mut sink);
    if let Some(exit) = missing(args, &sink) {
        return exit;
    }
    print(args, &sink).unwrap_or(Exit::Success)
}

/// Bytes from digits in pairs, with anything between them that people write there.
fn digits(typed: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let words = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | ';'));
    for word in words {
        let word = word.strip_prefix("0x").unwrap_or(word);
        if let Some(other) = word.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("{other:?} is no hexadecimal digit"));
        }
        if word.len() % 2 != 0 {
            return Err(format!("{word:?} has an odd number of digits"));
        }
        for pair in word.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            bytes.extend(u8::from_str_radix(pair, 16));
        }
    }
    if bytes.is_empty() {
        return Err("no bytes".to_owned());
    }
    Ok(bytes)
}

/// Explains a message or a handshake of a capture.
fn captures(args: &Explain) -> Exit {
    let detail = if args.handshake {
        Detail::Sizes
    } else {
        Detail::Wire
    };
    let options = Options {
        only: args.connection,
        ..Options::new(detail)
    };
    let mut captures = match Captures::new(&args.files, args.filter.as_deref(), options.limits) {
        Ok(captures) => captures,
        Err(error) => {
            say!("{error}");
            return Exit::Failed;
        }
    };
    let target = target(args);
    let Run { sinks, tally } = parallel::fold(
        threads(&args.files, args.threads),
        &options,
        || Collector::new(target),
        &mut captures,
    );
    let exit = match choose(args, &sinks) {
        Choice::None => return conclude(args.connection, &captures, &tally),
        Choice::Several(connections) => {
            several(&connections);
            Exit::Failed
        }
        Choice::One(sink) => match missing(args, sink) {
            Some(exit) => exit,
            None => print(args, sink).unwrap_or(Exit::Success),
        },
    };
    if captures.failed { Exit::Failed } else { exit }
}

/// Which sink has what is asked for.
enum Choice<'a> {
    None,
    One(&'a Collector),
    Several(Vec<&'a Connection>),
}

fn choose<'a>(args: &Explain, sinks: &'a [Collector]) -> Choice<'a> {
    let fits = |connection: &&Connection| args.handshake || connection.is_websocket();
    let mut fitting: Vec<_> = sinks
        .iter()
        .flat_map(|sink| sink.connections.iter().filter(fits))
        .collect();
    fitting.sort_by_key(|connection| connection.info.conversing);
    let holder = sinks
        .iter()
        .find(|sink| sink.connections.iter().any(|connection| fits(&connection)));
    match (fitting.len(), holder) {
        (0, _) | (_, None) => Choice::None,
        (1, Some(sink)) => Choice::One(sink),
        _ => Choice::Several(fitting),
    }
}

/// Names the connections, since one has to be chosen.
fn several(connections: &[&Connection]) {
    say!("{} connections; say which with -c N:", connections.len());
    for connection in connections.iter().take(NAMED) {
        let flow = connection.info.flow;
        eprintln!(
            "  -c {}  {} -> {}, {}",
            connection.info.conversing,
            flow.client(),
            flow.server(),
            count(connection.messages, "message")
        );
    }
    if connections.len() > NAMED {
        eprintln!("  … {} more", connections.len() - NAMED);
    }
}

/// Says what there is where the message that is asked for is not there.
fn missing(args: &Explain, sink: &Collector) -> Option<Exit> {
    if args.handshake {
        let captured = sink.handshakes.iter();
        let none = !captured
            .into_iter()
            .any(|(info, _)| info.handshake.is_some());
        if none {
            say!("the connection's handshake is not in the capture");
        }
        return none.then_some(Exit::Nothing);
    }
    if !sink.found.is_empty() {
        return None;
    }
    let place = match args.hex {
        Some(_) => "these bytes have",
        None => "the connection has",
    };
    match sink.messages() {
        0 => say!("{place} no message"),
        1 => say!("{place} one message, number 1"),
        many => say!("{place} {many} messages, numbered 1 to {many}"),
    }
    Some(Exit::Nothing)
}

/// Prints what was found; an exit code where that failed.
fn print(args: &Explain, sink: &Collector) -> Option<Exit> {
    let layout = Layout {
        width: Layout::WIDTH,
        symbols: args.symbols,
        all: args.all,
        tables: args.tables,
        bytes: args.bytes,
        start: sink.start,
    };
    let style = style(args.color);
    let mut out = Vec::new();
    let mut between = "";
    for (info, findings) in &sink.handshakes {
        if args.json {
            handshake::json(info, findings, &mut out);
        } else {
            out.extend(between.bytes());
            let page = handshake::page(info, findings, &layout);
            out.extend(style.page(&page).into_bytes());
            between = "\n";
        }
    }
    for found in &sink.found {
        if args.json {
            json::line(found, &layout, &mut out);
        } else {
            out.extend(between.bytes());
            out.extend(style.page(&text::page(found, &layout)).into_bytes());
            between = "\n";
        }
    }
    let mut stdout = Stdout;
    unwritten(stdout.write_all(&out).and_then(|()| stdout.flush()))
}
