use super::*;
use crate::deflate::trace::{Block, Body, Dynamic, Piece, SymbolKind, Trace};

mod against_zlib;
mod loss;
mod rfc;
mod support;
