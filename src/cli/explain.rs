//! `wscope explain`.
//!
//! Job: find the message or the handshake that is asked for, and print it. Input: arguments.
//! Output: text or JSON, and an exit code.

use super::args::{Explain, Sender};
use super::exit::{Early, Exit, Outcome, write};
use super::out::{Stdout, picture};
use super::plan::Plan;
use super::run::fold;
use super::say::say;
use crate::base::{Peer, PerPeer};
use crate::deflate::{Agreement, Parameters, Takeover, WindowBits};
use crate::explain::{Collector, Connection, Target, handshake, json, text, whys};
use crate::lesson;
use crate::page::Line;
use crate::page::redact::Redact;
use crate::page::words::count;
use crate::pipeline::Options;
use crate::session::{Context, Detail, websocket_bytes};

/// Connections that are named where one has to be chosen.
const NAMED: usize = 10;

pub(super) fn run(args: &Explain) -> Outcome {
    let mut plan = Plan::reading(&args.reading).printing(&args.printing);
    plan.only = args.connection.clone().unwrap_or_default();
    match &args.hex {
        Some(typed) => hex(args, &plan, typed),
        None if args.from.is_some() || args.window_bits.is_some() => {
            let why = "--from and --window-bits go with --hex; a capture tells both";
            Err(why.to_owned().into())
        }
        None => captures(args, &plan),
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
fn hex(args: &Explain, plan: &Plan<'_>, typed: &str) -> Outcome {
    let bytes = lesson::hex::bytes(typed).map_err(|problem| format!("--hex: {problem}"))?;
    // RFC 6455 §5.1: only a client masks.
    let masked = bytes.get(1).is_some_and(|byte| byte & 0x80 != 0);
    let guess = if masked {
        Sender::Client
    } else {
        Sender::Server
    };
    let from = Peer::from(args.from.unwrap_or(guess));
    let agreement = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters {
        window_bits: args.window_bits.unwrap_or(WindowBits::MAX),
        takeover: Takeover::Keep,
    }));
    let options = Options::new(Detail::Wire);
    let mut context = Context::new(options.limits, options.detail);
    let mut sink =
        Collector::with_agreement(target(args), agreement).redacting(plan.redact(Redact::Nothing));
    websocket_bytes(from, &bytes, agreement, &mut context, &mut sink);
    missing(args, &sink)?;
    print(args, plan, &sink)?;
    Ok(Exit::Success)
}

/// Explains a message or a handshake of a capture.
fn captures(args: &Explain, plan: &Plan<'_>) -> Outcome {
    let detail = if args.handshake {
        Detail::Sizes
    } else {
        Detail::Wire
    };
    let target = target(args);
    let redact = plan.redact(Redact::Nothing);
    let collector = || Collector::new(target).redacting(redact);
    let (sinks, done) = fold(plan, detail, collector)?;
    let shown = match choose(args, &sinks) {
        Choice::None => {
            let exit = done.conclude();
            if exit == Exit::Success {
                say!(
                    "nothing there has messages or a handshake; `wscope connections FILE` lists what has"
                );
                return Ok(Exit::Nothing);
            }
            return Ok(exit);
        }
        Choice::Several(connections) => {
            several(&connections);
            Ok(Exit::Failed)
        }
        Choice::One(sink) => missing(args, sink)
            .and_then(|()| print(args, plan, sink))
            .map(|()| Exit::Success),
    };
    let exit = shown.unwrap_or_else(Early::say);
    Ok(done.end(exit))
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
fn missing(args: &Explain, sink: &Collector) -> Outcome<()> {
    if args.handshake {
        let mut captured = sink.handshakes.iter();
        if captured.any(|(info, _)| info.handshake.is_some()) {
            return Ok(());
        }
        say!("the connection's handshake is not in the capture");
    } else if sink.found.is_empty() {
        let place = match args.hex {
            Some(_) => "these bytes have",
            None => "the connection has",
        };
        match sink.messages() {
            0 => say!("{place} no message"),
            1 => say!("{place} one message, number 1"),
            many => say!("{place} {many} messages, numbered 1 to {many}"),
        }
    } else {
        return Ok(());
    }
    Err(Early::Exit(Exit::Nothing))
}

/// Prints what was found.
fn print(args: &Explain, plan: &Plan<'_>, sink: &Collector) -> Outcome<()> {
    let layout = args.extent.layout(plan.redact(Redact::Nothing), sink.start);
    let lines = || {
        let handshakes = sink.handshakes.iter();
        let handshakes =
            handshakes.map(|(info, findings)| handshake::page(info, findings, &layout));
        let messages = sink.found.iter().map(|found| {
            let mut page = text::page(found, &layout);
            if args.why {
                page.push(Line::new());
                page.extend(whys(found, layout.width));
            }
            page
        });
        let pages: Vec<_> = handshakes.chain(messages).collect();
        pages.join(&Line::new())
    };
    if let Some(path) = &args.svg {
        return Ok(picture(path, &lines())?);
    }
    let page = plan.page(
        |style| style.page(&lines()),
        |out| {
            for (info, findings) in &sink.handshakes {
                handshake::json(info, findings, layout.redact, out);
            }
            for found in &sink.found {
                json::line(found, &layout, out);
            }
        },
    );
    write(&mut Stdout, &page)
}
