//! What is said on standard error.
//!
//! Job: one way to say things there, so that nothing of a file name, an expression or a library's
//! message acts on the terminal. Input: text, in which two spaces begin each further line, or what
//! clap refuses. Output: lines.

use std::io::{self, Write};

use crate::page::escape::safe;

/// Says a text after the program's name. Takes what `format!` takes.
macro_rules! say {
    ($($part:tt)*) => {
        $crate::cli::say::line(&format!($($part)*))
    };
}
pub(super) use say;

/// What begins a further line.
const FURTHER: &str = "\n  ";

/// Says a text after the program's name.
pub(super) fn line(text: &str) {
    // Where nobody listens, nothing can be said.
    let _ = writeln!(io::stderr(), "wscope: {}", shown(text, FURTHER));
}

/// Says what is wrong with the arguments, or what help was asked for. Returns the exit code.
pub fn refusal(error: &clap::Error) -> u8 {
    let mut words = std::env::args_os();
    let harmless = words.all(|word| word.to_str().is_some_and(|word| safe(word) == word));
    if harmless {
        // What clap cannot write, nothing can.
        let _ = error.print();
    } else {
        let text = shown(error.render().to_string().trim_end(), "\n");
        let _ = writeln!(io::stderr(), "{text}");
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

fn shown(text: &str, between: &str) -> String {
    let lines: Vec<String> = text.split(between).map(safe).collect();
    lines.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_ours_stay_and_all_else_is_escaped() {
        let text = "a\x1b[2J.pcap: is\nempty;\n  try \u{202e}this";
        assert_eq!(
            shown(text, FURTHER),
            "a\\x1b[2J.pcap: is\\nempty;\n  try \\u{202e}this"
        );
    }
}
