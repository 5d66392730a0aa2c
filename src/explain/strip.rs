//! The window as a strip.
//!
//! Job: draw what the window holds: the messages in it with their borders, what fell out at the
//! left, what is copied from where, and what was just put out at the right. Input: a [`Window`].
//! Output: lines. RFC 1951 §2, RFC 7692 §7.1.1.

use std::fmt::Write;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::message::Source;
use super::window::Window;
use crate::event::in_holes;
use crate::page::escape::HOLE;
use crate::page::words::{count, grouped};
use crate::page::{Bytes, Kind, Line};

/// Columns of a row's name.
const NAME: usize = 10;

/// The lines, in `width` columns: a head, the strip with the numbers of the messages below, its
/// oldest bytes, those that are copied where there are any, and its newest.
pub fn strip(window: &Window, own: u64, width: usize) -> Vec<Line> {
    let strip = Strip {
        window,
        own,
        room: width.saturating_sub(NAME).max(8),
    };
    let mut lines = vec![strip.head()];
    lines.extend(strip.bar());
    lines.push(strip.oldest());
    lines.extend(strip.source());
    lines.push(strip.newest());
    lines
}

struct Strip<'a> {
    window: &'a Window,
    own: u64,
    room: usize,
}

impl Strip<'_> {
    fn head(&self) -> Line {
        let window = self.window;
        let size = grouped(window.size);
        let mut text = match window.known() {
            known if known == window.held() => {
                format!("window: {} of {size} bytes", grouped(known))
            }
            known => format!("window: {size} bytes, {} known", grouped(known)),
        };
        if window.fallen > 0 {
            let _ = write!(text, "; {} fell out", count(window.fallen, "byte"));
        }
        let made = window.made.end - window.made.start;
        if made > 0 {
            let _ = write!(text, "; {} put out", count(made, "byte"));
        }
        Line::of(Kind::Head, text)
    }

    fn label(name: &str) -> Line {
        Line::of(Kind::Label, format!(" {name}")).padded(NAME)
    }

    /// Each column some bytes, and below the numbers of messages where there is room.
    fn bar(&self) -> [Line; 2] {
        let window = self.window;
        // Of what is lost before anything else nobody sees more than a beginning.
        let lost = self.lost();
        let held = window.held() - lost;
        let left_out = lost - lost.min(held / 4 + 1);
        let (from, held) = (window.fallen + left_out, window.held() - left_out);
        let columns = (self.room as u64).min(held);
        let mut bar = Self::label("window");
        let mut begins = Vec::new();
        for column in 0..columns {
            let start = from + column * held / columns;
            let end = (from + (column + 1) * held / columns).max(start + 1);
            let (sign, kind) = self.column(&(start..end));
            bar.put(kind, sign.to_string());
            let first = window.source_of(start).filter(|_| column == 0);
            let mut borders = window.borders.iter().rev();
            let border = borders.find(|(at, _)| (start..end).contains(at));
            if let Some(source) = border.map(|(_, source)| *source).or(first) {
                begins.push((NAME + usize::try_from(column).unwrap_or(0), source));
            }
        }
        if held == 0 {
            bar.put(Kind::Note, "(empty)");
        }
        [bar, self.numbers(&begins)]
    }

    /// How many bytes are lost before the first that came from a message.
    fn lost(&self) -> u64 {
        let window = self.window;
        match window.borders.as_slice() {
            [(_, Source::Lost), rest @ ..] => {
                let end = rest.first().map(|(at, _)| *at);
                end.unwrap_or(window.bytes.len() as u64)
                    .saturating_sub(window.fallen)
            }
            _ => 0,
        }
    }

    /// The numbers of messages below where they begin; the last one in any case.
    fn numbers(&self, begins: &[(usize, Source)]) -> Line {
        let mut line = Line::new().padded(NAME);
        let Some(((place, last), others)) = begins.split_last() else {
            return line;
        };
        let last = self.number(*last);
        let place = (*place).min((NAME + self.room).saturating_sub(last.len()));
        for (at, source) in others {
            let number = self.number(*source);
            let free = line.width() == NAME || line.width() < *at;
            if free && at + number.len() < place {
                line = line.padded(*at).with(Kind::Note, number);
            }
        }
        line.padded(place).with(Kind::Note, last)
    }

    fn number(&self, source: Source) -> String {
        match source {
            Source::Message(number) if number == self.own => "this".to_owned(),
            Source::Message(number) => format!("#{number}"),
            Source::Earlier => "earlier".to_owned(),
            Source::Lost => "lost".to_owned(),
        }
    }

    /// What a column of the bar shows.
    fn column(&self, bytes: &Range<u64>) -> (char, Kind) {
        let window = self.window;
        let overlaps = |other: &Range<u64>| bytes.start < other.end && other.start < bytes.end;
        let unknown = bytes.clone().any(|at| in_holes(&window.holes, at));
        let sign = |known: char| if unknown { HOLE } else { known };
        if overlaps(&window.made) {
            return (sign('█'), Kind::Found);
        }
        if window.source.as_ref().is_some_and(overlaps) {
            return (sign('▓'), Kind::Found);
        }
        if unknown {
            return (HOLE, Kind::Hole);
        }
        let starts = window.borders.iter().skip(1);
        if starts.map(|(at, _)| at).any(|at| bytes.contains(at)) {
            return ('│', Kind::Plain);
        }
        match window.source_of(bytes.start) {
            Some(Source::Message(number)) if number == self.own => ('═', Kind::Plain),
            _ => ('─', Kind::Note),
        }
    }

    /// Bytes of the window from one on, with the borders between messages, in so many columns.
    fn text(&self, from: u64, to: u64, room: usize) -> Line {
        let window = self.window;
        let bytes = Bytes {
            bytes: &window.bytes,
            holes: &window.holes,
        };
        let mut line = Line::new();
        let (mut at, mut used) = (from, 0);
        let mut last = None;
        while at < to {
            let source = window.source_of(at);
            let border = last.is_some() && source != last;
            last = source;
            // A character does not go over a border.
            let next = window
                .borders
                .iter()
                .map(|(start, _)| *start)
                .find(|start| *start > at);
            let end = next.map_or(to, |next| next.min(to));
            let kind = if window.made.contains(&at) {
                Kind::Chosen
            } else if window
                .source
                .as_ref()
                .is_some_and(|range| range.contains(&at))
            {
                Kind::Source
            } else if at < window.fallen {
                Kind::Note
            } else {
                Kind::Plain
            };
            let (span, taken) = bytes.cell(at, end, kind);
            let wide = span.width() + usize::from(border);
            if used + wide > room {
                break;
            }
            used += wide;
            if border {
                line.put(Kind::Label, "│");
            }
            line.push(span);
            at += taken.max(1);
        }
        line
    }

    /// What fell out, and what will fall out next.
    fn oldest(&self) -> Line {
        let window = self.window;
        let room = self.room;
        let mut line = Self::label("oldest");
        if window.fallen > 0 {
            let first = window.fallen.saturating_sub(room as u64 / 3);
            line.append(self.text(first, window.fallen, room / 2));
            line.put(Kind::Label, "▕");
        }
        let left = (NAME + room).saturating_sub(line.width() + 1);
        let end = window.bytes.len() as u64;
        line.append(self.text(window.fallen, end, left));
        self.ended(line)
    }

    /// What is copied, with what is around it.
    fn source(&self) -> Option<Line> {
        let source = self.window.source.clone()?;
        let of = self.window.source_of(source.start);
        let name = of.map_or_else(String::new, |of| format!("from {}", self.number(of)));
        let before = self.room as u64 / 4;
        let first = source
            .start
            .saturating_sub(before)
            .max(self.window.fallen.min(source.start));
        let mut line = Self::label(&name);
        let lead = if first > self.window.fallen {
            "…"
        } else {
            ""
        };
        line.put(Kind::Note, lead);
        let left = (NAME + self.room).saturating_sub(line.width() + 1);
        line.append(self.text(first, self.window.bytes.len() as u64, left));
        Some(self.ended(line))
    }

    /// What was put out last.
    fn newest(&self) -> Line {
        let window = self.window;
        let end = window.bytes.len() as u64;
        let room = self.room.saturating_sub(1);
        // From the end back as much as fits.
        let mut first = end.saturating_sub(room as u64).max(window.fallen);
        let fits = |first: u64| {
            let line = self.text(first, end, usize::MAX);
            line.text().width() <= room
        };
        while first < end && !fits(first) {
            first += 1 + (end - first) / 16;
        }
        // It begins with a character.
        let follows = |at: u64| usize::try_from(at).ok().and_then(|at| window.bytes.get(at));
        while first < end && follows(first).is_some_and(|byte| byte >> 6 == 0b10) {
            first += 1;
        }
        let mut line = Self::label("newest");
        let lead = if first > window.fallen { "…" } else { "" };
        line.put(Kind::Note, lead);
        line.then(self.text(first, end, room))
    }

    /// The line with a sign that more follows, where it does.
    fn ended(&self, line: Line) -> Line {
        let full = line.width() + 2 > NAME + self.room;
        if full {
            line.with(Kind::Note, "…")
        } else {
            line
        }
    }
}
