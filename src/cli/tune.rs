//! `wscope tune`.
//!
//! Job: sample captures, in rounds where they are to be taken whole, compress the messages anew
//! and print what came out. Input: arguments. Output: text or JSON, and an exit code.

use std::io::{IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::args::Tune;
use super::choices::{render, threads};
use super::conclude::conclude;
use super::exit::{Exit, unwritten};
use super::feed::{Captures, is_pipe};
use super::out::{Shared, Stdout};
use crate::output::tune::{Report, text};
use crate::output::tune_json::json;
use crate::parallel::{self, Run};
use crate::pipeline::{Options, Tally};
use crate::session::Detail;
use crate::tune::{Grid, Host, Plan, Sample, Sampler, Tuning, Watch, tune};

/// Payload bytes that are held at once.
const ROUND: u64 = 24 << 20;

/// What time is about, where it was not asked for.
const UNTIMED: &str = "Times are measured with --time; they differ from run to run.\n";

/// What is left of the captures after a round.
struct Round {
    sample: Sample,
    hosts: Vec<Host>,
    tally: Tally,
    captures: Captures,
}

pub(super) fn run(args: &Tune) -> Exit {
    let common = &args.common;
    let plan = Plan {
        grid: Grid::new(&args.levels),
        threads: threads(&[], common.threads),
        clock: args.time.then_some(nanoseconds),
    };
    let budget = if args.all { u64::MAX } else { args.sample };
    let rereads = common.listen.interface.is_none() && !common.files.iter().any(is_pipe);
    let mut report: Option<Report> = None;
    let mut after = None;
    loop {
        let used = report.as_ref().map_or(0, |report| report.bytes);
        let room = ROUND.min(budget.saturating_sub(used));
        let Some(round) = gather(args, room, after) else {
            return Exit::Failed;
        };
        let Round {
            sample,
            hosts,
            tally,
            mut captures,
        } = round;
        after = sample.last_rank();
        let more = sample.is_part && after.is_some();
        // A connection that does not fit is cut only where it would not fit any better later.
        let cut = room < ROUND && report.is_some() && sample.bytes() > 0 && is_cut(&sample);
        if !cut {
            let tuning = work(&sample, &plan);
            match &mut report {
                Some(report) => report.add(&tuning, &sample),
                None => report = Some(Report::new(tuning, &sample, hosts, args.tolerance)),
            }
        }
        let used = report.as_ref().map_or(0, |report| report.bytes);
        if more && !cut && used < budget && rereads {
            continue;
        }
        if more && args.all && !rereads {
            eprintln!(
                "wscope: warning: what is no file can be read once only, so this is a sample; \
                 record it (-w) and give the file for all of it"
            );
        }
        let found = report.as_ref().filter(|report| report.of_connections > 0);
        let shown = found.map_or(Ok(()), |report| {
            let words = |style| {
                let mut words = text(report, style);
                if !args.time {
                    words.push_str(UNTIMED);
                }
                words
            };
            let bytes = render(common, words, |out| json(report, out));
            Stdout.write_all(&bytes).and_then(|()| Stdout.flush())
        });
        captures.conclude();
        return unwritten(shown).unwrap_or_else(|| conclude(common.connection, &captures, &tally));
    }
}

fn is_cut(sample: &Sample) -> bool {
    let all = sample.connections.values();
    all.flat_map(|one| one.omitted.iter())
        .any(|(_, omitted)| omitted.beyond > 0)
}

/// Reads the captures once and keeps the next connections.
fn gather(args: &Tune, room: u64, after: Option<u64>) -> Option<Round> {
    let common = &args.common;
    let options = Options {
        only: common.connection,
        ..Options::new(Detail::Payloads).live(common.listen.interface.is_some())
    };
    let mut captures = Captures::open(common, &Shared::new(Stdout), options.limits)?;
    captures.quiet = after.is_some();
    let threads = threads(&common.files, common.threads).min(4);
    let make = || Sampler::new(room).after(after);
    let Run { sinks, tally } = parallel::fold(threads, &options, make, &mut captures);
    let mut all = Sampler::new(room).after(after);
    for sink in sinks {
        all.merge(sink);
    }
    let hosts = all.hosts();
    Some(Round {
        sample: all.finish(),
        hosts,
        tally,
        captures,
    })
}

/// Compresses, and says on a terminal how far it is.
fn work(sample: &Sample, plan: &Plan) -> Tuning {
    let watch = Watch::default();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let bar = std::io::stderr()
            .is_terminal()
            .then(|| scope.spawn(|| progress(&watch, &done)));
        let tuning = tune(sample, plan, &watch);
        done.store(true, Ordering::Relaxed);
        if let Some(bar) = bar {
            bar.thread().unpark();
            let _ = bar.join();
        }
        tuning.unwrap_or_default()
    })
}

/// A bar on stderr, redrawn in place and wiped at the end.
fn progress(watch: &Watch, done: &std::sync::atomic::AtomicBool) {
    const WIDTH: u64 = 40;
    while !done.load(Ordering::Relaxed) {
        let total = watch.total.load(Ordering::Relaxed).max(1);
        let now = watch.done.load(Ordering::Relaxed).min(total);
        let full = usize::try_from(now * WIDTH / total).unwrap_or(0);
        let width = usize::try_from(WIDTH).unwrap_or(0);
        let bar = format!("{:<width$}", "#".repeat(full));
        eprint!("\rcompressing [{bar}] {:>3} %", now * 100 / total);
        std::thread::park_timeout(Duration::from_millis(100));
    }
    eprint!("\r{:60}\r", "");
}

/// Time as it passes; a thread at work has it to itself.
fn nanoseconds() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    let since = START.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
