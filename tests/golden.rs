//! The output for shipped captures, to the byte.
//!
//! `BLESS=1 cargo test --test golden` rewrites the files: read the difference before
//! committing it. What they show is held against the applications' logs by `applogs.rs`.

mod common;

/// Capture and command; the file is named after both.
const CASES: &[(&str, &str, &[&str])] = &[
    ("demo.pcapng", "messages", &["--json"]),
    ("demo.pcapng", "connections", &["--json"]),
    ("demo.pcapng", "stats", &["--json"]),
    ("demo.pcapng", "messages-text", &[]),
    ("demo.pcapng", "messages-hex", &["--hex", "-c", "2"]),
    (
        "demo.pcapng",
        "messages-delta",
        &["--time", "delta", "--from", "client"],
    ),
    ("demo.pcapng", "connections-text", &[]),
    ("demo.pcapng", "stats-text", &[]),
    ("demo-cut.pcapng", "messages", &["--json"]),
    ("refused.pcap", "connections", &["--json"]),
    ("ws-mixed.pcap", "messages", &["--json"]),
    ("ws-fragments.pcap", "messages", &["--json"]),
    ("ws-fragments-lost.pcap", "messages", &["--json"]),
    ("ws-takeover-lost.pcap", "messages", &["--json"]),
    ("ws-takeover-lost.pcap", "messages-text", &[]),
    ("ws-takeover-lost.pcap", "messages-hex", &["--hex"]),
    ("ws-fragments-lost.pcap", "messages-text", &[]),
    ("ws-takeover-late.pcap", "messages", &["--json"]),
    ("nginx-strip.pcap", "connections", &["--json"]),
    ("nginx-hidden-answer.pcap", "messages", &["--json"]),
    ("bfinal.pcap", "messages", &["--json"]),
    ("connect-proxy.pcap", "connections", &["--json"]),
    ("any-sll2.pcap", "stats", &["--json"]),
];

#[test]
fn output_is_as_it_was() {
    let mut wrong = Vec::new();
    for (capture, name, options) in CASES {
        let command = name.split('-').next().unwrap_or(name);
        let path = format!("captures/{capture}");
        let mut args = vec![command, path.as_str(), "--color", "never"];
        args.extend_from_slice(options);
        let output = common::output(&args).stdout;
        let stem = capture.split('.').next().unwrap_or(capture);
        let golden = common::root().join(format!("tests/golden/{stem}.{name}.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &output).unwrap();
        }
        let expected = std::fs::read(&golden).unwrap_or_default();
        if output != expected {
            wrong.push(format!("wscope {}", args.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "other output than before: {wrong:#?}");
}
