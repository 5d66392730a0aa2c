//! What one look at the first bytes tells.
//!
//! Job: the values that the readers of the protocols give, and a cursor over bytes of which more
//! may come. Input: bytes. Output: [`Read`].

use super::proxied::Proxied;

/// What the first bytes of one direction are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// The beginning of a preamble, perhaps.
    More,
    /// Something else.
    Other,
    /// A whole preamble.
    Whole {
        /// Its length.
        len: usize,
        /// The address that it names, where it names one.
        named: Option<Proxied>,
    },
}

/// Why a reader stops before the end of a preamble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    More,
    Other,
}

impl Read {
    /// What a reader found that took its bytes from `cursor`.
    pub(super) fn of(found: Result<Option<Proxied>, Stop>, cursor: &Cursor<'_>) -> Self {
        match found {
            Ok(named) => Self::Whole {
                len: cursor.at,
                named,
            },
            Err(Stop::More) => Self::More,
            Err(Stop::Other) => Self::Other,
        }
    }
}

/// A place in bytes of which more may come.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Before the first of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..len).ok_or(Stop::More)?;
        self.at += len;
        Ok(taken)
    }

    /// The next bytes, as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let taken = self.take(N)?;
        <[u8; N]>::try_from(taken).map_err(|_| Stop::More)
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Stop> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// The next bytes have to be `expected`.
    pub(super) fn expect(&mut self, expected: &[u8]) -> Result<(), Stop> {
        expected.iter().try_for_each(|&byte| {
            let same = self.byte()? == byte;
            same.then_some(()).ok_or(Stop::Other)
        })
    }

    /// The bytes before the next `end`, which is taken too; they are at most `most`.
    pub(super) fn until(&mut self, end: u8, most: usize) -> Result<&'a [u8], Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.iter().take(most + 1).position(|&byte| byte == end) {
            Some(len) => {
                self.at += len + 1;
                Ok(rest.get(..len).unwrap_or_default())
            }
            None if rest.len() > most => Err(Stop::Other),
            None => Err(Stop::More),
        }
    }

    /// The next byte, which stays.
    pub(super) fn peek(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::More)
    }
}

/// A rule that has to hold.
pub(super) fn rule(holds: bool) -> Result<(), Stop> {
    holds.then_some(()).ok_or(Stop::Other)
}

/// A name of a host: printable ASCII without spaces.
pub(super) fn host(bytes: &[u8]) -> Result<&str, Stop> {
    rule(!bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic))?;
    std::str::from_utf8(bytes).map_err(|_| Stop::Other)
}
