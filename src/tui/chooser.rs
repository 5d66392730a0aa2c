//! Which interface?
//!
//! Job: let the user choose one line of a short list before anything is captured. Input: names
//! with what is said of them. Output: the chosen one.

use std::io;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;
use ratatui::widgets::{List, ListState, StatefulWidget, Widget};

use super::terminal::{Guard, screen};
use crate::page::escape;

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is returned.
    pub name: String,
    /// What is said of it.
    pub about: String,
}

/// Asks; `None` where the user leaves.
pub fn choose(title: &str, choices: &[Choice], first: usize) -> io::Result<Option<String>> {
    let _guard = Guard::new(true)?;
    let mut screen = screen()?;
    let mut at = first.min(choices.len().saturating_sub(1));
    loop {
        screen.draw(|frame| draw(title, choices, at, frame.area(), frame.buffer_mut()))?;
        if let Event::Key(key) = event::read()?
            && key.kind != KeyEventKind::Release
        {
            match press(key, at, choices.len()) {
                Press::To(to) => at = to,
                Press::Enter => return Ok(choices.get(at).map(|choice| choice.name.clone())),
                Press::Leave => return Ok(None),
            }
        }
    }
}

/// What a key means here.
#[derive(Debug, PartialEq, Eq)]
enum Press {
    To(usize),
    Enter,
    Leave,
}

fn press(key: KeyEvent, at: usize, count: usize) -> Press {
    let last = count.saturating_sub(1);
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Press::Leave,
        KeyCode::Char('q') | KeyCode::Esc => Press::Leave,
        KeyCode::Enter if count > 0 => Press::Enter,
        KeyCode::Up | KeyCode::Char('k') => Press::To(at.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => Press::To((at + 1).min(last)),
        KeyCode::Home | KeyCode::Char('g') => Press::To(0),
        KeyCode::End | KeyCode::Char('G') => Press::To(last),
        _ => Press::To(at),
    }
}

fn draw(title: &str, choices: &[Choice], at: usize, area: Rect, buffer: &mut Buffer) {
    let lines = [
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ];
    let [head, body, keys] = Layout::vertical(lines).areas(area);
    let names = choices.iter().map(|choice| choice.name.chars().count());
    let wide = names.max().unwrap_or(0).min(24);
    let lines = choices.iter().map(|choice| {
        let text = format!(" {:<wide$}  {} ", choice.name, choice.about);
        escape::fitted(&text, area.width.into())
    });
    let list = List::new(lines).highlight_style(Modifier::REVERSED);
    let mut state = ListState::default().with_selected(Some(at));
    Line::styled(title, Modifier::BOLD).render(head, buffer);
    StatefulWidget::render(list, body, buffer, &mut state);
    Line::styled("↑↓ choose  Enter listen  q leave", Modifier::DIM).render(keys, buffer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_scrolls_with_the_choice() {
        let choices: Vec<_> = (0..9)
            .map(|n| Choice {
                name: format!("eth{n}"),
                about: "up \u{1b}[2J".to_owned(),
            })
            .collect();
        for (width, height) in [(40, 6), (10, 3), (3, 2), (80, 24)] {
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            draw("which?", &choices, 7, area, &mut buffer);
            let text: String = buffer
                .content()
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect();
            assert_eq!(text.contains("eth7"), height > 2, "{width}x{height}");
            assert!(!text.contains('\u{1b}'));
        }
    }

    #[test]
    fn keys_move_and_choose() {
        let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
        assert_eq!(press(key(KeyCode::Down), 1, 3), Press::To(2));
        assert_eq!(press(key(KeyCode::Down), 2, 3), Press::To(2));
        assert_eq!(press(key(KeyCode::Up), 0, 3), Press::To(0));
        assert_eq!(press(key(KeyCode::Enter), 0, 3), Press::Enter);
        assert_eq!(press(key(KeyCode::Enter), 0, 0), Press::To(0));
        assert_eq!(press(key(KeyCode::Esc), 0, 3), Press::Leave);
    }
}
