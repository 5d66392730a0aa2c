//! Where a head ends, found byte by byte.
//!
//! Job: look at each byte of a growing head once, so that a head that comes a byte per segment
//! costs no more than one that comes whole; and see early that bytes are no head.
//! Input: the bytes since the head's start, each time more of them. Output: [`Scanned`].
//! RFC 9112 §2.1, §2.2.

use super::head::{request_line, status_line, without_cr};
use super::probe::{Probe, probe};
use crate::base::Peer;

/// What a look at the bytes so far tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanned {
    /// No end yet, nothing wrong.
    More,
    /// A start line stands there and the empty line ends here.
    End(usize),
    /// These bytes are no head.
    NotAHead(Probe),
}

/// How far a head has been looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct HeadScan {
    /// Bytes looked at.
    looked: usize,
    /// Where the line that `looked` is in begins.
    line: usize,
    /// The start line was complete and right.
    started: bool,
    /// The first bytes were told to be HTTP.
    probed: bool,
    /// Where it ends, once that is known.
    end: Option<usize>,
}

impl HeadScan {
    /// Looks at what is new in `bytes`, which begin where the head begins.
    pub(super) fn advance(&mut self, peer: Peer, bytes: &[u8]) -> Scanned {
        if let Some(end) = self.end {
            return Scanned::End(end);
        }
        while let Some(fresh) = bytes.get(self.looked..)
            && !fresh.is_empty()
        {
            let end = fresh.iter().position(|&byte| byte == b'\n');
            if !self.started
                && let Some(verdict) = self.start_line(peer, bytes, end.unwrap_or(fresh.len()))
            {
                return Scanned::NotAHead(verdict);
            }
            let Some(end) = end.map(|end| self.looked + end) else {
                self.looked = bytes.len();
                break;
            };
            let line = without_cr(bytes.get(self.line..end).unwrap_or_default());
            let empty = line.is_empty();
            if !empty && !self.started && !self.probed {
                // Too few bytes to tell, and one that ends lines is among them: TLS has such.
                return Scanned::More;
            }
            self.looked = end + 1;
            self.line = end + 1;
            if empty && self.started {
                self.end = Some(end + 1);
                return Scanned::End(end + 1);
            }
            self.started |= !empty;
        }
        Scanned::More
    }

    /// Looks at the first line, of which `fresh` bytes (without the LF) are new.
    fn start_line(&mut self, peer: Peer, bytes: &[u8], fresh: usize) -> Option<Probe> {
        let line = bytes.get(self.line..).unwrap_or_default();
        if !self.probed {
            match probe(peer, line) {
                Probe::Undecided => return None,
                Probe::Http => self.probed = true,
                other => return Some(other),
            }
        }
        let end = self.looked + fresh;
        let new = bytes.get(self.looked..end).unwrap_or_default();
        // A start line is text: one control byte tells a binary protocol without waiting for more.
        let is_control = |&byte: &u8| byte < b' ' && byte != b'\r' && byte != b'\t';
        if new.iter().any(is_control) {
            return Some(Probe::Other);
        }
        let complete = bytes.len() > end;
        if !complete || without_cr(bytes.get(self.line..end).unwrap_or_default()).is_empty() {
            return None;
        }
        let right = match peer {
            Peer::Client => request_line(line).is_ok(),
            Peer::Server => status_line(line).is_ok(),
        };
        (!right).then_some(Probe::Other)
    }
}
