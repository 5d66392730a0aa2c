//! What if: what `wscope tune` prints.
//!
//! Job: sizes, a heat map, the front of bytes against memory and advice, for each sender.
//! Input: [`Report`]. Output: text of 80 columns. [`super::tune_json`] has the JSON Lines.

use std::fmt::Write;

use super::style::Style;
use super::tune_words::{self, describe, signed_percent};
use crate::base::{Peer, PerPeer};
use crate::deflate::Takeover;
use crate::page::Kind;
use crate::page::words::{count, grouped, share};
use crate::tune::{
    Advice, Choice, Host, MEMORY_LEVELS, Omitted, Point, Sample, Senders, Setting, Tuning, WINDOWS,
};

/// Servers that are listed.
const MOST_HOSTS: usize = 8;

/// Everything that a run of `tune` found.
#[derive(Debug)]
pub struct Report {
    /// Sizes.
    pub tuning: Tuning,
    /// Connections whose messages were compressed.
    pub connections: u64,
    /// WebSocket connections in the capture.
    pub of_connections: u64,
    /// Payload bytes that were compressed.
    pub bytes: u64,
    /// Payload bytes of complete data messages in the capture.
    pub of_bytes: u64,
    /// By default no more is compressed, as it would take long.
    pub is_bounded: bool,
    /// Servers and how many connections they had at once.
    pub hosts: Vec<Host>,
    /// How far above the best size a recommendation may be, in thousandths.
    pub tolerance: u64,
}

impl Report {
    /// A report of one sample.
    pub fn new(tuning: Tuning, sample: &Sample, hosts: Vec<Host>, tolerance: u64) -> Self {
        Self {
            tuning,
            connections: sample.connections.len() as u64,
            of_connections: sample.of_connections,
            bytes: sample.bytes(),
            of_bytes: sample.of_bytes,
            is_bounded: sample.is_bounded,
            hosts,
            tolerance,
        }
    }

    /// Adds the sizes of another sample of the same captures.
    pub fn add(&mut self, tuning: &Tuning, sample: &Sample) {
        self.tuning.merge(tuning);
        self.connections += sample.connections.len() as u64;
        self.bytes += sample.bytes();
    }

    /// Advice for each sender that sent anything.
    pub fn advice(&self) -> PerPeer<Option<Advice>> {
        PerPeer::from_fn(|peer| {
            Advice::of(&self.tuning, &self.tuning.senders[peer], self.tolerance)
        })
    }
}

/// The whole report.
pub fn text(report: &Report, style: Style) -> String {
    let mut out = String::new();
    sample(report, &mut out);
    let advice = report.advice();
    for (peer, advice) in advice.iter() {
        let senders = &report.tuning.senders[peer];
        out.push('\n');
        if let Some(advice) = advice {
            sender(report, peer, senders, advice, style, &mut out);
        } else {
            let name = style.paint(peer, peer);
            let _ = writeln!(out, "{name}: no data message to compress");
            omitted(senders.omitted, &mut out);
        }
    }
    hosts(report, &advice, style, &mut out);
    out.push_str("\nw: window bits, m: memory level. * is what is recommended.\n");
    out
}

fn sample(report: &Report, out: &mut String) {
    let (part, all) = (report.connections, report.of_connections);
    let part_of = share(report.bytes, report.of_bytes);
    let _ = if report.bytes == report.of_bytes {
        writeln!(
            out,
            "all {}, {} payload bytes",
            count(all, "connection"),
            grouped(report.bytes)
        )
    } else {
        writeln!(
            out,
            "{part} of {all} connections, {} of {} payload bytes ({part_of})",
            grouped(report.bytes),
            grouped(report.of_bytes)
        )
    };
    if report.is_bounded {
        out.push_str("  as much as takes a few seconds; more: --sample 2M, all: --all\n");
    }
}

fn sender(
    report: &Report,
    peer: Peer,
    senders: &Senders,
    advice: &Advice,
    style: Style,
    out: &mut String,
) {
    let title = format!(
        "{peer}: {} on {}, {} payload bytes",
        count(senders.messages, "message"),
        count(senders.connections, "connection"),
        grouped(senders.payload)
    );
    let _ = writeln!(out, "{}", style.paint(peer, title));
    omitted(senders.omitted, out);
    sizes(report, senders, advice, style, out);
    let shown = advice.about;
    for takeover in [Takeover::Keep, Takeover::Reset] {
        let setting = Setting { takeover, ..shown };
        out.push('\n');
        matrix(report, senders, advice, setting, style, out);
    }
    out.push('\n');
    front(report, senders, advice, style, out);
    out.push('\n');
    out.push_str(&style.page(&tune_words::advise(peer, advice)));
}

fn omitted(omitted: Omitted, out: &mut String) {
    if omitted.unknown > 0 {
        let count = count(omitted.unknown, "message");
        let _ = writeln!(out, "  left out on both sides: {count} not wholly known");
    }
    if omitted.beyond > 0 {
        let count = count(omitted.beyond, "message");
        let _ = writeln!(
            out,
            "  left out: {count} behind the sample's part of a connection"
        );
    }
}

fn sizes(report: &Report, senders: &Senders, advice: &Advice, style: Style, out: &mut String) {
    let timed = report.tuning.timed;
    let time = if timed { "   time" } else { "" };
    let head = format!(
        "  {:<22}{:>15} {:>9} {:>9}{time}  setting",
        "", "wire bytes", "of plain", "memory"
    );
    let _ = writeln!(out, "{}", style.paint(Kind::Head, head.trim_end()));
    let mut line = |name: &str, wire: u64, point: Option<&Point>| {
        let part = share(wire, advice.plain.wire);
        let memory = point.map_or_else(String::new, |point| grouped(point.memory));
        let mut line = format!("  {name:<22}{:>15} {part:>9} {memory:>9}", grouped(wire));
        if timed {
            let setting = point.and_then(Point::setting);
            let time = setting.and_then(|s| report.tuning.time_per_mille(senders, &s));
            let _ = write!(line, "{:>7}", time.map_or_else(String::new, hundredths));
        }
        if let Some(point) = point {
            let _ = write!(line, "  {}", describe(&point.choice));
        }
        let others = advice.as_near.saturating_sub(1);
        if name.starts_with(' ') && others > 0 {
            let _ = write!(line, ", and {others} more");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    };
    line("without compression", advice.plain.wire, None);
    line("observed", senders.observed(), None);
    let exactly = advice.nearest.wire == senders.observed();
    let near = if exactly {
        "  comes to the same"
    } else {
        "  nearest to it"
    };
    line(near, advice.nearest.wire, Some(&advice.nearest));
    let usual = report.tuning.usual();
    if let Some(wire) = report.tuning.wire(senders, &usual) {
        let point = Point {
            choice: Choice::Setting(usual),
            wire,
            memory: usual.memory(),
        };
        line("zlib's defaults", wire, Some(&point));
    }
    line("best of all tried", advice.best.wire, Some(&advice.best));
    line(
        "recommended",
        advice.recommended.wire,
        Some(&advice.recommended),
    );
}

/// Thousandths with two digits: `0.37`.
fn hundredths(per_mille: u64) -> String {
    format!("{}.{:02}", per_mille / 1000, per_mille % 1000 / 10)
}

/// Memory levels down, windows across: how far above the best size.
fn matrix(
    report: &Report,
    senders: &Senders,
    advice: &Advice,
    setting: Setting,
    style: Style,
    out: &mut String,
) {
    let takeover = match setting.takeover {
        Takeover::Keep => "with takeover",
        Takeover::Reset => "without takeover",
    };
    let threshold = match setting.threshold {
        0 => "no threshold".to_owned(),
        threshold => format!("threshold {threshold}"),
    };
    let title = format!(
        "  wire bytes above the best size: {takeover}, {threshold}, level {}",
        setting.level
    );
    let _ = writeln!(out, "{}", style.paint(Kind::Head, title));
    let _ = write!(out, "  {:<13}", "window bits");
    for window in WINDOWS {
        let _ = write!(out, " {window:>8}");
    }
    out.push('\n');
    let rows = report.tuning.matrix(senders, setting);
    for (memory_level, row) in MEMORY_LEVELS.iter().zip(rows) {
        let _ = write!(out, "  memory level {memory_level}");
        for (window_bits, wire) in WINDOWS.iter().zip(row) {
            let here = Setting {
                window_bits: *window_bits,
                memory_level: *memory_level,
                ..setting
            };
            let above = advice.above_best(wire);
            let marked = advice.recommended.choice == Choice::Setting(here);
            let _ = write!(out, " {}", cell(above, marked, style));
        }
        out.push('\n');
    }
}

/// The step of the heat map, 0 to 4, for so many thousandths above the best size, and the
/// character that shows it without colours.
pub fn shade(above: u64) -> (u8, char) {
    match above {
        0..=10 => (0, ' '),
        11..=50 => (1, '░'),
        51..=100 => (2, '▒'),
        101..=250 => (3, '▓'),
        _ => (4, '█'),
    }
}

/// A cell of eight columns: mark, figure and shade.
fn cell(above: u64, marked: bool, style: Style) -> String {
    let (step, shade) = shade(above);
    let mark = if marked { '*' } else { ' ' };
    let figure = match above {
        0..10_000 => format!("+{}.{}", above / 10, above % 10),
        10_000..1_000_000 => format!("+{}", above / 10),
        _ => "+99999".to_owned(),
    };
    style.paint(Kind::Heat(step), format!("{mark}{figure:>6}{shade}"))
}

fn front(report: &Report, senders: &Senders, advice: &Advice, style: Style, out: &mut String) {
    let timed = report.tuning.timed;
    let time = if timed { "   time" } else { "" };
    let head = format!(
        "  {:>8} {:>10} {:>8} {:>12} {:>7}{time}  setting",
        "memory", "compressor", "inflater", "wire bytes", "above"
    );
    let _ = writeln!(out, "  more memory for fewer bytes, for one connection:");
    let _ = writeln!(out, "{}", style.paint(Kind::Head, head));
    for point in &advice.front {
        let setting = point.setting();
        let part = |bytes: Option<u64>| bytes.map_or_else(|| "0".to_owned(), grouped);
        let mark = if *point == advice.recommended {
            '*'
        } else {
            ' '
        };
        let _ = write!(
            out,
            " {mark}{:>8} {:>10} {:>8} {:>12} {:>7}",
            grouped(point.memory),
            part(setting.map(|s| s.compressor_bytes())),
            part(setting.map(|s| s.inflater_bytes())),
            grouped(point.wire),
            signed_percent(advice.above_best(point.wire)),
        );
        if timed {
            let time = setting.and_then(|s| report.tuning.time_per_mille(senders, &s));
            let _ = write!(out, "{:>7}", time.map_or_else(String::new, hundredths));
        }
        let _ = writeln!(out, "  {}", describe(&point.choice));
    }
}

/// What a server holds, for the connections that were open at once.
fn hosts(report: &Report, advice: &PerPeer<Option<Advice>>, style: Style, out: &mut String) {
    if report.hosts.is_empty() {
        return;
    }
    let usual = report.tuning.usual();
    let recommended = PerPeer::from_fn(|peer| match &advice[peer] {
        Some(advice) => advice.recommended.setting(),
        None => None,
    });
    let each = PerPeer {
        client: tune_words::server_side(Some(usual), Some(usual)),
        server: tune_words::server_side(recommended.server, recommended.client),
    };
    let head = format!(
        "{:<32} {:>11} {:>8} {:>12} {:>12}",
        "memory of a server", "connections", "at once", "by default", "recommended"
    );
    let _ = writeln!(out, "\n{}", style.paint(Kind::Head, head));
    let mut row = |name: &str, connections: &str, at_once: u64| {
        let _ = writeln!(
            out,
            "{name:<32} {connections:>11} {at_once:>8} {:>12} {:>12}",
            grouped(each.client * at_once),
            grouped(each.server * at_once)
        );
    };
    row("  for one connection", "", 1);
    for host in report.hosts.iter().take(MOST_HOSTS) {
        let name = format!("  {}", host.server);
        row(&name, &grouped(host.connections), host.at_once);
    }
    let more = report.hosts.len().saturating_sub(MOST_HOSTS);
    if more > 0 {
        let _ = writeln!(out, "  and {more} more");
    }
}
