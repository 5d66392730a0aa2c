//! The next bytes of a line.
//!
//! Job: gather small pieces before they go out. Input: bytes. Output: the same in larger pieces.

use std::io::{self, Write};

/// Bytes that are gathered.
const SIZE: usize = 512;

/// Gathers what goes to an output. What is still here when it is dropped does not go out.
pub(super) struct Buffer<'a, W> {
    out: &'a mut W,
    bytes: [u8; SIZE],
    len: usize,
}

impl<'a, W: Write> Buffer<'a, W> {
    pub(super) fn new(out: &'a mut W) -> Self {
        Self {
            out,
            bytes: [0; SIZE],
            len: 0,
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// Those of the output.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.len + bytes.len();
        match self.bytes.get_mut(self.len..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.len = end;
                Ok(())
            }
            None => self.put_directly(bytes),
        }
    }

    #[cold]
    fn put_directly(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.flush()?;
        self.out.write_all(bytes)
    }

    /// A place for the next bytes. Those of them that are wanted are [added](Self::add).
    ///
    /// # Errors
    ///
    /// Those of the output.
    #[inline]
    pub(super) fn place<const N: usize>(&mut self) -> io::Result<Option<&mut [u8; N]>> {
        if self.len + N > SIZE {
            self.flush()?;
        }
        Ok(self
            .bytes
            .get_mut(self.len..)
            .and_then(<[u8]>::first_chunk_mut))
    }

    /// Adds so many bytes of the [place](Self::place) for them.
    #[inline]
    pub(super) fn add(&mut self, count: usize) {
        self.len = (self.len + count).min(SIZE);
    }
}

impl<W: Write> Write for Buffer<'_, W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let gathered = self.bytes.get(..self.len).unwrap_or_default();
        self.out.write_all(gathered)?;
        self.len = 0;
        Ok(())
    }
}
