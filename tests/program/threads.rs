//! The same capture gives byte-identical output, whatever the number of threads.
use crate::common;

const COMMANDS: [&[&str]; 9] = [
    &["messages"],
    &["messages", "--json"],
    &["connections"],
    &["connections", "--json"],
    &["stats"],
    &["stats", "--json"],
    &["check"],
    &["check", "--json"],
    &["check", "--all"],
];

#[test]
fn threads_do_not_change_a_byte() {
    for capture in common::captures() {
        for command in COMMANDS {
            let run = |threads: &str| {
                common::wscope()
                    .args(command)
                    .args(["--threads", threads])
                    .arg(&capture)
                    .output()
                    .unwrap()
            };
            let one = run("1");
            for threads in ["2", "4"] {
                let more = run(threads);
                let what = format!("{command:?} of {} by {threads}", capture.display());
                assert!(one.stdout == more.stdout, "standard output of {what}");
                assert!(one.stderr == more.stderr, "standard error of {what}");
                assert_eq!(one.status, more.status, "{what}");
            }
        }
    }
}
