//! What is held for each golden file, scenario and capture, as a test of its own name.
//!
//! `cargo test --test cases golden` runs some, `BLESS=1` before it rewrites what they expect: read
//! the difference before committing it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod account;
mod applogs;
mod check;
#[path = "../common/mod.rs"]
mod common;
mod golden;
#[path = "../common/tcp.rs"]
mod harness;
mod http2;
mod json;
mod scenarios;
#[path = "../common/shapes.rs"]
mod shapes;
mod situations;
mod units;
mod waypoints;

use libtest_mimic::{Arguments, Trial};

/// A test that fails by panicking.
fn trial(name: String, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// Writes what came out to `path` where that is asked for; else it must be there already.
fn bless_or_hold(path: &std::path::Path, made: &[u8], what: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, made).unwrap();
        return;
    }
    let expected = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(made);
    assert!(made == expected, "{what} came out as\n{text}");
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = golden::trials();
    trials.extend(account::trials());
    trials.extend(scenarios::trials());
    trials.extend(applogs::trials());
    trials.extend(http2::trials());
    trials.extend(check::trials());
    trials.extend(json::trials());
    trials.extend(situations::trials());
    trials.extend(units::trials());
    trials.extend(waypoints::trials());
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list && conclusion.num_filtered_out == 0 && !conclusion.has_failed() {
        waypoints::hold_that_they_were_used();
    }
    conclusion.exit();
}
