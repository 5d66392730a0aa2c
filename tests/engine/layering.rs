//! Who may use whom: a file may use what comes before it in the order of the data, never what
//! comes after, and no two files use each other, directly or through others. And how long a file
//! may be.
//!
//! The files are read as text: paths that begin with `crate`, `super`, `self`, a module or an
//! imported name are followed through re-exports to the file that defines what they name. A
//! re-export alone is no use. Tests are left out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod graph;
mod source;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use graph::{Files, circles};

/// The layers in the order of the data; those on one line may use each other.
const ORDER: &[&[&str]] = &[
    &["base"],
    &["error"],
    &["finding"],
    &["zstandard"],
    &["scratch"],
    &["capture"],
    &["net"],
    &["stream"],
    &["tcp"],
    &["tls"],
    &["preamble"],
    &["http"],
    &["http2"],
    &["ws"],
    &["deflate"],
    &["payload"],
    &["subprotocol"],
    &["event"],
    &["page"],
    &["session"],
    &["pipeline"],
    &["parallel"],
    &["replay"],
    &["stats"],
    &["check"],
    &["tune"],
    &["filter"],
    &["output"],
    &["explain"],
    &["lesson"],
    &["tui"],
    &["cli"],
];

/// Sinks see events and nothing of the machinery that makes them.
const SINKS: &[&str] = &["stats", "tune", "filter", "output", "explain"];
const MACHINERY: &[&str] = &["session", "pipeline", "parallel", "replay", "capture"];

/// Lines of a file without its tests, at most.
const LONGEST: usize = 400;

fn rank(layer: &str) -> usize {
    let place = ORDER.iter().position(|row| row.contains(&layer));
    place.unwrap_or_else(|| panic!("{layer} has no place in the order"))
}

/// The folder or file of `src` that a file belongs to.
fn layer(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn uses() -> BTreeSet<(String, String)> {
    let files = Files::read(&src());
    let mut uses = files.uses();
    let outside = |file: &str| ["lib", "main"].contains(&layer(file));
    uses.retain(|(user, used)| !outside(user) && !outside(used));
    assert!(uses.len() > 1000, "only {} uses were found", uses.len());
    uses
}

#[test]
fn no_file_uses_what_comes_after_it() {
    let mut wrong = Vec::new();
    for (user, used) in uses() {
        let (mine, theirs) = (layer(&user), layer(&used));
        let machinery = SINKS.contains(&mine) && MACHINERY.contains(&theirs);
        if rank(theirs) > rank(mine) || machinery {
            wrong.push(format!("{user} uses {used}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_use_each_other() {
    let circles = circles(&uses());
    let mut said = String::new();
    for circle in &circles {
        said.push('\n');
        for (user, used) in circle {
            let _ = writeln!(said, "  {user} uses {used}");
        }
    }
    assert!(circles.is_empty(), "{} circles:{said}", circles.len());
}

#[test]
fn no_file_is_longer_than_one_idea_needs() {
    let files = Files::read(&src());
    let names: Vec<_> = files.names().collect();
    assert!(names.len() > 500, "only {} files were found", names.len());
    let long = names.into_iter().filter(|name| {
        let text = fs::read_to_string(src().join(name)).unwrap();
        lines_without_tests(&text) > LONGEST
    });
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "over {LONGEST} lines: {long:?}");
}

/// The lines of a file up to the module with its tests.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    tests.unwrap_or(lines.len())
}

#[test]
fn lines_of_tests_do_not_count() {
    let file =
        "//! It.\n\n#[cfg(test)]\nuse a::B;\n\n#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n";
    assert_eq!(lines_without_tests(file), 5);
    assert_eq!(
        lines_without_tests("fn f() {}\n\n#[cfg(test)]\nmod tests;\n"),
        4
    );
}

/// What the reader of source must see, and what it must not.
#[test]
fn uses_are_found_as_the_compiler_finds_them() {
    let files = Files::of(&[
        ("lib.rs", "pub mod a; pub mod b; mod c;"),
        (
            "a/mod.rs",
            "mod x; mod y; pub use x::{X, Other as Renamed}; pub use y::Y; pub struct Own; \
             fn f() { let _: Y; }",
        ),
        (
            "a/x.rs",
            "use super::{Own, y::{self, Y}}; pub struct X; pub struct Other;",
        ),
        (
            "a/y.rs",
            "pub struct Y; #[cfg(test)] mod t { use super::super::Own; } #[cfg(test)] mod u;",
        ),
        ("a/y/u.rs", "use crate::c;"),
        (
            "b.rs",
            "// use crate::c::C;\n\
             use crate::a; const S: &str = \"crate::c\"; fn f(_: a::Renamed, _: &'a u8, _: '\"') {}",
        ),
        (
            "c.rs",
            "pub mod inner { pub fn f() -> super::super::b::B { crate::a::Own } }",
        ),
    ]);
    let uses = files.uses();
    let uses: Vec<_> = uses.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let expected = [
        ("a/mod.rs", "a/y.rs"),
        ("a/x.rs", "a/mod.rs"),
        ("a/x.rs", "a/y.rs"),
        ("b.rs", "a/mod.rs"),
        ("b.rs", "a/x.rs"),
        ("c.rs", "a/mod.rs"),
        ("c.rs", "b.rs"),
    ];
    assert_eq!(uses, expected);
}

#[test]
fn circles_are_found_through_others() {
    let pair = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
    let uses = [
        ("a", "b"),
        ("b", "c"),
        ("c", "a"),
        ("c", "d"),
        ("d", "e"),
        ("e", "d"),
        ("f", "a"),
    ];
    let found = circles(&uses.map(pair).into());
    let expected = [
        [("a", "b"), ("b", "c"), ("c", "a")].map(pair).to_vec(),
        [("d", "e"), ("e", "d")].map(pair).to_vec(),
    ];
    assert_eq!(found, expected);
}
