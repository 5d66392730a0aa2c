//! The `wscope` binary.
fn main() {}
