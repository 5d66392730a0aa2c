//! Colours.
//!
//! Job: one place that knows them. Only the terminal's sixteen are used, and its own background,
//! so that dark and light themes both work; everything says the same without any.

use ratatui::style::{Color, Modifier, Style};

use crate::base::Peer;
use crate::finding::Severity;
use crate::page::{Colour, Kind, Role};
use crate::tui::app::Palette;
use crate::tui::colours::Colours;

/// The styles of a palette.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme<'a> {
    /// Which colours, where any are wanted.
    colours: Option<&'a Colours>,
}

#[expect(
    clippy::unused_self,
    reason = "who draws should not care which styles depend on the palette"
)]
impl<'a> Theme<'a> {
    pub(super) fn new(palette: Palette, colours: &'a Colours) -> Self {
        Self {
            colours: (palette == Palette::Sixteen).then_some(colours),
        }
    }

    fn role(self, role: Role) -> Style {
        match self.colours {
            Some(colours) => Style::new().fg(colour(colours.of(role))),
            None => Style::new(),
        }
    }

    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    pub(super) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(super) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Heads of tables and panes.
    pub(super) fn head(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// The selected line of the pane with the focus.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The selected line of another pane.
    pub(super) fn selected_elsewhere(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// Keys in the bottom line, names of screens.
    pub(super) fn key(self) -> Style {
        self.role(Role::Label).add_modifier(Modifier::BOLD)
    }

    /// What bars of a sender are made of where its colour does not tell it: nothing special, or
    /// this.
    pub(super) fn shade(self, peer: Peer) -> Option<&'static str> {
        (self.colours.is_none() && peer == Peer::Server).then_some("░")
    }

    pub(super) fn peer(self, peer: Peer) -> Style {
        self.kind(Kind::Peer(peer))
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        self.kind(Kind::Severity(severity))
    }

    pub(super) fn hole(self) -> Style {
        self.kind(Kind::Hole)
    }

    /// Bars of payloads, or of what is on the wire.
    pub(super) fn chart(self, role: Role) -> Style {
        self.role(role)
    }

    /// A match of the filter.
    pub(super) fn matching(self) -> Style {
        self.role(Role::Found).add_modifier(Modifier::BOLD)
    }

    pub(super) fn kind(self, kind: Kind) -> Style {
        let look = kind.look();
        let mut style = look.role.map_or_else(Style::new, |role| self.role(role));
        for (wanted, modifier) in [
            (look.bold, Modifier::BOLD),
            (look.dim, Modifier::DIM),
            (look.underlined, Modifier::UNDERLINED),
            (look.reversed, Modifier::REVERSED),
        ] {
            if wanted {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Black => Color::Black,
        Colour::Red => Color::Red,
        Colour::Green => Color::Green,
        Colour::Yellow => Color::Yellow,
        Colour::Blue => Color::Blue,
        Colour::Magenta => Color::Magenta,
        Colour::Cyan => Color::Cyan,
        Colour::White => Color::Gray,
        Colour::BrightBlack => Color::DarkGray,
        Colour::BrightRed => Color::LightRed,
        Colour::BrightGreen => Color::LightGreen,
        Colour::BrightYellow => Color::LightYellow,
        Colour::BrightBlue => Color::LightBlue,
        Colour::BrightMagenta => Color::LightMagenta,
        Colour::BrightCyan => Color::LightCyan,
        Colour::BrightWhite => Color::White,
    }
}
