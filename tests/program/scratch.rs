//! Rows that wait for others, where no scratch file can be written.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::process::Output;

use wscope_testkit::upgrade;

use crate::common::wscope;
use crate::script::Script;

/// A connection with so many messages of 12,000 bytes.
fn capture(messages: u32) -> tempfile::NamedTempFile {
    let mut talk = Script::default();
    let (request, answer) = upgrade("", "");
    talk.open(&request, &answer);
    for number in 0..messages {
        let text = format!("{:>12000}", number * 7 % messages);
        talk.server(0x81, text.as_bytes());
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&talk.capture()).unwrap();
    file
}

fn sorted(file: &tempfile::NamedTempFile, folder: Option<&str>) -> Output {
    let mut command = wscope();
    command.args(["messages", "--json", "--sort", "text:asc", "--threads", "1"]);
    if let Some(folder) = folder {
        command.env("TMPDIR", folder);
    }
    command.arg(file.path()).output().unwrap()
}

#[test]
fn rows_stay_in_memory_where_no_scratch_file_can_be_written() {
    // Little is kept in memory anyway.
    for (messages, is_said) in [(10, false), (800, true)] {
        let file = capture(messages);
        let usual = sorted(&file, None);
        let without = sorted(&file, Some("/nonexistent"));
        let rows = usual.stdout.split(|byte| *byte == b'\n').count() - 1;
        assert_eq!(rows, messages as usize);
        assert!(usual.stderr.is_empty() && usual.stdout == without.stdout);
        assert_eq!(without.status.code(), Some(0));
        let said = String::from_utf8(without.stderr).unwrap();
        assert_eq!(
            said.contains("No such file") && said.contains(", in /nonexistent"),
            is_said,
            "{said}"
        );
        assert_eq!(said.contains("rows stayed in memory"), is_said, "{said}");
    }
}
