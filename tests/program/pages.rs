//! Pages of docs/ whose commands print what is there.
//!
//! `BLESS=1 cargo test --test program pages` writes what they print: read the difference.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;
use std::path::Path;
use std::process::Command;

/// What a command of a shell prints, with this build's `wscope` in its path.
fn printed(command: &str) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_wscope")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .current_dir(common::root())
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{command}: {output:?}");
    assert!(!output.stdout.is_empty(), "{command} prints nothing");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_commands_of_myths_print_what_the_page_shows() {
    hold("myths.md", 9);
}

#[cfg(feature = "tls")]
#[test]
fn the_commands_of_reading_wss_print_what_the_page_shows() {
    hold("wss.md", 5);
}

#[cfg(feature = "tls")]
#[test]
fn the_commands_of_http2_print_what_the_page_shows() {
    hold("http2.md", 6);
}

/// Runs the commands of a page, of which there are so many at least.
fn hold(name: &str, least: usize) {
    let path = common::root().join("docs").join(name);
    let page = std::fs::read_to_string(&path).unwrap();
    let (mut made, mut shown, mut commands) = (String::new(), false, 0);
    for line in page.lines() {
        match line.strip_prefix("$ ") {
            Some(command) if shown => {
                commands += 1;
                made.extend([line, "\n", &printed(command)]);
            }
            _ if line.starts_with("```") => {
                shown = line == "```console";
                made.extend([line, "\n"]);
            }
            // What the command before printed.
            _ if shown => {}
            _ => made.extend([line, "\n"]),
        }
    }
    assert!(commands >= least);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, made).unwrap();
    } else {
        assert_eq!(page, made);
    }
}
