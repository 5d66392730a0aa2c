//! `wscope tune`.
//!
//! Job: sample captures, in rounds where they are to be taken whole, compress the messages anew
//! and print what came out. Input: arguments. Output: text or JSON, and an exit code.

use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::args::Tune;
use super::ends::planned;
use super::exit::Outcome;
use super::plan::{Plan, threads};
use super::run::{Done, fold};
use super::say::say;
use crate::output::chosen::Counted;
use crate::output::tune::{Report, text};
use crate::output::tune_json::json;
use crate::session::Detail;
use crate::tune::{self, Grid, Host, Rank, Sample, Sampler, Tuning, Watch, tune};

/// Payload bytes that are held at once.
const ROUND: u64 = 24 << 20;

/// Payload bytes that are compressed where nobody says how many, or fewer.
const SAMPLE: u64 = 2 << 20;

/// What time is about, where it was not asked for.
const UNTIMED: &str = "Times are measured with --measure-time; they differ from run to run.\n";

pub(super) fn run(args: &Tune) -> Outcome {
    let mut first = planned(&args.common, [])?;
    first.threads = first.threads.min(4);
    let mut again = first.clone();
    again.quiet = true;
    let mut plan = &first;
    let job = tune::Plan {
        grid: Grid::new(&args.levels),
        threads: threads(args.common.reading.threads),
        clock: args.measure_time.then_some(nanoseconds),
    };
    let budget = if args.all {
        u64::MAX
    } else {
        args.sample.unwrap_or(SAMPLE)
    };
    let by_default = !args.all && args.sample.is_none();
    let rereads = plan.inputs().is_some();
    let mut report: Option<Report> = None;
    let mut after = None;
    loop {
        let used = report.as_ref().map_or(0, |report| report.bytes);
        let room = ROUND.min(budget.saturating_sub(used));
        let (mut sample, hosts, done) = gather(plan, room, after)?;
        if by_default {
            let levels = job.grid.levels().len() as u64;
            sample = sample.within(tune::WORK * levels, &job.grid);
        }
        plan = &again;
        after = sample.last_rank();
        let more = sample.is_part && after.is_some();
        // A connection that does not fit is cut only where it would not fit any better later.
        let cut = room < ROUND && report.is_some() && sample.bytes() > 0 && is_cut(&sample);
        if !cut {
            let tuning = work(&sample, &job);
            match &mut report {
                Some(report) => report.add(&tuning, &sample),
                None => report = Some(Report::new(tuning, &sample, hosts, args.tolerance)),
            }
        }
        let used = report.as_ref().map_or(0, |report| report.bytes);
        if more && !cut && used < budget && rereads && !by_default {
            continue;
        }
        if more && args.all && !rereads {
            say!(
                "warning: what is no file can be read once only, so this is a sample; \
                 record it (-w) and give the file for all of it"
            );
        }
        return print(args, report.as_ref(), done);
    }
}

/// Prints what came out, and says how it went.
fn print(args: &Tune, report: Option<&Report>, mut done: Done<'_>) -> Outcome {
    if let Some(report) = report.filter(|report| report.of_connections > 0) {
        let untimed = if args.measure_time { "" } else { UNTIMED };
        done.print(
            |style| text(report, style) + untimed,
            |out| json(report, out),
        )?;
    }
    Ok(done.conclude())
}

fn is_cut(sample: &Sample) -> bool {
    let all = sample.connections.values();
    all.flat_map(|one| one.omitted.iter())
        .any(|(_, omitted)| omitted.beyond > 0)
}

/// Reads the captures once and keeps the next connections.
fn gather<'a>(
    plan: &'a Plan<'_>,
    room: u64,
    after: Option<Rank>,
) -> Outcome<(Sample, Vec<Host>, Done<'a>)> {
    let sampler = || Sampler::new(room).after(after);
    let make = || Counted::new(plan.filter.clone(), sampler());
    let (sinks, done) = fold(plan, Detail::Payloads, make)?;
    let mut all = sampler();
    for sink in sinks {
        all.merge(sink.into_inner().0);
    }
    let hosts = all.hosts();
    Ok((all.finish(), hosts, done))
}

/// Compresses, and says on a terminal how far it is.
fn work(sample: &Sample, job: &tune::Plan) -> Tuning {
    let watch = Watch::default();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let bar = std::io::stderr()
            .is_terminal()
            .then(|| scope.spawn(|| progress(&watch, &done)));
        let tuning = tune(sample, job, &watch);
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
