//! One direction's header blocks.
//!
//! Job: turn blocks into fields. Input: whole blocks in the order of the wire, over all streams.
//! Output: [`Field`]s, with parts that are not known where a block refers to what was inserted
//! before the capture; or a [`Fault`]. RFC 7541 §3, §6.

use super::field::{Fault, Field};
use super::primitive::Block;
use super::table::{Entry, Table};

/// Reads one direction's blocks.
#[derive(Debug, Clone)]
pub struct Decoder {
    table: Table,
    /// The largest table that the receiver has ever allowed.
    allowed: usize,
    /// Bytes of fields that are kept of a block.
    keep: usize,
}

impl Decoder {
    /// A decoder at the beginning of a connection. It keeps `table_bytes` of what is inserted, and
    /// `keep` bytes of each block's fields.
    pub fn new(table_bytes: usize, keep: usize) -> Self {
        Self {
            table: Table::new(table_bytes),
            allowed: 4096,
            keep,
        }
    }

    /// Blocks were missed.
    pub fn lose(&mut self) {
        self.table.lose();
    }

    /// Whether every block was seen, so that every reference can be answered.
    pub fn is_complete(&self) -> bool {
        self.table.is_complete()
    }

    /// The receiver allows a table of this size.
    pub fn allow(&mut self, size: u32) {
        self.allowed = self.allowed.max(size as usize);
    }

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        self.table.held()
    }

    /// Reads a block. After a fault the fields before it are there, and what was inserted is lost.
    /// Fields beyond the bytes that are kept are left out.
    pub fn block(&mut self, block: &[u8], fields: &mut Vec<Field>) -> Result<(), Fault> {
        let read = self.fields(Block(block), fields);
        if read.is_err() {
            self.lose();
        }
        read
    }

    fn fields(&mut self, mut block: Block<'_>, fields: &mut Vec<Field>) -> Result<(), Fault> {
        let mut kept = 0;
        while let Some(first) = block.peek() {
            if first & 0xe0 == 0x20 {
                // RFC 7541 §6.3: a change of the table's size.
                let size = block.integer(5)?;
                // RFC 7541 §6.3: not above what the receiver allows.
                if self.is_complete() && size > self.allowed {
                    return Err(Fault::Size(size));
                }
                self.table.resize(size);
                continue;
            }
            let field = self.field(first, &mut block)?;
            let part = |part: &Option<Vec<u8>>| part.as_ref().map_or(0, Vec::len);
            kept += part(&field.name) + part(&field.value) + size_of::<Field>();
            if kept <= self.keep {
                fields.push(field);
            }
        }
        Ok(())
    }

    fn field(&mut self, first: u8, block: &mut Block<'_>) -> Result<Field, Fault> {
        if first & 0x80 != 0 {
            // RFC 7541 §6.1: an entry of a table.
            return self.entry(block.integer(7)?);
        }
        // RFC 7541 §6.2: a literal, to be inserted or not, with a name of its own or an entry's.
        let inserts = first & 0x40 != 0;
        let name = match block.integer(if inserts { 6 } else { 4 })? {
            0 => Some(block.string()?),
            index => self.entry(index)?.name,
        };
        let value = Some(block.string()?);
        let field = Field { name, value };
        if inserts {
            self.table.insert(field.clone());
        }
        Ok(field)
    }

    fn entry(&self, index: usize) -> Result<Field, Fault> {
        match self.table.get(index) {
            Entry::Field(field) => Ok(field),
            Entry::Unknown => Ok(Field {
                name: None,
                value: None,
            }),
            // RFC 7541 §2.3.3: an index beyond both tables is an error.
            Entry::None => Err(Fault::Index(index)),
        }
    }
}

#[cfg(test)]
mod tests;
