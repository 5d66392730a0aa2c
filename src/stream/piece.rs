//! Part of a direction that was kept.
//!
//! Job: hold what was delivered until its reader is known. Input: deliveries. Output: [`Piece`]s,
//! which give the same deliveries again.

use super::delivery::{Delivery, Missing};
use crate::base::Stamp;

/// The packets that brought something: the first and the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamps {
    /// The packet with its first byte.
    pub first: Stamp,
    /// The packet that completed it.
    pub last: Stamp,
}

impl From<Stamp> for Stamps {
    /// One packet brought all of it.
    fn from(stamp: Stamp) -> Self {
        Self {
            first: stamp,
            last: stamp,
        }
    }
}

/// Bytes or a gap, with the packets that brought or showed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes.
    Chunk {
        /// The packets that brought them.
        at: Stamps,
        /// The bytes.
        bytes: Vec<u8>,
        /// A write of the sender begins here.
        begins: bool,
    },
    /// Bytes that are not known.
    Gap {
        /// The packets that showed it.
        at: Stamps,
        /// How many there are.
        missing: Missing,
    },
}

impl Piece {
    /// What was delivered, by the packets `at`. A conflict leaves nothing to keep.
    pub fn of(delivery: Delivery<'_>, at: Stamps) -> Option<Self> {
        match delivery {
            Delivery::Chunk { bytes, begins } => Some(Self::Chunk {
                at,
                bytes: bytes.to_vec(),
                begins,
            }),
            Delivery::Gap(missing) => Some(Self::Gap { at, missing }),
            Delivery::Conflict { .. } => None,
        }
    }

    /// The packets that brought or showed it.
    pub fn at(&self) -> Stamps {
        match self {
            Self::Chunk { at, .. } | Self::Gap { at, .. } => *at,
        }
    }

    /// Bytes, missing ones counted where their number is known.
    pub fn span(&self) -> u64 {
        match self {
            Self::Chunk { bytes, .. } => bytes.len() as u64,
            Self::Gap { missing, .. } => missing.exactly().unwrap_or(0),
        }
    }

    /// What was delivered.
    pub fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Chunk { bytes, begins, .. } => Delivery::Chunk {
                bytes,
                begins: *begins,
            },
            Self::Gap { missing, .. } => Delivery::Gap(*missing),
        }
    }
}
