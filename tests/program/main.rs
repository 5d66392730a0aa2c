//! The binary from outside, as a user, a script or an operator runs it.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/shapes.rs"]
mod shapes;
#[cfg(feature = "live")]
mod talk;

mod ask;
mod check;
mod cli;
mod escaping;
mod explain;
mod lab;
mod live;
mod pages;
mod scratch;
mod script;
mod secrets;
mod threads;
mod tune;
