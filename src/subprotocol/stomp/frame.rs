//! One STOMP frame as it stood on the wire.
//!
//! Job: cut a head into its command and header lines, undo escapes, and know the commands. Input:
//! bytes of a head. Output: a [`Frame`] without its body. STOMP 1.2, "STOMP Frames", "Value
//! Encoding", "Repeated Header Entries", "Augmented BNF".

use crate::base::Peer;
use crate::subprotocol::unit::Part;

/// The protocol's name in the registry.
pub(super) const NAME: &str = "stomp";

/// A frame, whose headers still have their escapes.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub(super) command: String,
    pub(super) headers: Vec<(String, String)>,
    /// Where it stands, from the first byte of the command to the NUL.
    pub(super) parts: Vec<Part>,
    /// The first bytes of its body.
    pub(super) body: Vec<u8>,
    /// Bytes of its body.
    pub(super) body_bytes: u64,
    /// Rules that its form breaks.
    pub(super) faults: Vec<Fault>,
    /// Some of its bytes are not known.
    pub(super) partial: bool,
}

/// A rule that a frame's form breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// A header line has no colon.
    NoColon,
    /// The head ends in a NUL instead of an empty line.
    NoEmptyLine,
    /// No NUL stands after so many bytes of body, as `content-length` has them.
    LengthWrong(u64),
    /// `content-length` is no number.
    LengthInvalid,
    /// The next frame begins and no NUL ended this one.
    NulMissing,
}

/// The protocol's version, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// CONNECTED has not come yet.
    Open,
    /// CONNECTED went by before the capture.
    Unseen,
    V10,
    V11,
    V12,
}

/// What a client sends.
const OF_CLIENT: [&str; 11] = [
    "CONNECT",
    "STOMP",
    "SEND",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "ACK",
    "NACK",
    "BEGIN",
    "COMMIT",
    "ABORT",
    "DISCONNECT",
];

/// What a server sends.
const OF_SERVER: [&str; 4] = ["CONNECTED", "MESSAGE", "RECEIPT", "ERROR"];

/// Whether `from` may send a command.
pub(super) fn is_command(from: Peer, command: &str) -> bool {
    match from {
        Peer::Client => OF_CLIENT.contains(&command),
        Peer::Server => OF_SERVER.contains(&command),
    }
}

/// Where a head ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadEnd {
    /// After so many bytes, empty line included.
    Line(usize),
    /// A NUL comes instead of an empty line, after so many bytes with it.
    Nul(usize),
}

/// The end of the head that `bytes` begin with.
pub(super) fn head_end(bytes: &[u8]) -> Option<HeadEnd> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let next = rest.iter().position(|byte| matches!(byte, b'\n' | 0))?;
        at += next + 1;
        if rest.get(next) == Some(&0) {
            return Some(HeadEnd::Nul(at));
        }
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(HeadEnd::Line(at + 1)),
            // STOMP 1.2, "Augmented BNF": EOL = [CR] LF.
            [b'\r', b'\n', ..] => return Some(HeadEnd::Line(at + 2)),
            _ => {}
        }
    }
}

impl Frame {
    /// From a head: command line, header lines, and perhaps the empty line.
    pub(super) fn of_head(head: &[u8]) -> Self {
        let mut lines = head.split(|byte| *byte == b'\n').map(without_return);
        let command = lines.next().unwrap_or_default();
        let mut frame = Self {
            command: String::from_utf8_lossy(command).into_owned(),
            ..Self::default()
        };
        for line in lines {
            let line = line.strip_suffix(&[0]).unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            // STOMP 1.2, "STOMP Frames": name and value have a colon between them.
            let colon = line.iter().position(|byte| *byte == b':');
            let (name, value) = if let Some(colon) = colon {
                (line.get(..colon), line.get(colon + 1..))
            } else {
                frame.faults.push(Fault::NoColon);
                (Some(line), None)
            };
            let text = |bytes: Option<&[u8]>| {
                String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
            };
            frame.headers.push((text(name), text(value)));
        }
        frame
    }

    /// The value of a header, as it stood on the wire. STOMP 1.2, "Repeated Header Entries": the
    /// first one counts.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The length that it announces for its body.
    pub(super) fn content_length(&mut self) -> Option<u64> {
        let length = self.header("content-length")?.trim().parse();
        if length.is_err() {
            self.faults.push(Fault::LengthInvalid);
        }
        length.ok()
    }

    /// Undoes the escapes of its headers. True where one is not defined.
    pub(super) fn unescape(&mut self, version: Version) -> bool {
        // STOMP 1.2, "Value Encoding": CONNECT and CONNECTED have none, so as to stay compatible
        // with 1.0.
        if matches!(self.command.as_str(), "CONNECT" | "STOMP" | "CONNECTED") {
            return false;
        }
        let mut undefined = false;
        for (name, value) in &mut self.headers {
            for text in [name, value] {
                if text.contains('\\')
                    && let Some(plain) = unescape(text, version, &mut undefined)
                {
                    *text = plain;
                }
            }
        }
        undefined
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What stands for what, by version; `None` where the version has no escapes.
fn unescape(text: &str, version: Version, undefined: &mut bool) -> Option<String> {
    let strict = match version {
        Version::Open | Version::V10 => return None,
        Version::Unseen => false,
        Version::V11 | Version::V12 => true,
    };
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => plain.push('\n'),
            Some('c') => plain.push(':'),
            Some('\\') => plain.push('\\'),
            // STOMP 1.1 does not have this one.
            Some('r') if version != Version::V11 => plain.push('\r'),
            other => {
                // STOMP 1.2, "Value Encoding": an undefined escape is an error.
                *undefined |= strict;
                plain.push('\\');
                plain.extend(other);
            }
        }
    }
    Some(plain)
}

/// Whether `bytes` look like the beginning of a frame that `from` sends: a command that it may
/// send, and after it lines that headers can be.
pub(super) fn begins_frame(from: Peer, bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().take(16).position(|byte| *byte == b'\n') else {
        return false;
    };
    let command = without_return(bytes.get(..end).unwrap_or_default());
    if !std::str::from_utf8(command).is_ok_and(|command| is_command(from, command)) {
        return false;
    }
    let (head, whole) = match head_end(bytes) {
        Some(HeadEnd::Line(end)) => (bytes.get(..end), true),
        Some(HeadEnd::Nul(_)) => return false,
        None => (Some(bytes), false),
    };
    let mut lines = head.unwrap_or_default().split(|byte| *byte == b'\n');
    lines.next();
    let mut lines = lines.map(without_return).peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if !line.is_empty() && !line.contains(&b':') && (whole || !last) {
            return false;
        }
    }
    true
}
