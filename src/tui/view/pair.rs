//! Bars of two senders.

use ratatui::layout::Rect;

use super::brush::Brush;
use crate::base::Peer;
use crate::page::{self, words};

/// A line with a label, a sum, and a bar of two parts against the largest sum.
pub(super) fn bars(
    (area, line): (Rect, u16),
    label: &str,
    (client, server): (u64, u64),
    most: u64,
    brush: &mut Brush<'_>,
) {
    let theme = brush.theme;
    let room = usize::from(area.width.saturating_sub(22));
    let label = format!("{label:>12} {:>6} ", words::brief(client + server));
    let mut column = brush.text(area, line, &label, theme.plain());
    for (peer, value) in [(Peer::Client, client), (Peer::Server, server)] {
        let mut bar = page::bar(value, most, room);
        if let Some(shade) = theme.shade(peer) {
            bar = shade.repeat(bar.chars().count());
        }
        column += brush.at(area, line, column, &bar, theme.peer(peer));
    }
}
