//! What compression did, symbol by symbol.
//!
//! Job: what was copied and from where, what takeover saved, how far back matches reach. Input:
//! the state. Output: cells.

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::page::progress;
use super::pair::bars;
use crate::base::PerPeer;
use crate::deflate::Symbols;
use crate::page::words;
use crate::tui::app::{App, Task};

/// The symbols, or a word on why they are not there.
fn symbols<'a>(app: &'a App, area: Rect, brush: &mut Brush<'_>) -> Option<&'a PerPeer<Symbols>> {
    let study = &app.study;
    if study.symbols.is_some() {
        return study.symbols.as_deref();
    }
    let text = match (&study.failed, study.running) {
        (_, Some(Task::Symbols)) => format!("counting symbols: {}", progress(study.progress)),
        (Some((Task::Symbols, why)), _) => why.clone(),
        _ if app.load.loaded.is_none() && app.live.is_none() => {
            "symbols are counted once all is loaded".to_owned()
        }
        _ => "go here with Tab to have symbols counted".to_owned(),
    };
    let text = safe(&text, usize::from(area.width));
    brush.text(area, 0, &text, brush.theme.dim());
    None
}

/// Literals, copies and what takeover saved.
pub(super) fn takeover(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let Some(both) = symbols(app, area, brush) else {
        return;
    };
    let mut all = both.client;
    all.merge(&both.server);
    let each = [&both.client, &both.server, &all];
    let row = |label: &str, get: &dyn Fn(&Symbols) -> String| {
        let [client, server, all] = each.map(get);
        format!("{label:<17}{client:>7}{server:>7}{all:>7}")
    };
    let window = |percent: u64| {
        move |symbols: &Symbols| match symbols.window_for(percent) {
            Some(bits) => bits.to_string(),
            None => "-".to_owned(),
        }
    };
    let lines = [
        format!("{:<17}{:>7}{:>7}{:>7}", "", "client", "server", "both"),
        row("payloads", &|s| words::brief(s.payloads)),
        row("bytes in literals", &|s| words::brief(s.literal_bytes)),
        row("bytes copied", &|s| words::brief(s.match_bytes)),
        row(" from earlier msg", &|s| words::brief(s.across_bytes)),
        row("takeover saved ~", &|s| words::brief(s.saved())),
        row("window bits 90 %", &window(90)),
        row("window bits 99 %", &window(99)),
        row("window bits all", &window(100)),
        row("blocks, own codes", &|s| words::brief(s.blocks.dynamic)),
        row("  fixed codes", &|s| words::brief(s.blocks.fixed)),
        row("  stored", &|s| words::brief(s.blocks.stored)),
    ];
    for (at, line) in (0_u16..).zip(&lines) {
        let style = if at == 0 || line.starts_with("takeover") {
            brush.theme.bold()
        } else {
            brush.theme.plain()
        };
        brush.text(area, at, &safe(line, usize::from(area.width)), style);
    }
}

/// Matched bytes by how far back they are copied from.
pub(super) fn distances(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let Some(both) = symbols(app, area, brush) else {
        return;
    };
    let bytes = both.client.distances.iter().zip(&both.server.distances);
    let bytes: Vec<(u64, u64)> = bytes.map(|(client, server)| (*client, *server)).collect();
    let used = |at: &usize| bytes.get(*at).is_some_and(|(c, s)| c + s > 0);
    let ends: (Option<usize>, Option<usize>) = (
        (0..bytes.len()).find(used),
        (0..bytes.len()).rev().find(used),
    );
    let (Some(first), Some(last)) = ends else {
        brush.text(area, 0, "nothing is copied", brush.theme.dim());
        return;
    };
    let most = bytes.iter().map(|(c, s)| c + s).max().unwrap_or(0);
    // Where they do not all fit, short distances are left out.
    let first = first.max((last + 1).saturating_sub(usize::from(area.height)));
    for (line, bits) in (0_u16..).zip(first..=last) {
        let Some((client, server)) = bytes.get(bits) else {
            continue;
        };
        let label = format!("to {}", words::brief(1 << bits));
        bars((area, line), &label, (*client, *server), most, brush);
    }
}
