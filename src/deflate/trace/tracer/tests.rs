#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "tests count in small numbers"
)]

use super::*;
use crate::deflate::trace::{Block, Body, Dynamic, Origin, Piece, SymbolKind, Trace};

mod against_zlib;
mod counting;
mod loss;
mod rfc;
mod support;
