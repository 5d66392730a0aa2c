//! One line of a key log.
//!
//! Job: read a line as generously as can be done without taking one thing for another.
//! Input: a line without its end. Output: [`Parsed`]. RFC 9850 §2, and what older tools wrote.

use super::super::secret::Secret;
use crate::base::Peer;
use zeroize::Zeroize;

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) enum Label {
    /// `CLIENT_RANDOM`: the master secret of TLS 1.2 and before.
    Master,
    /// `RSA Session-ID:… Master-Key:…`: the same, found by the session's id.
    MasterOfSession,
    /// `CLIENT_EARLY_TRAFFIC_SECRET`: what the client sends before the server answers.
    Early,
    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`, `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    Handshake(Peer),
    /// `CLIENT_TRAFFIC_SECRET_0`, `SERVER_TRAFFIC_SECRET_0`; the number counts key updates.
    Traffic(Peer, u16),
    /// A label that says nothing about records: exporters, encrypted client hellos.
    Other,
}

impl Label {
    /// Whether `bytes` is a length that such a secret has.
    fn fits(self, bytes: usize) -> bool {
        match self {
            // RFC 5246 §8.1: the master secret is always 48 bytes long.
            Self::Master | Self::MasterOfSession => bytes == 48,
            // RFC 8446 §7.1: as long as the digest of the suite's hash.
            Self::Early | Self::Handshake(_) | Self::Traffic(..) => bytes == 32 || bytes == 48,
            Self::Other => true,
        }
    }

    /// Writes the line of a secret. RFC 9850 §2: label, client random, secret.
    pub(super) fn write(self, name: &[u8; 32], secret: &Secret, out: &mut Vec<u8>) {
        match self {
            Self::Master => out.extend(b"CLIENT_RANDOM "),
            Self::MasterOfSession => out.extend(b"RSA Session-ID:"),
            Self::Early => out.extend(b"CLIENT_EARLY_TRAFFIC_SECRET "),
            Self::Handshake(Peer::Client) => out.extend(b"CLIENT_HANDSHAKE_TRAFFIC_SECRET "),
            Self::Handshake(Peer::Server) => out.extend(b"SERVER_HANDSHAKE_TRAFFIC_SECRET "),
            Self::Traffic(peer, number) => {
                let sender: &[u8] = match peer {
                    Peer::Client => b"CLIENT",
                    Peer::Server => b"SERVER",
                };
                out.extend(sender);
                out.extend(b"_TRAFFIC_SECRET_");
                match number {
                    u16::MAX => out.push(b'N'),
                    number => out.extend(number.to_string().into_bytes()),
                }
                out.push(b' ');
            }
            Self::Other => return,
        }
        digits(name, out);
        let between: &[u8] = match self {
            Self::MasterOfSession => b" Master-Key:",
            _ => b" ",
        };
        out.extend(between);
        digits(secret.bytes(), out);
        out.push(b'\n');
    }

    fn of(word: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 12] = [
            (b"CLIENT_RANDOM", Self::Master),
            (b"CLIENT_EARLY_TRAFFIC_SECRET", Self::Early),
            (
                b"CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                Self::Handshake(Peer::Client),
            ),
            (
                b"SERVER_HANDSHAKE_TRAFFIC_SECRET",
                Self::Handshake(Peer::Server),
            ),
            (b"EXPORTER_SECRET", Self::Other),
            (b"EXPORTER_MASTER_SECRET", Self::Other),
            (b"EARLY_EXPORTER_SECRET", Self::Other),
            (b"EARLY_EXPORTER_MASTER_SECRET", Self::Other),
            (b"ECH_SECRET", Self::Other),
            (b"ECH_CONFIG", Self::Other),
            (b"PMS_CLIENT_RANDOM", Self::Other),
            (b"RSA", Self::MasterOfSession),
        ];
        known
            .into_iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, label)| label)
            .or_else(|| Self::numbered(word))
    }

    fn numbered(word: &[u8]) -> Option<Self> {
        let (peer, rest) = [
            (Peer::Client, b"CLIENT_TRAFFIC_SECRET_".as_slice()),
            (Peer::Server, b"SERVER_TRAFFIC_SECRET_"),
        ]
        .into_iter()
        .find_map(|(peer, begin)| {
            let (head, rest) = word.split_at_checked(begin.len())?;
            head.eq_ignore_ascii_case(begin).then_some((peer, rest))
        })?;
        let number = std::str::from_utf8(rest).ok()?;
        // OpenSSL writes the letter for each secret after a key update, whichever it is.
        let number = if number.eq_ignore_ascii_case("N") {
            u16::MAX
        } else {
            number.parse().ok()?
        };
        Some(Self::Traffic(peer, number))
    }
}

fn digits(bytes: &[u8], out: &mut Vec<u8>) {
    for half in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        out.extend(b"0123456789abcdef".get(usize::from(half)));
    }
}

/// What a line says.
pub(super) enum Parsed {
    /// A secret for the connection with this client random or session id, zeros at its end.
    Secret(Label, [u8; 32], Secret),
    /// A known label without a secret that helps, for this client random where it has one.
    Useless(Option<[u8; 32]>),
    /// Nothing, or a comment.
    Blank,
    /// A known label, and then something else than hexadecimal digits of the right number.
    Malformed,
    /// Not a line of a key log.
    Unknown,
}

/// Reads `line`. Words in front of the label, as programs put them there that log to one place,
/// do not matter, nor do zero bytes: with them a file in UTF-16 reads like one in ASCII.
pub(super) fn parse(line: &[u8]) -> Parsed {
    if line.contains(&0) {
        let mut narrow: Vec<u8> = line.iter().copied().filter(|&byte| byte != 0).collect();
        let parsed = parse_words(&narrow);
        narrow.zeroize();
        return parsed;
    }
    parse_words(line)
}

fn parse_words(line: &[u8]) -> Parsed {
    let mut words = line
        .split(|byte| byte.is_ascii_whitespace() || b":=,;\"'".contains(byte))
        .filter(|word| !word.is_empty());
    let Some(first) = words.next() else {
        return Parsed::Blank;
    };
    let first = first.trim_prefix_marks();
    if first.first() == Some(&b'#') {
        return Parsed::Blank;
    }
    let found = Label::of(first).or_else(|| words.find_map(Label::of));
    match found {
        None => Parsed::Unknown,
        Some(Label::MasterOfSession) => session(words),
        Some(label) => of_client_random(label, words),
    }
}

fn of_client_random<'a>(label: Label, mut words: impl Iterator<Item = &'a [u8]>) -> Parsed {
    let mut random = [0; 32];
    if words.next().and_then(|word| hex(word, &mut random)) != Some(32) {
        return Parsed::Malformed;
    }
    if label == Label::Other {
        return Parsed::Useless(Some(random));
    }
    match words.next().and_then(secret) {
        Some(secret) if label.fits(secret.len()) => Parsed::Secret(label, random, secret),
        _ => Parsed::Malformed,
    }
}

/// `RSA Session-ID:… Master-Key:…`, or `RSA` with an encrypted and a plain premaster secret.
fn session<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Parsed {
    let Some(next) = words.next() else {
        return Parsed::Malformed;
    };
    if !next.eq_ignore_ascii_case(b"Session-ID") {
        return Parsed::Useless(None);
    }
    let mut id = [0; 32];
    let known = words.next().and_then(|word| hex(word, &mut id));
    let key = words
        .next()
        .filter(|word| word.eq_ignore_ascii_case(b"Master-Key"))
        .and_then(|_| words.next())
        .and_then(secret);
    match (known, key) {
        (Some(_), Some(secret)) if Label::MasterOfSession.fits(secret.len()) => {
            Parsed::Secret(Label::MasterOfSession, id, secret)
        }
        _ => Parsed::Malformed,
    }
}

fn secret(word: &[u8]) -> Option<Secret> {
    let mut bytes = [0; Secret::MOST];
    let secret = hex(word, &mut bytes)
        .and_then(|len| bytes.get(..len))
        .and_then(Secret::new);
    bytes.zeroize();
    secret
}

/// Writes hexadecimal digits into `out` and returns how many bytes they were.
fn hex(word: &[u8], out: &mut [u8]) -> Option<usize> {
    let (pairs, rest) = word.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() > out.len() || pairs.is_empty() {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(pairs.len())
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

trait Marks {
    /// Without the marks that editors put at the beginning of a file.
    fn trim_prefix_marks(&self) -> &Self;
}

impl Marks for [u8] {
    fn trim_prefix_marks(&self) -> &Self {
        let at = self.iter().position(u8::is_ascii).unwrap_or(self.len());
        self.get(at..).unwrap_or_default()
    }
}
