//! wscope: a passive analyser of WebSocket traffic, as a library.
//!
//! Packets go in, [events](event) come out; `docs/ARCHITECTURE.md` tells the way of the data.

pub mod base;
pub mod capture;
pub mod check;
pub mod cli;
pub mod deflate;
pub mod error;
pub mod event;
pub mod explain;
pub mod filter;
pub mod finding;
pub mod http;
pub mod http2;
pub mod lesson;
pub mod net;
pub mod output;
pub mod page;
pub mod parallel;
pub mod payload;
pub mod pipeline;
pub mod preamble;
pub mod replay;
pub mod scratch;
pub mod session;
pub mod stats;
pub mod stream;
pub mod subprotocol;
pub mod tcp;
pub mod tls;
#[cfg(feature = "tui")]
pub mod tui;
pub mod tune;
pub mod ws;
pub mod zstandard;
