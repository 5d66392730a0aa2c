//! Live capture from outside: real peers on the loopback interface, and pipes.
//!
//! What needs the right to capture is skipped with a line on standard error where that is missing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(unix)]

use crate::common;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

const SIGINT: i32 = 2;

/// Sends a signal by its name.
fn signal(name: &str, child: &Child) {
    let sent = std::process::Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// A capture on a pipe whose writer stays there.
fn piped(args: &[&str], bytes: &[u8]) -> (Child, std::process::ChildStdin) {
    let mut child = common::wscope()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(bytes).unwrap();
    (child, stdin)
}

#[test]
fn a_signal_ends_a_pipe_with_its_totals() {
    let bytes = std::fs::read(common::capture("large.pcap")).unwrap();
    let whole = common::output(&["stats", "captures/large.pcap"]);
    for name in ["INT", "TERM"] {
        // More than a pipe holds: once it is written, it is being read.
        let (child, stdin) = piped(&["stats", "-"], &bytes);
        signal(name, &child);
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(output.stdout, whole.stdout);
    }
}

/// The key log comes when half of the capture has gone by, its last line in two parts.
#[cfg(feature = "tls")]
#[test]
fn a_key_log_that_comes_late_opens_what_waited() {
    let bytes = std::fs::read(common::capture("wss-tls13.pcap")).unwrap();
    let keys = std::fs::read(common::capture("wss-tls13.keylog")).unwrap();
    let whole = [
        "messages",
        "--json",
        "--keylog",
        "captures/wss-tls13.keylog",
    ];
    let whole = common::output(&[&whole[..], &["captures/wss-tls13.pcap"]].concat());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.log");
    let args = [
        "messages",
        "--json",
        "--keylog",
        path.to_str().unwrap(),
        "-",
    ];
    // The handshake and all messages but the last ones: the hellos are read, and wait.
    let (first, rest) = bytes.split_at(bytes.len() * 3 / 4);
    let (mut child, mut stdin) = piped(&args, first);
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    std::io::BufRead::read_line(&mut stderr, &mut said).unwrap();
    assert!(said.contains("is looked for again"), "{said}");
    let (begin, end) = keys.split_at(keys.len() - 20);
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(begin).unwrap();
    stdin.write_all(&rest[..rest.len() / 2]).unwrap();
    file.write_all(end).unwrap();
    stdin.write_all(&rest[rest.len() / 2..]).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, whole.stdout);
}

#[test]
fn a_second_signal_ends_at_once() {
    // Nobody reads the output, so that the first signal alone would never end it.
    let bytes = std::fs::read(common::capture("large.pcap")).unwrap();
    let mut child = common::wscope()
        .args(["messages", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || {
        // It is cut off.
        let _ = stdin.write_all(&bytes);
    });
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    signal("INT", &child);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(child.try_wait().unwrap(), None);
    // Two that come at once are one.
    while child.try_wait().unwrap().is_none() {
        signal("INT", &child);
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(child.wait().unwrap().signal(), Some(SIGINT));
    writer.join().unwrap();
}

#[cfg(not(feature = "live"))]
#[test]
fn without_libpcap_it_says_so() {
    for args in [&["messages", "-i", "lo"][..], &["interfaces"]] {
        let output = common::output(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("built without live capture"), "{said}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[cfg(feature = "live")]
mod interface {
    use std::io::{BufRead, BufReader};
    use std::path::{Path, PathBuf};
    use std::process::{ChildStderr, ChildStdout, Command};
    use std::sync::LazyLock;

    use serde_json::Value;

    use super::*;
    use crate::shapes::Shapes;
    use crate::talk::Port;

    /// The loopback interface, if it may be listened on.
    static LOOPBACK: LazyLock<Option<String>> = LazyLock::new(|| {
        let list = common::json(&["interfaces", "--json"]);
        let mut shapes = Shapes::new();
        for one in &list {
            shapes.hold("interfaces", one);
        }
        let mut loopbacks = list.iter().filter(|one| one["loopback"] == true);
        let name = loopbacks.find_map(|one| one["name"].as_str())?.to_owned();
        let output = common::output(&["messages", "-i", &name, "--duration", "1ms"]);
        let said = String::from_utf8(output.stderr).unwrap();
        if said.contains("not permitted") {
            // Not through the macro, whose output the test harness keeps.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: live capture on {name} is not permitted here (run as root, or setcap)"
            );
            return None;
        }
        assert_eq!(output.status.code(), Some(1), "{said}");
        Some(name)
    });

    /// A capture that has begun.
    struct Capture {
        child: Child,
        stdout: BufReader<ChildStdout>,
        stderr: BufReader<ChildStderr>,
        command: String,
    }

    /// How a capture ended.
    struct Ended {
        objects: Vec<Value>,
        stdout: String,
        stderr: String,
        code: Option<i32>,
    }

    impl Capture {
        /// Starts it, and waits until packets are captured.
        fn start(interface: &str, args: &[&str]) -> Self {
            Self::start_as(common::wscope(), interface, args)
        }

        fn start_as(mut command: Command, interface: &str, args: &[&str]) -> Self {
            let mut child = command
                .args(args)
                .args(["-i", interface])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let stdout = BufReader::new(child.stdout.take().unwrap());
            let mut stderr = BufReader::new(child.stderr.take().unwrap());
            let mut line = String::new();
            stderr.read_line(&mut line).unwrap();
            assert!(line.contains("listening on"), "{line}");
            Self {
                child,
                stdout,
                stderr,
                command: (*args.first().unwrap()).to_owned(),
            }
        }

        fn line(&mut self) -> Value {
            let mut line = String::new();
            self.stdout.read_line(&mut line).unwrap();
            serde_json::from_str(&line).unwrap()
        }

        fn end(self, name: &str) -> Ended {
            signal(name, &self.child);
            self.wait()
        }

        fn wait(mut self) -> Ended {
            let (mut stdout, mut stderr) = (String::new(), String::new());
            self.stdout.read_to_string(&mut stdout).unwrap();
            self.stderr.read_to_string(&mut stderr).unwrap();
            let objects: Vec<Value> = stdout
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect();
            let mut shapes = Shapes::new();
            for object in &objects {
                shapes.hold(&self.command, object);
            }
            Ended {
                objects,
                stdout,
                stderr,
                code: self.child.wait().unwrap().code(),
            }
        }
    }

    fn texts(objects: &[Value]) -> Vec<(String, String)> {
        let text = |object: &Value| {
            let from = object["from"].as_str()?.to_owned();
            Some((from, object["text"].as_str()?.to_owned()))
        };
        let messages = objects.iter().filter(|one| one["opcode"] == "text");
        messages.filter_map(text).collect()
    }

    fn owned(said: &[(&str, String)]) -> Vec<(String, String)> {
        let pairs = said.iter();
        pairs
            .map(|(from, text)| ((*from).to_owned(), text.clone()))
            .collect()
    }

    fn path(folder: &Path, name: &str) -> String {
        folder.join(name).to_str().unwrap().to_owned()
    }

    /// The object that tells how the capture stood at its end.
    fn last(ended: &Ended) -> &Value {
        let last = ended.objects.last().unwrap();
        assert_eq!(last["type"], "capture", "{}", ended.stdout);
        last
    }

    #[test]
    fn every_message_is_shown_as_it_happens() {
        let Some(lo) = &*LOOPBACK else { return };
        for name in ["INT", "TERM"] {
            let port = Port::new();
            let mut capture = Capture::start(lo, &["messages", "--json", "-f", &port.filter()]);
            let mut talk = port.connect();
            assert_eq!(capture.line()["handshake"]["accept"], "valid");
            talk.chat(1);
            // These lines come while the connection is open and silent.
            let first = [capture.line(), capture.line()];
            assert_eq!(texts(&first), owned(&talk.said));
            talk.chat(50);
            let said = talk.close();
            let ended = capture.end(name);
            assert_eq!(texts(&ended.objects), owned(&said)[2..]);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            let last = last(&ended);
            assert_eq!(
                (&last["state"], &last["interface"]),
                (&"ended".into(), &lo.as_str().into())
            );
            let drops = &last["dropped"];
            assert_eq!((&drops["kernel"], &drops["wscope"]), (&0.into(), &0.into()));
            assert!(last["packets"].as_u64().unwrap() > 100);
            assert!(
                ended.stderr.contains("0 dropped by the kernel"),
                "{}",
                ended.stderr
            );
        }
    }

    /// Sends what its first argument says, then a text, and stays until its input ends.
    #[cfg(target_os = "linux")]
    const CLIENT: &str = "
import socket, sys
peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
peer.sendall(bytes.fromhex(sys.argv[2]))
peer.recv(65536)
peer.sendall(bytes.fromhex('8182000000006869'))
sys.stdin.read()
";

    /// A process as `connection` objects name it.
    #[cfg(target_os = "linux")]
    fn named(pid: u32) -> Value {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
        serde_json::json!({"pid": pid, "name": name.trim_end()})
    }

    #[cfg(target_os = "linux")]
    fn hex(bytes: &[u8]) -> String {
        let digits =
            |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16));
        bytes.iter().flat_map(digits).flatten().collect()
    }

    /// A client in a process of its own; the server is this one.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_processes_of_both_ends_are_named() {
        let Some(lo) = &*LOOPBACK else { return };
        if Command::new("python3").arg("--version").output().is_err() {
            let _ = writeln!(std::io::stderr(), "skipped: there is no python3");
            return;
        }
        let own = std::process::id();
        let filter = format!("process matches /^python/ and pid == {own}");
        for args in [
            &["messages", "--json"][..],
            &["messages", "--json", "-Y", &filter],
            &["connections", "--json", "-Y", &filter],
            &["connections", "--fields", "process,pid"],
        ] {
            let port = Port::new();
            let bpf = port.filter();
            let mut capture = Capture::start(lo, &[args, &["-f", &bpf]].concat());
            let request = hex(&Port::request());
            let mut client = Command::new("python3")
                .args(["-c", CLIENT, &port.number().to_string(), &request])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let mut server = port.answer();
            server.read_exact(&mut [0; 8]).unwrap();
            let (ours, theirs) = (named(own), named(client.id()));
            if args[0] == "messages" {
                let told = capture.line();
                assert_eq!(
                    (&told["client_process"], &told["server_process"]),
                    (&theirs, &ours)
                );
                assert_eq!(capture.line()["text"], "hi");
            } else {
                // It has been asked for by then.
                thread::sleep(Duration::from_millis(500));
            }
            drop(client.stdin.take());
            client.wait().unwrap();
            let ended = capture.end("INT");
            if args[1] == "--fields" {
                let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
                let expected = format!(
                    "{}, {}\t{}, {own}\n",
                    name(&theirs),
                    name(&ours),
                    client.id()
                );
                assert_eq!(ended.stdout, expected);
            } else if args[0] == "connections" {
                let told = &ended.objects[0];
                assert_eq!(
                    (&told["client_process"], &told["server_process"]),
                    (&theirs, &ours)
                );
            }
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        }
    }

    #[test]
    fn a_connection_that_was_open_before_is_recognised() {
        let Some(lo) = &*LOOPBACK else { return };
        let port = Port::new();
        let mut talk = port.connect();
        talk.chat(40);
        let capture = Capture::start(lo, &["messages", "--json", "-f", &port.filter()]);
        let before = talk.said.len();
        talk.chat(40);
        // What a window still holds from before is unknown; this is not in it.
        for from in wscope::base::Peer::BOTH {
            talk.say(from, "0123456789abcdefghijklmnopqrstuvwxyz");
        }
        let said = talk.close();
        let ended = capture.end("INT");
        let messages = ended.objects.iter().filter(|one| one["opcode"] == "text");
        assert!(messages.count() > 60, "{}", ended.stdout);
        let (shown, said) = (texts(&ended.objects), owned(&said[before..]));
        for text in &shown {
            assert!(said.contains(text), "{text:?}");
        }
        assert!(shown.ends_with(&said[said.len() - 2..]), "{}", ended.stdout);
        assert!(ended.stdout.contains("not-captured"));
        assert_eq!(ended.code, Some(0));
    }

    #[test]
    fn totals_come_at_the_end() {
        let Some(lo) = &*LOOPBACK else { return };
        for command in ["stats", "connections"] {
            let port = Port::new();
            let capture = Capture::start(lo, &[command, "--json", "-f", &port.filter()]);
            let mut talk = port.connect();
            talk.chat(10);
            talk.close();
            let ended = capture.end("INT");
            last(&ended);
            let first = &ended.objects[0];
            let messages = if command == "stats" {
                &first["both"]["messages"]["total"]
            } else {
                &first["totals"]["client"]["messages"]
            };
            let expected = if command == "stats" { 22 } else { 11 };
            assert_eq!(messages, &Value::from(expected), "{}", ended.stdout);
            assert_eq!(ended.code, Some(0));
        }
    }

    #[test]
    fn it_stops_by_itself() {
        let Some(lo) = &*LOOPBACK else { return };
        let port = Port::new();
        let filter = port.filter();
        let args = ["messages", "--json", "-f", &filter, "--duration", "300ms"];
        let ended = Capture::start(lo, &args).wait();
        assert_eq!(last(&ended)["packets"], 0);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);

        let args = ["messages", "--json", "-f", &filter, "--count", "7"];
        let capture = Capture::start(lo, &args);
        let mut talk = port.connect();
        talk.chat(10);
        let ended = capture.wait();
        assert_eq!(last(&ended)["packets"], 7);
    }

    #[test]
    fn what_is_written_reads_as_it_was_shown() {
        let Some(lo) = &*LOOPBACK else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = path(folder.path(), "x.pcapng");
        let port = Port::new();
        let filter = port.filter();
        let args = ["messages", "--json", "-f", &filter, "-w", &file];
        let mut capture = Capture::start(lo, &args);
        let mut talk = port.connect();
        talk.chat(5);
        // The file is a capture while it is written.
        for _ in 0..11 {
            capture.line();
        }
        assert_eq!(
            texts(&common::json(&["messages", "--json", &file])),
            owned(&talk.said)
        );
        talk.chat(30);
        let said = talk.close();
        let shown = capture.end("TERM");
        let read = common::output(&["messages", "--json", &file]);
        assert_eq!(read.status.code(), Some(0), "{read:?}");
        assert!(read.stderr.is_empty(), "{read:?}");
        let read = String::from_utf8(read.stdout).unwrap();
        let live: Vec<_> = shown
            .stdout
            .lines()
            .filter(|line| !line.contains("\"capture\""))
            .collect();
        assert!(live.len() > 60);
        assert_eq!(read.lines().skip(11).collect::<Vec<_>>(), live);
        assert_eq!(
            texts(&common::json(&["messages", "--json", &file])),
            owned(&said)
        );
        // Nothing is overwritten unless that is asked for.
        let again = common::output(&["messages", "-i", lo, "-w", &file, "--duration", "10ms"]);
        assert_eq!(again.status.code(), Some(2));
        assert!(
            String::from_utf8(again.stderr)
                .unwrap()
                .contains("--overwrite")
        );
        assert_eq!(
            common::json(&["messages", "--json", &file]).len(),
            read.lines().count()
        );
        let args = [
            "messages",
            "-w",
            &file,
            "--overwrite",
            "--duration",
            "10ms",
            "-f",
            "port 1",
        ];
        assert_eq!(Capture::start(lo, &args).wait().code, Some(1));
        assert!(common::json(&["messages", "--json", &file]).is_empty());
    }

    #[test]
    fn a_file_is_whole_when_nobody_reads_on() {
        let Some(lo) = &*LOOPBACK else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = path(folder.path(), "x.pcapng");
        let port = Port::new();
        let args = ["messages", "--json", "-f", &port.filter(), "-w", &file];
        let mut capture = Capture::start(lo, &args);
        let mut talk = port.connect();
        capture.line();
        drop(capture.stdout);
        while capture.child.try_wait().unwrap().is_none() {
            talk.chat(1);
        }
        assert_eq!(capture.child.wait().unwrap().code(), Some(0));
        let read = common::json(&["messages", "--json", &file]);
        assert!(read.len() > 2);
        // What was counted stands at the end.
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(bytes[bytes.len() - 88..][..4], [5, 0, 0, 0]);
    }

    #[test]
    fn a_ring_keeps_the_last_files() {
        let Some(lo) = &*LOOPBACK else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = path(folder.path(), "x.pcapng");
        let port = Port::new();
        let filter = port.filter();
        let ring = ["--rotate-size", "8K", "--ring", "3"];
        let args = [
            &["messages", "--json", "-f", &filter, "-w", &file][..],
            &ring,
        ]
        .concat();
        let capture = Capture::start(lo, &args);
        let mut talk = port.connect();
        talk.chat(200);
        let said = talk.close();
        let ended = capture.end("INT");
        assert_eq!(texts(&ended.objects), owned(&said));
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert_eq!(files.len(), 3, "{files:?}");
        for file in &files {
            assert!(file.metadata().unwrap().len() <= 8 << 10);
        }
        let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
        let read = common::json(&[&["messages", "--json"][..], &names].concat());
        // The end of what was said, as far as its window is kept.
        let close = read.iter().filter(|one| one["close_code"] == 1000).count();
        assert_eq!(close, 2);
        for text in texts(&read) {
            assert!(owned(&said).contains(&text), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_listened_on_is_named() {
        let Some(lo) = &*LOOPBACK else { return };
        let cases: &[(&[&str], &[&str])] = &[
            (&["-i", "nope0"], &["no interface \"nope0\"", lo]),
            (&["-i"], &["needs the name", lo]),
            (
                &["-i", lo, "-f", "tcp prot 80"],
                &["\"tcp prot 80\"", "syntax error", "tcp prot 80"],
            ),
            (
                &["-i", lo, "captures/demo.pcapng"],
                &["cannot be used with"],
            ),
            (
                &["-i", lo, "-w", "no/such/folder/x"],
                &["no/such/folder/x", "No such file"],
            ),
            (&["captures/demo.pcapng", "--count", "3"], &["--interface"]),
            (&["-i", lo, "-w", "-"], &["standard output"]),
            (&["-i", lo, "--ring", "3", "-w", "x"], &["--rotate-size"]),
        ];
        for (args, parts) in cases {
            for command in ["messages", "connections", "stats"] {
                let output = common::output(&[&[command], *args].concat());
                let said = String::from_utf8(output.stderr).unwrap();
                for part in *parts {
                    assert!(said.contains(part), "{args:?}: {said}");
                }
                assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
            }
        }
    }

    #[test]
    fn interfaces_are_listed() {
        let list = common::json(&["interfaces", "--json"]);
        assert!(list.iter().all(|one| one["type"] == "interface"));
        assert!(list.iter().filter(|one| one["likely"] == true).count() <= 1);
        let text = String::from_utf8(common::output(&["interfaces"]).stdout).unwrap();
        assert_eq!(text.lines().count(), list.len());
        for (line, one) in text.lines().zip(&list) {
            assert!(line.contains(one["name"].as_str().unwrap()), "{line}");
            assert_eq!(line.starts_with('*'), one["likely"] == true, "{line}");
        }
    }

    fn is_root() -> bool {
        let id = Command::new("id").arg("-u").output().unwrap();
        id.stdout == b"0\n"
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn root_by_sudo_becomes_the_user_again() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let Some(lo) = &*LOOPBACK else { return };
        if !is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), open).unwrap();
        for (keep, owner) in [(false, 65_534), (true, 0)] {
            let file = path(folder.path(), &format!("{owner}.pcapng"));
            let mut command = common::wscope();
            command.env("SUDO_UID", "65534").env("SUDO_GID", "65533");
            let mut args = vec!["messages", "-w", &file, "-f", "port 1"];
            args.extend(keep.then_some("--keep-privileges"));
            let capture = Capture::start_as(command, lo, &args);
            let status = format!("/proc/{}/status", capture.child.id());
            let status = std::fs::read_to_string(status).unwrap();
            let ids = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name)).unwrap();
                let ids = line.split_whitespace().skip(1);
                ids.map(|id| id.parse::<u32>().unwrap()).collect::<Vec<_>>()
            };
            assert_eq!(ids("Uid:"), [owner; 4]);
            if !keep {
                assert_eq!(ids("Gid:"), [65_533; 4]);
                assert!(!ids("Groups:").contains(&0));
            }
            capture.end("INT");
            assert_eq!(std::fs::metadata(&file).unwrap().uid(), owner);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interface_that_goes_is_told() {
        let ip = |args: &[&str]| {
            let made = Command::new("ip").args(args).stderr(Stdio::null()).status();
            made.is_ok_and(|status| status.success())
        };
        if LOOPBACK.is_none() || !is_root() {
            return;
        }
        let name = format!("wst{}", std::process::id() % 100_000);
        let peer = format!("{name}p");
        if !ip(&["link", "add", &name, "type", "veth", "peer", "name", &peer]) {
            let _ = writeln!(
                std::io::stderr(),
                "skipped: no veth interface can be made here"
            );
            return;
        }
        ip(&["link", "set", &name, "up"]);
        ip(&["link", "set", &peer, "up"]);
        let capture = Capture::start(&name, &["messages", "--json"]);
        assert!(ip(&["link", "del", &name]));
        let ended = capture.wait();
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert_eq!(last(&ended)["state"], "failed");
        assert!(ended.stderr.contains("disappeared"), "{}", ended.stderr);
    }
}
