//! The library, called as other programs would call it. `tests/cases` and `tests/program` run the
//! binary.

#[path = "../common/mod.rs"]
mod common;
mod wire;

mod causes;
mod findings;
mod layering;
mod networks;
mod properties;
mod recovery;
mod stock_zlib;
mod tcp;
mod units;
mod wire_cases;
