//! What the TCP layer hands on.
//!
//! Job: the one type between reassembly and what reads the bytes. Input and output: none.

/// What comes out of a direction, in the order of its sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// Bytes as the peer sent them.
    Chunk(&'a [u8]),
    /// This many bytes were sent and are not in the capture.
    Gap(u64),
    /// A second copy of bytes differed from the first, which was used; `at` counts from the
    /// beginning of the direction.
    Conflict {
        /// Stream offset of the first byte that differs.
        at: u64,
        /// How many bytes differ.
        bytes: u64,
    },
}
