//! Statistics: what `wscope stats` prints.
//!
//! Job: add each connection up when it ends, so that only open ones are held whole. Input: events.
//! Output: text or JSON Lines, the connections in their order.

use std::io::{self, Write};

use super::account;
use super::shelf::{Key, Shelf, Sorted};
use super::stats::{self, Shown};
use super::stats_json;
use super::style::Style;
use crate::base::{Conversing, Peer};
use crate::event::{Account, Event, EventSink, Wire};
use crate::filter::Value;
use crate::stats::{By, Group, Groups, Stats, TlsCounts};

/// One worker's statistics.
#[derive(Debug)]
pub struct StatsRows {
    open: Stats,
    shown: Shown,
    /// How text looks; `None` for JSON.
    style: Option<Style>,
    groups: Groups,
    rows: Shelf<Conversing>,
    transports: Shelf<u64>,
}

impl StatsRows {
    /// Of what `stats` will count.
    pub fn new(stats: Stats, shown: Shown, style: Option<Style>) -> Self {
        Self {
            open: stats,
            shown,
            style,
            groups: Groups::new(shown.by),
            // With the most bytes first, where not all are wanted.
            rows: Shelf::new(shown.top.is_none(), shown.top),
            transports: Shelf::new(true, None),
        }
    }

    fn ended(&mut self, conversing: Conversing) {
        let Some(connection) = self.open.connections.remove(&conversing) else {
            return;
        };
        let unmeant = self.shown.part && connection.summary.totals().messages.total() == 0;
        if unmeant {
            return;
        }
        self.groups.add(&connection);
        if self.shown.by == By::Connection {
            let group = Group::of(&connection);
            let key = match self.shown.top {
                Some(_) => Key::of(Value::number(group.websocket_bytes())),
                None => Key::Missing,
            };
            self.rows
                .put(key, conversing, row(&group, &self.shown, self.style));
        }
    }

    fn finish(&mut self) {
        while let Some(&conversing) = self.open.connections.keys().next() {
            self.ended(conversing);
        }
    }
}

fn row(group: &Group, shown: &Shown, style: Option<Style>) -> Vec<u8> {
    if let Some(style) = style {
        let mut rows = String::new();
        stats::rows(group, shown.by, style, &mut rows);
        return rows.into_bytes();
    }
    let mut line = Vec::new();
    stats_json::group(group, shown, &mut line);
    line
}

impl EventSink for StatsRows {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Transport(end) => {
                self.groups.add_tcp(end);
                let mut line = Vec::new();
                if self.style.is_none() && !self.shown.part {
                    stats_json::transport(end, &mut line);
                }
                self.transports.put(Key::Missing, end.flow.number, line);
            }
            _ => self.open.event(event),
        }
        if let Event::End(end) = event {
            self.ended(end.conversing);
        }
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        self.open.wire(conversing, from, wire);
    }
}

/// Writes what all workers counted. Where no scratch file could be written, `trouble` has the folder
/// and why.
///
/// # Errors
///
/// Where a scratch file cannot be read, or `out` fails.
pub fn write(
    all: Vec<StatsRows>,
    account: &Account,
    shown: &Shown,
    style: Option<Style>,
    out: &mut impl Write,
    trouble: &mut Option<String>,
) -> io::Result<()> {
    let mut groups = Groups::new(shown.by);
    let mut tls = TlsCounts::default();
    let (mut rows, mut transports) = (Vec::new(), Vec::new());
    for mut one in all {
        one.finish();
        groups.merge(one.groups);
        tls.merge(one.open.tls);
        rows.push(one.rows);
        transports.push(one.transports);
    }
    let (mut rows, mut transports) = (Sorted::of(rows), Sorted::of(transports));
    *trouble = (rows.take_trouble()).or_else(|| transports.take_trouble());
    let chosen = stats::chosen(&groups, shown);
    let of = match shown.by {
        By::Connection => usize::try_from(groups.whole.connections).unwrap_or(usize::MAX),
        _ => groups.groups.len(),
    };
    let more = of - rows.len() - chosen.len();
    if let Some(style) = style {
        out.write_all(stats::head(style).as_bytes())?;
    }
    rows.write(out, |_, _| {})?;
    for group in &chosen {
        out.write_all(&row(group, shown, style))?;
    }
    if let Some(style) = style {
        let mut page = stats::rest(&groups.whole, &tls, more, shown, style);
        if !shown.part {
            page += &account::text(account, style);
        }
        out.write_all(page.as_bytes())?;
    } else {
        transports.write(out, |_, _| {})?;
        let mut line = Vec::new();
        stats_json::whole(&groups.whole, &tls, account, shown, &mut line);
        out.write_all(&line)?;
    }
    out.flush()
}
