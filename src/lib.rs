//! wscope: a passive analyser of WebSocket traffic, as a library.
//!
//! Packets go in, [events](event) come out; `docs/ARCHITECTURE.md` tells the way of the data.

pub mod base;
pub mod capture;
pub mod deflate;
pub mod finding;
pub mod http;
pub mod net;
