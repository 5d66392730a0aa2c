//! From the state to the terminal's cells.
//!
//! Job: draw, and nothing else: nothing is changed, read or waited for. Input: the state.
//! Output: cells; where heads and tabs stand, for the mouse.

mod bars;
mod below;
mod brush;
mod compression;
mod connections;
mod deflate;
mod details;
mod findings;
mod format;
mod frames;
mod handshake;
mod help;
mod lab;
mod live;
mod menu;
mod message;
mod messages;
mod page;
mod pair;
mod present;
mod scroll;
mod statistics;
mod table;
mod theme;
mod transcript;
mod units;
mod wire;

pub use bars::screen_at;
pub use help::lines as help_lines;
pub use lab::lines as lab_lines;
pub use message::{tab_at, tab_lines};
pub use statistics::at as stats_at;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::app::{App, Screen};
use super::layout::{self, SMALLEST};
use brush::Brush;
use theme::Theme;

/// The column whose head stands at `x` of the table that is shown, by its place among all.
pub fn head_at(app: &App, x: u16) -> Option<usize> {
    match app.screen {
        Screen::Connections => connections::head_at(app, x),
        Screen::Messages => messages::head_at(app, x),
        Screen::Findings => findings::head_at(app, x),
        Screen::Message | Screen::Statistics | Screen::Transcript => None,
    }
}

/// Draws a state.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let theme = Theme::new(app.palette, &app.colours);
    let mut brush = Brush::new(frame.buffer_mut(), theme);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        brush.text(area, 0, "too small", theme.plain());
        return;
    }
    // A resize may be on its way to the state.
    let areas = clip(layout::areas(app), area);
    bars::title(app, areas.title, &mut brush);
    live::draw(app, areas.live, &mut brush);
    lab::draw_head(app, areas.lab, &mut brush);
    bars::filter(app, areas.filter, &mut brush);
    if app.help.is_some() {
        help::draw(app, below(areas, area), &mut brush);
    } else if let Some(page) = &app.page {
        page::draw(app, page, below(areas, area), &mut brush);
    } else {
        match app.screen {
            Screen::Connections => connections::draw(app, areas, &mut brush),
            Screen::Messages => {
                if !lab::draw_lesson(app, areas.list, &mut brush) {
                    messages::draw(app, areas.list, &mut brush);
                    messages::ended(app, areas, &mut brush);
                }
                message::draw(app, areas.pane, &mut brush);
            }
            Screen::Message => message::draw(app, areas.pane, &mut brush),
            Screen::Statistics => statistics::draw(app, areas.pane, &mut brush),
            Screen::Findings => findings::draw(app, areas, &mut brush),
            Screen::Transcript => transcript::draw(app, areas.pane, &mut brush),
        }
    }
    menu::draw(app, areas.list, &mut brush);
    let cursor = bars::prompt(app, areas.prompt, &mut brush);
    bars::keys(app, areas.keys, &mut brush);
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

/// What lies between the first lines and the last one.
fn below(areas: layout::Areas, area: Rect) -> Rect {
    let top = areas.title.bottom() + areas.live.height + areas.lab.height + areas.filter.height;
    Rect {
        y: top,
        height: areas.keys.y.saturating_sub(top),
        ..area
    }
}

fn clip(areas: layout::Areas, to: Rect) -> layout::Areas {
    layout::Areas {
        title: areas.title.intersection(to),
        live: areas.live.intersection(to),
        lab: areas.lab.intersection(to),
        filter: areas.filter.intersection(to),
        list: areas.list.intersection(to),
        ended: areas.ended.intersection(to),
        pane: areas.pane.intersection(to),
        prompt: areas.prompt.intersection(to),
        keys: areas.keys.intersection(to),
    }
}
