//! Sixteen colours as every terminal knows them.
//!
//! Job: say the basic colours in the words of ECMA-48 and its usual extension (30–37, 90–97, and
//! ten more for the background); crossterm says them as entries 0 to 15 of the 256-colour
//! palette, which terminals of sixteen colours may misread. Input: what is drawn. Output: the
//! same, on the terminal.

use std::io::{self, Write};

/// The longest sequence that is looked into; none that sets colours is as long.
const LONGEST: usize = 64;

/// Rewrites colours on their way to a terminal.
#[derive(Debug)]
pub(super) struct Sixteen<W> {
    to: W,
    /// A control sequence that has not ended.
    sequence: Vec<u8>,
    out: Vec<u8>,
}

impl<W: Write> Sixteen<W> {
    pub(super) fn new(to: W) -> Self {
        Self {
            to,
            sequence: Vec::new(),
            out: Vec::new(),
        }
    }

    fn take(&mut self, byte: u8) {
        if self.sequence.is_empty() && byte != 0x1b {
            self.out.push(byte);
            return;
        }
        self.sequence.push(byte);
        let ended = match self.sequence.len() {
            1 => false,
            2 => byte != b'[',
            len => (0x40..=0x7e).contains(&byte) || len >= LONGEST,
        };
        if ended {
            match basic(&self.sequence) {
                Some(said) => self.out.extend_from_slice(said.as_bytes()),
                None => self.out.extend_from_slice(&self.sequence),
            }
            self.sequence.clear();
        }
    }
}

/// A sequence that sets some of the sixteen colours, in the basic words.
fn basic(sequence: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(sequence).ok()?;
    let text = text.strip_prefix("\x1b[")?.strip_suffix('m')?;
    let mut said: Vec<String> = Vec::new();
    let mut words = text.split(';');
    while let Some(word) = words.next() {
        let base = match word {
            "38" => 30,
            "48" => 40,
            other => {
                said.push(other.to_owned());
                continue;
            }
        };
        if words.next() != Some("5") {
            return None;
        }
        said.push(match words.next()?.parse::<u8>().ok()? {
            dark @ 0..8 => (base + dark).to_string(),
            bright @ 8..16 => (base + 60 + bright - 8).to_string(),
            other => format!("{word};5;{other}"),
        });
    }
    Some(format!("\x1b[{}m", said.join(";")))
}

impl<W: Write> Write for Sixteen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.take(*byte);
        }
        let out = std::mem::take(&mut self.out);
        self.to.write_all(&out)?;
        self.out = out;
        self.out.clear();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pieces: &[&str]) -> String {
        let mut out = Sixteen::new(Vec::new());
        for piece in pieces {
            out.write_all(piece.as_bytes()).unwrap();
        }
        String::from_utf8(out.to).unwrap()
    }

    #[test]
    fn the_sixteen_are_said_in_basic_words() {
        assert_eq!(
            said(&["a\x1b[38;5;4mb\x1b[48;5;12mc"]),
            "a\x1b[34mb\x1b[104mc"
        );
        assert_eq!(said(&["\x1b[38;5", ";15m"]), "\x1b[97m");
        assert_eq!(said(&["\x1b[38;5;1;49m"]), "\x1b[31;49m");
        assert_eq!(said(&["\x1b[1;38;5;2;48;5;9m"]), "\x1b[1;32;101m");
    }

    #[test]
    fn everything_else_passes() {
        for text in [
            "\x1b[38;5;16m",
            "\x1b[38;2;1;2;3m",
            "\x1b[2J\x1b[1;1Hä\x1b[39m",
            "\x1b]52;c;AAAA\x07",
            "\x1b7\x1b8",
        ] {
            assert_eq!(said(&[text]), text);
        }
        let long = format!("\x1b[{}", "1;".repeat(100));
        assert_eq!(said(&[&long, "m"]), format!("{long}m"));
    }
}
