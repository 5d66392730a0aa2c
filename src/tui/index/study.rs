//! Questions that take another run over the capture.
//!
//! Job: count symbols, try other settings, beside the UI. Input: the inputs and a [`Task`].
//! Output: an [`Answer`].

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::again::Again;
use super::load::{Pulse, Watched};
use crate::base::{Conversing, Only, PerPeer};
use crate::check::{Check, second_look};
use crate::deflate::Symbols;
use crate::finding::{Code, Finding};
use crate::output::style::Style;
use crate::output::tune::{Report, text};
use crate::parallel;
use crate::pipeline::Options;
use crate::session::Detail;
use crate::stats::SymbolFold;
use crate::tui::app::Task;
use crate::tune::{Plan, Sampler, Watch, tune};

/// Payload bytes that are compressed anew: some seconds' work.
const SAMPLE: u64 = 2 << 20;

/// How far above the best size a recommendation may be, in thousandths.
const TOLERANCE: u64 = 50;

/// What came of a question.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Each sender's symbols.
    Symbols(Box<PerPeer<Symbols>>),
    /// Findings that the index has not, with their connections' numbers.
    Findings(Vec<(Conversing, Finding)>),
    /// A report to read.
    Text(String),
    /// Nothing, and why.
    Failed(String),
}

/// A question being answered. It ends when it is dropped.
#[derive(Debug)]
pub struct Study {
    /// What is asked.
    pub task: Task,
    /// The answer, once.
    pub answer: Receiver<Answer>,
    pulse: Arc<Pulse>,
    watch: Arc<Watch>,
}

impl Drop for Study {
    fn drop(&mut self) {
        self.pulse.stop();
        self.watch.cancel.store(true, Ordering::Relaxed);
    }
}

impl Study {
    /// Begins to find out.
    pub fn start(again: Again, options: Options, threads: usize, task: Task) -> Self {
        let (to, answer) = bounded(1);
        let (pulse, watch) = (Arc::new(Pulse::default()), Arc::new(Watch::default()));
        let (shared, watched) = (Arc::clone(&pulse), Arc::clone(&watch));
        thread::spawn(move || {
            let run = Run {
                again,
                options,
                threads: threads.max(1),
                pulse: shared,
                watch: watched,
            };
            let answer = match task {
                Task::Symbols => run.symbols(),
                Task::Causes => run.causes(),
                Task::Tune(connection) => run.tune(connection),
            };
            // Where it was cancelled, nobody waits.
            let _ = to.send(answer.unwrap_or_else(Answer::Failed));
        });
        Self {
            task,
            answer,
            pulse,
            watch,
        }
    }

    /// How far it is, and of how much.
    pub fn progress(&self) -> (u64, Option<u64>) {
        match self.watch.total.load(Ordering::Relaxed) {
            0 => self.pulse.progress(),
            total => (self.watch.done.load(Ordering::Relaxed), Some(total)),
        }
    }
}

struct Run {
    again: Again,
    options: Options,
    threads: usize,
    pulse: Arc<Pulse>,
    watch: Arc<Watch>,
}

impl Run {
    fn feed(&self) -> Result<Watched, String> {
        self.again
            .open(self.options.limits, Arc::clone(&self.pulse))
    }

    fn symbols(&self) -> Result<Answer, String> {
        let options = Options {
            detail: Detail::Symbols,
            ..self.options.clone()
        };
        let mut feed = self.feed()?;
        let run = parallel::fold(self.threads, &options, SymbolFold::default, &mut feed);
        self.again.close(feed)?;
        let mut all = SymbolFold::default();
        for fold in run.sinks {
            all.merge(fold);
        }
        Ok(Answer::Symbols(Box::new(all.all())))
    }

    fn causes(&self) -> Result<Answer, String> {
        let options = Options {
            detail: Detail::Rules,
            ..self.options.clone()
        };
        let mut feed = self.feed()?;
        let make = || Check::new(false, BTreeSet::new());
        let run = parallel::fold(self.threads, &options, make, &mut feed);
        let mut report = Check::conclude(run.sinks);
        if self.pulse.is_stopped() {
            return Err("cancelled".to_owned());
        }
        self.again.close(feed)?;
        let looked = second_look(&mut report, self.again.inputs(), &options);
        self.again
            .held(looked.err().map(|error| error.to_string()))?;
        let new = |code: &Code| code.is_cause() || *code == Code::DistanceBeyondWindow;
        let groups = report.groups();
        let groups = groups.iter().filter(|(code, _)| new(code));
        let found = groups.flat_map(|(_, group)| group.entries());
        Ok(Answer::Findings(
            found
                .map(|entry| (entry.conversing, entry.first.clone()))
                .collect(),
        ))
    }

    fn tune(&self, connection: Option<Conversing>) -> Result<Answer, String> {
        let options = Options {
            detail: Detail::Payloads,
            only: connection.map(Only::over).unwrap_or_default(),
            ..self.options.clone()
        };
        let mut feed = self.feed()?;
        let make = || Sampler::new(SAMPLE);
        let run = parallel::fold(self.threads, &options, make, &mut feed);
        self.again.close(feed)?;
        let mut all = make();
        for sampler in run.sinks {
            all.merge(sampler);
        }
        let hosts = all.hosts();
        let sample = all.finish();
        let plan = Plan {
            threads: self.threads,
            ..Plan::default()
        };
        let Some(tuning) = tune(&sample, &plan, &self.watch) else {
            return Err("cancelled".to_owned());
        };
        let report = Report::new(tuning, &sample, hosts, TOLERANCE);
        if report.connections == 0 {
            return Err("there is no message to compress anew".to_owned());
        }
        Ok(Answer::Text(text(&report, Style::default())))
    }
}
