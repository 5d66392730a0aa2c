//! Bars, alone and of two senders.

use ratatui::layout::Rect;

use super::brush::Brush;
use super::format;
use crate::base::Peer;

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
    let label = format!("{label:>12} {:>6} ", format::brief(client + server));
    let mut column = brush.text(area, line, &label, theme.plain());
    for (peer, value) in [(Peer::Client, client), (Peer::Server, server)] {
        let mut bar = bar(value, most, room);
        if let Some(shade) = theme.shade(peer) {
            bar = shade.repeat(bar.chars().count());
        }
        column += brush.at(area, line, column, &bar, theme.peer(peer));
    }
}

/// A bar of `value` where one of `most` is `width` columns long.
pub(super) fn bar(value: u64, most: u64, width: usize) -> String {
    let eighths = u128::from(value) * (width as u128 * 8) / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    let mut bar = "█".repeat(eighths / 8);
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    bar.push_str(rest.get(eighths % 8).unwrap_or(&""));
    if bar.is_empty() && value > 0 {
        bar.push('▏');
    }
    bar
}
