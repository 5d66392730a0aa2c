//! Colours.
//!
//! Job: one place that knows them. Only the terminal's sixteen are used, and its own background,
//! so that dark and light themes both work; everything says the same without any.

use ratatui::style::{Color, Modifier, Style};

use crate::base::Peer;
use crate::finding::Severity;
use crate::page::Kind;
use crate::tui::app::Palette;

/// The styles of a palette.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    colours: bool,
}

#[expect(
    clippy::unused_self,
    reason = "who draws should not care which styles depend on the palette"
)]
impl Theme {
    pub(super) fn new(palette: Palette) -> Self {
        Self {
            colours: palette == Palette::Sixteen,
        }
    }

    fn colour(self, colour: Color) -> Style {
        if self.colours {
            Style::new().fg(colour)
        } else {
            Style::new()
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
        self.colour(Color::Blue).add_modifier(Modifier::BOLD)
    }

    /// What bars of a sender are made of where its colour does not tell it: nothing special, or
    /// this.
    pub(super) fn shade(self, peer: Peer) -> Option<&'static str> {
        (!self.colours && peer == Peer::Server).then_some("░")
    }

    pub(super) fn peer(self, peer: Peer) -> Style {
        match peer {
            Peer::Client => self.colour(Color::Cyan),
            Peer::Server => self.colour(Color::Magenta),
        }
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.colour(Color::Red).add_modifier(Modifier::BOLD),
            Severity::Warning => self.colour(Color::Red),
            Severity::Note => self.colour(Color::Blue),
        }
    }

    pub(super) fn hole(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::REVERSED)
    }

    /// A match of the filter.
    pub(super) fn matching(self) -> Style {
        self.colour(Color::Green).add_modifier(Modifier::BOLD)
    }

    pub(super) fn kind(self, kind: Kind) -> Style {
        match kind {
            Kind::Plain | Kind::Heat(_) => self.plain(),
            Kind::Head => self.bold(),
            Kind::Label => self.colour(Color::Blue),
            Kind::Literal | Kind::Text => self.colour(Color::Green),
            Kind::Copy | Kind::Number => self.colour(Color::Magenta),
            Kind::FarCopy | Kind::Word => self.colour(Color::Cyan),
            Kind::Mark | Kind::Note => self.dim(),
            Kind::Peer(peer) => self.peer(peer),
            Kind::Severity(severity) => self.severity(severity),
            Kind::Wrong => self.severity(Severity::Error),
            Kind::Hole => self.hole(),
            Kind::Chosen => self.selected(),
            Kind::Found | Kind::Source => self
                .colour(Color::Green)
                .add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        }
    }
}
