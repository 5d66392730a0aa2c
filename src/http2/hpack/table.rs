//! The tables that header blocks refer to.
//!
//! Job: keep what was inserted, newest first, and know what is not known. Input: insertions and sizes.
//! Output: entries by their index. RFC 7541 §2.3, §4, appendix A.
//!
//! An index counts from the newest insertion. So a table of which only the end was seen answers
//! every reference to what was seen, and knows of every other that it cannot be answered.

use std::collections::VecDeque;

use super::field::Field;

/// RFC 7541 §4.1: what an entry counts beside its bytes.
const OVERHEAD: usize = 32;

/// RFC 9113 §6.5.2: the size at the beginning of a connection.
const INITIAL: usize = 4096;

/// RFC 7541 appendix A.
const STATIC: [(&[u8], &[u8]); 61] = [
    (b":authority", b""),
    (b":method", b"GET"),
    (b":method", b"POST"),
    (b":path", b"/"),
    (b":path", b"/index.html"),
    (b":scheme", b"http"),
    (b":scheme", b"https"),
    (b":status", b"200"),
    (b":status", b"204"),
    (b":status", b"206"),
    (b":status", b"304"),
    (b":status", b"400"),
    (b":status", b"404"),
    (b":status", b"500"),
    (b"accept-charset", b""),
    (b"accept-encoding", b"gzip, deflate"),
    (b"accept-language", b""),
    (b"accept-ranges", b""),
    (b"accept", b""),
    (b"access-control-allow-origin", b""),
    (b"age", b""),
    (b"allow", b""),
    (b"authorization", b""),
    (b"cache-control", b""),
    (b"content-disposition", b""),
    (b"content-encoding", b""),
    (b"content-language", b""),
    (b"content-length", b""),
    (b"content-location", b""),
    (b"content-range", b""),
    (b"content-type", b""),
    (b"cookie", b""),
    (b"date", b""),
    (b"etag", b""),
    (b"expect", b""),
    (b"expires", b""),
    (b"from", b""),
    (b"host", b""),
    (b"if-match", b""),
    (b"if-modified-since", b""),
    (b"if-none-match", b""),
    (b"if-range", b""),
    (b"if-unmodified-since", b""),
    (b"last-modified", b""),
    (b"link", b""),
    (b"location", b""),
    (b"max-forwards", b""),
    (b"proxy-authenticate", b""),
    (b"proxy-authorization", b""),
    (b"range", b""),
    (b"referer", b""),
    (b"refresh", b""),
    (b"retry-after", b""),
    (b"server", b""),
    (b"set-cookie", b""),
    (b"strict-transport-security", b""),
    (b"transfer-encoding", b""),
    (b"user-agent", b""),
    (b"vary", b""),
    (b"via", b""),
    (b"www-authenticate", b""),
];

/// What a reference leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// An entry, perhaps with parts that are not known.
    Field(Field),
    /// It was inserted before the table was seen.
    Unknown,
    /// Nothing: the reference is wrong.
    None,
}

/// The entries that one sender has inserted.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The newest first.
    entries: VecDeque<Field>,
    /// What they count together, as far as it is known.
    size: usize,
    /// The size that holds, where it is known.
    most: Option<usize>,
    /// Bytes that are kept in any case.
    bound: usize,
    /// Every insertion was seen, so that nothing lies after the last entry.
    complete: bool,
}

impl Table {
    /// The table at the beginning of a connection, of which `bound` bytes are kept.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            size: 0,
            most: Some(INITIAL),
            bound,
            complete: true,
        }
    }

    /// Insertions or changes of size were missed. How many there were nobody knows, so that none of the
    /// entries has an index any more.
    pub(super) fn lose(&mut self) {
        self.entries.clear();
        self.size = 0;
        self.most = None;
        self.complete = false;
    }

    /// Whether every insertion was seen.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The entry of an index, which counts from 1.
    pub(super) fn get(&self, index: usize) -> Entry {
        let Some(index) = index.checked_sub(1) else {
            // RFC 7541 §6.1: the index 0 is an error.
            return Entry::None;
        };
        if let Some((name, value)) = STATIC.get(index) {
            return Entry::Field(Field {
                name: Some(name.to_vec()),
                value: Some(value.to_vec()),
            });
        }
        match self.entries.get(index - STATIC.len()) {
            Some(field) => Entry::Field(field.clone()),
            None if self.complete => Entry::None,
            None => Entry::Unknown,
        }
    }

    /// Inserts an entry. What is not known of it counts nothing.
    pub(super) fn insert(&mut self, field: Field) {
        let size = size(&field);
        if self.most.is_some_and(|most| size > most) {
            // RFC 7541 §4.4: what is larger than the table empties it, and is not inserted.
            self.entries.clear();
            self.size = 0;
            return;
        }
        self.entries.push_front(field);
        self.size += size;
        self.evict();
    }

    /// The sender changes the table's size.
    pub(super) fn resize(&mut self, most: usize) {
        self.most = Some(most);
        self.evict();
    }

    fn evict(&mut self) {
        // RFC 7541 §4.3, §4.4: the oldest entries go until the rest fits.
        while self.most.is_some_and(|most| self.size > most) {
            self.forget_oldest();
        }
        while self.size > self.bound {
            self.forget_oldest();
            self.complete = false;
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.entries.pop_back() {
            self.size -= size(&oldest);
        } else {
            self.size = 0;
        }
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        self.size + self.entries.len() * size_of::<Field>()
    }
}

fn size(field: &Field) -> usize {
    let part = |part: &Option<Vec<u8>>| part.as_ref().map_or(0, Vec::len);
    part(&field.name) + part(&field.value) + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Field {
        Field {
            name: Some(name.into()),
            value: Some(value.into()),
        }
    }

    #[test]
    fn a_table_seen_from_its_beginning_has_nothing_behind_it() {
        let mut table = Table::new(1 << 16);
        assert_eq!(table.get(0), Entry::None);
        assert_eq!(table.get(8), Entry::Field(field(":status", "200")));
        assert_eq!(table.get(62), Entry::None);
        table.insert(field("a", "1"));
        table.insert(field("b", "2"));
        assert_eq!(table.get(62), Entry::Field(field("b", "2")));
        assert_eq!(table.get(63), Entry::Field(field("a", "1")));
        table.resize(40);
        assert_eq!(table.get(63), Entry::None);
    }

    #[test]
    fn a_table_that_was_lost_knows_what_it_does_not_know() {
        let mut table = Table::new(1 << 16);
        table.insert(field("a", "1"));
        table.lose();
        assert_eq!(table.get(62), Entry::Unknown);
        table.insert(field("b", "2"));
        assert_eq!(table.get(62), Entry::Field(field("b", "2")));
        assert_eq!(table.get(63), Entry::Unknown);
    }

    #[test]
    fn what_is_forgotten_to_save_memory_is_unknown_and_not_wrong() {
        let mut table = Table::new(100);
        table.resize(1 << 20);
        for value in ["1", "2", "3"] {
            table.insert(field("a", value));
        }
        assert_eq!(table.get(63), Entry::Field(field("a", "2")));
        assert_eq!(table.get(64), Entry::Unknown);
    }
}
