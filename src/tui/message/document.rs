//! A payload as lines of a certain width.
//!
//! Job: pretty-print, escape, dump and wrap, so that drawing only takes lines. Input: a
//! [`Content`]. Output: [`Line`]s of [`Piece`]s that are safe to draw.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::content::Content;
use super::json;
use super::line::{Kind, Line, Piece, piece};
use crate::event::Status;
use crate::output::escape;
use crate::ws::OpCode;

/// Bytes of a payload that are shown; `w` writes all.
const SHOWN: usize = 1 << 20;

/// How a payload is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// JSON indented, other text as it is, the rest in hex.
    #[default]
    Pretty,
    /// Text as it is.
    Text,
    /// Offsets, hexadecimal digits and characters.
    Hex,
}

impl Form {
    /// The next in turn.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Pretty => Self::Text,
            Self::Text => Self::Hex,
            Self::Hex => Self::Pretty,
        }
    }
}

/// A payload in a form, wrapped to a width.
pub fn lines(content: &Content, form: Form, width: usize) -> Vec<Line> {
    let shown = content.payload.get(..SHOWN).unwrap_or(&content.payload);
    let mut lines = Vec::new();
    if let Some(reason) = content.status.reason() {
        let note = format!("{}: {}", content.status.name(), reason.explanation());
        lines.extend(wrap(vec![piece(&note, Kind::Hole)], width));
    }
    let text = std::str::from_utf8(&content.payload)
        .ok()
        .filter(|_| content.text || content.holes.is_empty());
    let close = content.opcode == OpCode::Close && content.status == Status::Complete;
    match (form, text) {
        _ if content.payload.is_empty() => {
            if !matches!(content.status, Status::Lost(_)) {
                lines.push(vec![piece("(empty)", Kind::Note)]);
            }
        }
        (Form::Hex, _) => dump(content, shown, width, &mut lines),
        _ if close => self::close(content, width, &mut lines),
        (Form::Pretty, Some(text)) if content.text => match json::pretty(text) {
            Some(pretty) if content.payload.len() <= SHOWN => {
                for line in pretty {
                    let line = line.iter().map(|p| piece(&p.text, p.kind)).collect();
                    lines.extend(wrap(line, width));
                }
            }
            _ => plain(text, width, &mut lines),
        },
        (Form::Text, Some(text)) => plain(text, width, &mut lines),
        (_, _) if !content.holes.is_empty() => holed(content, width, &mut lines),
        (Form::Text, None) => plain(&String::from_utf8_lossy(shown), width, &mut lines),
        (Form::Pretty, _) => dump(content, shown, width, &mut lines),
    }
    if shown.len() < content.payload.len() {
        let note = format!(
            "(the first {} of {} bytes are shown; w writes all)",
            shown.len(),
            content.payload.len()
        );
        lines.extend(wrap(vec![piece(&note, Kind::Note)], width));
    }
    if content.truncated {
        let note = "(longer than wscope keeps: only the first part is known here)";
        lines.extend(wrap(vec![piece(note, Kind::Note)], width));
    }
    lines
}

/// Text with its own line breaks.
fn plain(text: &str, width: usize, lines: &mut Vec<Line>) {
    let mut left = SHOWN;
    for line in text.split('\n') {
        let mut end = line.len().min(left);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let shown = line.get(..end).unwrap_or_default();
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        lines.extend(wrap(
            vec![piece(&shown.replace('\t', "    "), Kind::Plain)],
            width,
        ));
        left = left.saturating_sub(line.len() + 1);
        if left == 0 {
            return;
        }
    }
}

/// RFC 6455 §5.5.1: a code of two bytes and a reason.
fn close(content: &Content, width: usize, lines: &mut Vec<Line>) {
    let body = crate::ws::CloseBody::parse(&content.payload);
    let code = body
        .code
        .map_or_else(|| "no code".to_owned(), |code| code.to_string());
    lines.push(vec![
        piece("code   ", Kind::Name),
        piece(&code, Kind::Number),
    ]);
    let reason = String::from_utf8_lossy(body.reason);
    let line = vec![piece("reason ", Kind::Name), piece(&reason, Kind::Text)];
    lines.extend(wrap(line, width));
}

/// Known bytes as text, and the holes between them.
fn holed(content: &Content, width: usize, lines: &mut Vec<Line>) {
    let mut line = Vec::new();
    let upto = |place: u64| {
        usize::try_from(place)
            .unwrap_or(usize::MAX)
            .min(content.payload.len())
    };
    let mut at = 0;
    let mut bytes = 0;
    for (start, len) in &content.holes {
        let known = content.payload.get(at..upto(*start)).unwrap_or_default();
        if !known.is_empty() {
            line.push(known_piece(known));
        }
        line.push(piece(&format!("[{len} bytes missing]"), Kind::Hole));
        at = upto(start.saturating_add(*len));
        bytes += known.len();
        if bytes > SHOWN || line.len() > 10_000 {
            break;
        }
    }
    let rest = content.payload.get(at..).unwrap_or_default();
    if !rest.is_empty() {
        line.push(known_piece(rest.get(..SHOWN).unwrap_or(rest)));
    }
    lines.extend(wrap(line, width));
}

fn known_piece(bytes: &[u8]) -> Piece {
    match std::str::from_utf8(bytes) {
        Ok(text) => piece(text, Kind::Plain),
        // A hole may cut a character; text with a scar is read better than hex.
        Err(error) if error.valid_up_to() * 10 >= bytes.len() * 9 => {
            piece(&String::from_utf8_lossy(bytes), Kind::Plain)
        }
        Err(_) => {
            let mut hex = String::new();
            escape::hex(bytes, usize::MAX, &mut hex);
            Piece::new(hex, Kind::Number)
        }
    }
}

/// Bytes in hex and as characters, eight or sixteen to a line.
fn dump(content: &Content, bytes: &[u8], width: usize, lines: &mut Vec<Line>) {
    let row = match width {
        77.. => 16,
        43..=76 => 8,
        _ => 4,
    };
    let hole = |at: usize| {
        let at = at as u64;
        let next = content.holes.partition_point(|(start, _)| *start <= at);
        next.checked_sub(1)
            .and_then(|i| content.holes.get(i))
            .is_some_and(|(start, len)| at < start.saturating_add(*len))
    };
    for (number, chunk) in bytes.chunks(row).enumerate() {
        let start = number * row;
        let mut line = vec![Piece::new(format!("{start:08x} "), Kind::Note)];
        let mut text = Vec::new();
        for column in 0..row {
            let gap = if column == 8 { "  " } else { " " };
            match chunk.get(column) {
                Some(_) if hole(start + column) => {
                    push(&mut line, &format!("{gap}??"), Kind::Hole);
                    push(&mut text, "?", Kind::Hole);
                }
                Some(byte) => {
                    push(&mut line, &format!("{gap}{byte:02x}"), Kind::Plain);
                    match byte {
                        b' '..=b'~' => push(&mut text, &char::from(*byte).to_string(), Kind::Text),
                        _ => push(&mut text, ".", Kind::Note),
                    }
                }
                None => push(&mut line, &format!("{gap}  "), Kind::Plain),
            }
        }
        push(&mut line, "  ", Kind::Plain);
        line.append(&mut text);
        lines.push(line);
    }
}

fn push(line: &mut Line, text: &str, kind: Kind) {
    match line.last_mut() {
        Some(last) if last.kind == kind => last.text.push_str(text),
        _ => line.push(Piece::new(text.to_owned(), kind)),
    }
}

/// Cuts a line where it reaches the width; what goes on is on lines of its own.
pub fn wrap(line: Line, width: usize) -> Vec<Line> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut current = Line::new();
    let mut used = 0;
    for Piece { text, kind } in line {
        let mut start = 0;
        for (at, character) in text.char_indices() {
            let columns = character.width().unwrap_or(0);
            if used + columns > width && used > 0 {
                let kept = text.get(start..at).unwrap_or_default();
                if !kept.is_empty() {
                    current.push(Piece::new(kept.to_owned(), kind));
                }
                lines.push(std::mem::take(&mut current));
                (start, used) = (at, 0);
            }
            used += columns;
        }
        let rest = text.get(start..).unwrap_or_default();
        if !rest.is_empty() {
            current.push(Piece::new(rest.to_owned(), kind));
        }
    }
    lines.push(current);
    lines
}

/// Prose in lines that end between words, where words allow it.
pub fn prose(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in piece(text, Kind::Plain).text.split(' ') {
        let Some(last) = lines.last_mut() else { break };
        if last.is_empty() {
            last.push_str(word);
        } else if last.width() + 1 + word.width() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| line.iter().map(|piece| piece.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn lines_wrap_at_the_width_with_wide_characters() {
        let line = vec![piece("ab日本", Kind::Plain), piece("語c", Kind::Text)];
        assert_eq!(joined(&wrap(line, 5)), ["ab日", "本語c"]);
        assert_eq!(joined(&wrap(vec![piece("", Kind::Plain)], 5)), [""]);
    }

    #[test]
    fn no_control_byte_is_drawn() {
        let piece = piece("a\u{1b}[31m\u{202e}", Kind::Plain);
        assert_eq!(piece.text, "a\\x1b[31m\\u{202e}");
    }
}
