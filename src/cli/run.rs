//! One run over captures.
//!
//! Job: open what a plan names, feed sinks, print what they made, say how it went. Input: a
//! [`Plan`] and sinks. Output: bytes on standard output, and an exit code.

use std::io::{self, Write};

use super::exit::{Exit, Outcome, write, written};
use super::feed::Captures;
use super::out::{Rows, Shared, Stdout};
use super::plan::Plan;
use super::say::say;
use crate::event::{Account, EventSink, Renderer};
use crate::output::fields::Shape;
use crate::output::objects;
use crate::output::style::Style;
use crate::parallel;
use crate::pipeline::{Options, Tally};
use crate::session::{Detail, Seen};

/// What a run over captures left.
pub(super) struct Done<'a> {
    plan: &'a Plan<'a>,
    captures: Captures,
    tally: Tally,
    out: Shared,
}

/// Runs sinks that count.
pub(super) fn fold<'a, S: EventSink + Send>(
    plan: &'a Plan<'_>,
    detail: Detail,
    make: impl FnMut() -> S,
) -> Outcome<(Vec<S>, Done<'a>)> {
    let (options, mut captures, out) = open(plan, detail, Stdout)?;
    let parallel::Run { sinks, tally } =
        parallel::fold(plan.threads, &options, make, &mut captures);
    let done = Done {
        plan,
        captures,
        tally,
        out,
    };
    Ok((sinks, done))
}

/// Runs sinks that print rows as they go, after `head`, and no more of them than `limit`.
pub(super) fn render<S: Renderer<Output = Vec<u8>>>(
    plan: &Plan<'_>,
    detail: Detail,
    (head, limit): (&str, Option<usize>),
    make: impl FnMut() -> S,
) -> Outcome {
    let mut opened = match limit {
        Some(rows) => open(plan, detail, Rows::new(Stdout, rows))?,
        None => open(plan, detail, Stdout)?,
    };
    written(opened.2.write_all(head.as_bytes()))?;
    rendered(plan, opened, make)
}

/// Runs a sink that makes bytes for `out`, which is no list.
pub(super) fn render_to<S: Renderer<Output = Vec<u8>>>(
    plan: &Plan<'_>,
    detail: Detail,
    out: impl Write + Send + 'static,
    make: impl FnMut() -> S,
) -> Outcome {
    rendered(plan, open(plan, detail, out)?, make)
}

fn rendered<S: Renderer<Output = Vec<u8>>>(
    plan: &Plan<'_>,
    (options, mut captures, out): (Options, Captures, Shared),
    make: impl FnMut() -> S,
) -> Outcome {
    let mut lines = out.clone();
    let mut take = move |rendered: &mut Vec<u8>| lines.part(rendered);
    let (run, end) = parallel::render(plan.threads, &options, make, &mut captures, &mut take);
    written(end)?;
    let done = Done {
        plan,
        captures,
        tally: run.tally,
        out,
    };
    Ok(done.conclude_messages())
}

fn open(
    plan: &Plan<'_>,
    detail: Detail,
    out: impl Write + Send + 'static,
) -> Outcome<(Options, Captures, Shared)> {
    let options = plan.options(detail)?;
    let out = Shared::new(io::BufWriter::new(out));
    let captures = Captures::open(plan, &out, options.limits)?;
    Ok((options, captures, out))
}

impl Done<'_> {
    /// Where output goes.
    pub(super) fn out(&mut self) -> &mut Shared {
        &mut self.out
    }

    /// Prints what came out.
    pub(super) fn print(
        &mut self,
        text: impl FnOnce(Style) -> String,
        json: impl FnOnce(&mut Vec<u8>),
    ) -> Outcome<()> {
        write(&mut self.out, &self.plan.page(text, json))
    }

    /// Prints rows of fields of the JSON objects that came out.
    pub(super) fn print_rows(
        &mut self,
        (fields, usual, shape): (&[String], &[&str], Shape),
        json: impl FnOnce(&mut Vec<u8>),
    ) -> Outcome<()> {
        let mut lines = Vec::new();
        json(&mut lines);
        let page = objects::rows(&lines, fields, usual, shape)?;
        write(&mut self.out, &page)
    }

    /// Says why inputs could not be read a second time, unless they had failed before.
    pub(super) fn read_again(&mut self, failed: Option<String>) {
        if let Some(why) = failed.filter(|_| !self.captures.failed) {
            say!("cannot be read a second time, to find causes: {why}");
            self.captures.failed = true;
        }
    }

    /// Says how a live capture went, and what was seen where there was nothing to show.
    pub(super) fn conclude(mut self) -> Exit {
        self.captures.conclude();
        if let Some(what) = self.tally.given_up() {
            say!("given up to keep the bounds of memory (--max-memory): {what}");
        }
        if let Some(what) = self.tally.incomplete() {
            say!("not read: {what}");
        }
        let last = self.tally.flows;
        let named = self.plan.named().map(|one| one.connection);
        if let Some(number) = named.filter(|number| *number > last).max() {
            say!("warning: --as names connection {number}, and the last one is {last}");
        }
        let websockets = self.tally.count(Seen::WebSocket) + self.tally.count(Seen::UpgradeRefused);
        if websockets == 0 && self.tally.packets > 0 {
            let what = if self.plan.only.is_all() {
                "no WebSocket found".to_owned()
            } else {
                let only = &self.plan.only;
                format!("connection {only} is no WebSocket or not on this capture")
            };
            say!("{what}: {}", self.tally.describe());
        } else if websockets == 0 && !self.captures.failed {
            let why = self.plan.bpf.map_or("", |_| " that match the filter");
            say!("no packets{why}");
        }
        self.end(if websockets == 0 {
            Exit::Nothing
        } else {
            Exit::Success
        })
    }

    /// The same, where messages were to be shown.
    pub(super) fn conclude_messages(self) -> Exit {
        let messages = self.tally.messages;
        let [accepted, refused] =
            [Seen::WebSocket, Seen::UpgradeRefused].map(|seen| self.tally.count(seen));
        let exit = self.conclude();
        if exit != Exit::Success || messages > 0 {
            return exit;
        }
        say!(
            "no messages: {accepted} accepted or taken for WebSocket, {refused} refused or not \
             answered; see them with `wscope connections`"
        );
        Exit::Nothing
    }

    /// What became of the bytes.
    pub(super) fn account(&self) -> Account {
        self.tally.account
    }

    /// Whether nothing on the captures could be read, not even HTTP.
    pub(super) fn is_unread(&self) -> bool {
        [Seen::WebSocket, Seen::UpgradeRefused, Seen::Http]
            .into_iter()
            .all(|seen| self.tally.count(seen) == 0)
    }

    /// Ends with `exit`, unless an input failed.
    pub(super) fn end(self, exit: Exit) -> Exit {
        if self.captures.failed {
            Exit::Failed
        } else {
            exit
        }
    }
}
