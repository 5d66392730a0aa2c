//! One selection and one choice of output for every command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::{json, output, payload};

const DEMO: &str = "captures/demo.pcapng";

fn text(args: &[&str]) -> String {
    let output = output(args);
    assert!(output.stderr.is_empty(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Connection and number of each message that is printed.
fn places(args: &[&str]) -> Vec<(u64, u64)> {
    let all = json(&[&["messages", "--json", DEMO], args].concat());
    let messages = all.iter().filter(|line| line["type"] == "message");
    let place = |line: &serde_json::Value| {
        let number = |name: &str| line[name].as_u64().unwrap();
        (number("connection"), number("message"))
    };
    messages.map(place).collect()
}

#[test]
fn lists_and_ranges_choose_connections_and_messages() {
    let all = places(&[]);
    let chosen = places(&["-c", "1-2", "-m", "3,5-6"]);
    let expected = all
        .iter()
        .filter(|(_, message)| [3, 5, 6].contains(message));
    assert_eq!(chosen, expected.copied().collect::<Vec<_>>());
    assert!(chosen.iter().any(|(connection, _)| *connection == 2));
    assert!(
        places(&["-c", "2"])
            .iter()
            .all(|(connection, _)| *connection == 2)
    );
    assert_eq!(places(&["-c", "1.3"]), []);
}

#[test]
fn plain_options_and_an_expression_hold_together() {
    let both = places(&[
        "--from",
        "server",
        "--opcode",
        "text",
        "-Y",
        "payload_bytes > 1000",
    ]);
    let one = "from == server and opcode == text and payload_bytes > 1000";
    assert_eq!(both, places(&["-Y", one]));
    assert!(!both.is_empty() && both.len() < places(&["--from", "server"]).len());
    // Words stay words beside options.
    assert!(!places(&["--from", "server", "-Y", "snapshot"]).is_empty());
}

#[test]
fn statistics_count_what_is_selected_and_leave_out_what_is_of_no_message() {
    let stats = json(&[
        "stats",
        "--json",
        DEMO,
        "-Y",
        "from == server and payload_bytes > 1000",
    ]);
    let all = stats.last().unwrap();
    assert_eq!(all["both"]["messages"]["total"], 3);
    assert!(all["both"].get("tcp_bytes").is_none() && all.get("zlib_memory_bytes").is_none());
    let page = text(&["stats", DEMO, "-m", "3"]);
    assert!(
        !page.contains("TCP") && !page.contains("zlib memory"),
        "{page}"
    );
    let refused = output(&["stats", "--deep", "-Y", "ping", DEMO]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn connections_are_those_with_a_message_that_matches() {
    let chosen = json(&["connections", "--json", DEMO, "-Y", "payload_bytes > 1000"]);
    let numbers: Vec<_> = chosen
        .iter()
        .map(|line| line["connection"].as_u64())
        .collect();
    assert_eq!(numbers, [Some(1)]);
    let nothing = output(&["connections", DEMO, "-Y", "payload_bytes > 1M"]);
    assert_eq!(nothing.status.code(), Some(1));
}

#[test]
fn findings_are_told_of_what_is_selected_and_judged_by_all() {
    let faulty = "captures/faulty/ws-keeps-context.pcap";
    let codes = |args: &[&str]| -> Vec<(String, Option<u64>)> {
        let all = json(&[&["check", "--json", faulty], args].concat());
        let findings = all.iter().filter(|line| line["type"] == "finding");
        let place = |line: &serde_json::Value| {
            let code = line["code"].as_str().unwrap();
            (code.to_owned(), line["message"].as_u64())
        };
        findings.map(place).collect()
    };
    let kept = ("context-kept".to_owned(), Some(2));
    assert_eq!(codes(&[]), std::slice::from_ref(&kept));
    // It takes message 1 to see that message 2 refers to it.
    assert_eq!(codes(&["-m", "2"]), std::slice::from_ref(&kept));
    assert_eq!(codes(&["-m", "1"]), []);
    assert_eq!(codes(&["-Y", "connection == 1"]), [kept]);
    assert_eq!(codes(&["-Y", "connection == 2"]), []);
    // A filter of connections means findings on no message, too.
    let draft = ["check", "--json", "captures/faulty/hixie-76.pcap", "-Y"];
    assert_eq!(json(&[&draft[..], &["connection == 1"]].concat()).len(), 1);
    assert_eq!(json(&[&draft[..], &["message == 1"]].concat()).len(), 0);
}

/// The names of HTTP/2 select connections as those of HTTP/1.1 do, with messages or without.
#[test]
fn connections_answer_by_the_names_of_http2() {
    let fields = ["--fields", "connection,stream,transport,authority,path"];
    let rows = |capture: &str| text(&[&["connections", capture], &fields[..]].concat());
    assert_eq!(
        rows("captures/http2.pcap"),
        "1\t3\th2\t127.0.0.1:8080\t/ticker\n"
    );
    let refused = rows("captures/refused.pcap");
    assert!(!refused.is_empty(), "{refused}");
    for row in refused.lines() {
        let [connection, _, transport, authority, path] =
            row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(transport, "h1");
        let filter = format!("transport == h1 and authority == {authority:?} and path == {path:?}");
        let found = text(&[
            "connections",
            "captures/refused.pcap",
            "-Y",
            &filter,
            "--fields",
            "connection",
        ]);
        assert!(
            found.lines().any(|one| one == connection),
            "{filter}: {found}"
        );
    }
}

#[test]
fn rows_of_fields_come_with_tabs_as_csv_and_as_json() {
    let fields = ["--fields", "connection,message,from,ratio", "--limit", "2"];
    let row = |extra: &[&str]| text(&[&["messages", DEMO], &fields[..], extra].concat());
    assert_eq!(
        row(&[]),
        "1\t1\tclient\t1.032258065\n1\t2\tserver\t1.032786885\n"
    );
    let csv = row(&["--csv"]);
    assert!(
        csv.starts_with("connection,message,from,ratio\r\n1,1,client,"),
        "{csv}"
    );
    let lines = json(&[&["messages", "--json", DEMO], &fields[..]].concat());
    assert_eq!(lines[0]["from"], "client");
    assert_eq!(
        (&lines[0]["type"], lines[0].as_object().unwrap().len()),
        (&"message".into(), 5)
    );
    let page = text(&[
        "connections",
        DEMO,
        "--fields",
        "connection,host",
        "--sort",
        "wire_bytes",
    ]);
    assert_eq!(page.lines().next(), Some("1\t127.0.0.1:8080"));
    let wrong = output(&["messages", DEMO, "--fields", "conection"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("connection is"));
}

#[test]
fn a_list_is_sorted_with_and_without_a_limit() {
    let sizes = |args: &[&str]| -> Vec<u64> {
        let fields = ["messages", DEMO, "--fields", "payload_bytes", "--sort"];
        let page = text(&[&fields[..], args].concat());
        page.lines().map(|line| line.parse().unwrap()).collect()
    };
    let all = sizes(&["payload_bytes"]);
    assert_eq!(all.len(), 47);
    assert!(all.is_sorted_by(|one, next| one >= next));
    assert_eq!(sizes(&["payload_bytes", "--limit", "5"]), all[..5]);
    assert!(sizes(&["payload_bytes:asc"]).is_sorted());
    for threads in ["2", "3"] {
        assert_eq!(sizes(&["payload_bytes", "--threads", threads]), all);
    }
    let page = text(&["messages", DEMO, "--sort", "payload_bytes", "--limit", "1"]);
    assert!(page.starts_with("  1   18"), "{page}");
}

#[test]
fn a_payload_comes_out_as_it_was() {
    let messages = json(&["messages", "--json", DEMO, "-c", "1", "-m", "18"]);
    let sent = payload(messages.last().unwrap()).unwrap();
    let raw = output(&["payload", DEMO, "-c", "1", "-m", "18"]);
    assert_eq!((raw.status.code(), &raw.stdout), (Some(0), &sent));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("payload");
    let args = [
        "payload",
        DEMO,
        "-c",
        "1",
        "-m",
        "18",
        "-o",
        file.to_str().unwrap(),
    ];
    assert!(output(&args).stdout.is_empty());
    assert_eq!(std::fs::read(&file).unwrap(), sent);
    // It is not overwritten.
    assert_eq!(output(&args).status.code(), Some(2));
    assert_eq!(
        output(&["payload", DEMO, "-m", "18"]).status.code(),
        Some(2)
    );
    let none = output(&["payload", DEMO, "-c", "1", "-m", "999"]);
    assert_eq!(none.status.code(), Some(1));
    let lossy = output(&["payload", "captures/ws-takeover-lost.pcap", "-c", "1"]);
    assert!(
        String::from_utf8_lossy(&lossy.stderr).contains("not known"),
        "{lossy:?}"
    );
}

#[test]
fn the_old_name_of_the_packet_filter_says_what_to_type() {
    let said = output(&["messages", "--filter", "port 80", DEMO]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(
        said.contains("--bpf (-f)") && said.contains("--matching (-Y)"),
        "{said}"
    );
}

#[test]
fn a_transcript_hides_secrets_unless_asked() {
    let file = DEMO;
    let shown = text(&["follow", file, "-c", "1", "--show-secrets"]);
    let hidden = text(&["follow", file, "-c", "1"]);
    let secret = r#""token":"demo""#;
    assert!(
        shown.contains(secret) && !hidden.contains(secret),
        "{hidden}"
    );
    for threads in ["1", "3"] {
        assert_eq!(
            text(&["follow", file, "-c", "1", "--threads", threads]),
            hidden
        );
    }
    let without = output(&["follow", file]);
    assert_eq!(without.status.code(), Some(2));
}

/// The rows after the last one about how a connection began count from that one.
#[test]
fn each_row_of_a_transcript_has_the_time_since_the_row_before() {
    let shown = output(&["follow", DEMO, "-c", "3"]).stdout;
    let shown = String::from_utf8(shown).unwrap();
    let row = |time: &str| shown.lines().find(|line| line.contains(time));
    assert!(
        row("2.605572").is_some_and(|row| row.contains("upgrade")),
        "{shown}"
    );
    assert!(
        row("2.605682").is_some_and(|row| row.contains("+110 µs")),
        "{shown}"
    );
}

#[test]
fn a_file_without_a_name_is_named_as_a_shell_takes_it() {
    let none = output(&["stats", ""]);
    let said = String::from_utf8(none.stderr).unwrap();
    assert!(said.starts_with("wscope: '': cannot be opened"), "{said}");
}

#[test]
fn a_filter_changes_nothing_of_how_a_connection_ended() {
    let of = |args: &[&str]| {
        json(&[&["connections", "--json", "-c", "1", DEMO], args].concat())[0]["end"].clone()
    };
    assert_eq!(of(&[]), of(&["--opcode", "text"]));
    assert_eq!(of(&[])["how"], "close");
}

/// Connection 1 of the demo is closed by the client with 1000.
#[test]
fn messages_are_chosen_by_how_their_connection_ends() {
    let closed = places(&[
        "-Y",
        "end == close and closed_by == client and end_code == 1000",
    ]);
    assert!(
        closed.contains(&(1, 1)) && closed.contains(&(1, 38)),
        "{closed:?}"
    );
    assert_eq!(places(&["-Y", "end == rst"]), []);
    // Beside what needs payloads, and with any number of threads.
    for threads in ["1", "4"] {
        let both = [
            "--threads",
            threads,
            "-Y",
            "silence < 10 and text contains snapshot",
        ];
        assert!(!places(&both).is_empty());
    }
    let fields = [
        "--fields",
        "message,end,closed_by,end_code",
        "-c",
        "1",
        "-m",
        "1",
    ];
    let row = text(&[&["messages", DEMO], &fields[..]].concat());
    assert_eq!(row, "1\tclose\tclient\t1000\n");
    let chosen = json(&["connections", "--json", DEMO, "-Y", "closed_by == client"]);
    assert!(chosen.iter().any(|line| line["connection"] == 1));
    let piped = output(&["messages", "-Y", "end == rst", "-"]);
    let said = String::from_utf8_lossy(&piped.stderr);
    assert!(
        piped.status.code() == Some(2) && said.contains("save what comes in a pipe"),
        "{said}"
    );
}

#[cfg(feature = "live")]
#[test]
fn how_a_connection_ends_is_not_asked_of_live_traffic() {
    let refused = output(&["messages", "-Y", "end == rst", "-i", "lo"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        refused.status.code() == Some(2) && said.contains("not with -i"),
        "{said}"
    );
}

#[test]
fn findings_and_statistics_come_as_rows_of_fields_too() {
    let lost = "captures/ws-takeover-lost.pcap";
    let rows = |args: &[&str]| String::from_utf8(output(args).stdout).unwrap();
    let csv = rows(&["check", lost, "--csv"]);
    assert!(csv.starts_with("severity,code,connection,"), "{csv}");
    assert!(
        csv.lines().count() > 1 && csv.contains("\r\nwarning,"),
        "{csv}"
    );
    let tabs = rows(&["check", lost, "--fields", "code,connection"]);
    assert!(
        tabs.lines().any(|line| line == "bytes-missing\t1"),
        "{tabs}"
    );
    let stats = rows(&["stats", DEMO, "--fields", "connection,both.messages.total"]);
    assert_eq!(stats.lines().next(), Some("1\t38"), "{stats}");
    let lines = json(&["stats", DEMO, "--json", "--fields", "both.ratio"]);
    assert!(lines[0]["both.ratio"].is_number(), "{lines:?}");
    let wrong = output(&["stats", DEMO, "--fields", "both.rato"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        wrong.status.code() == Some(2) && said.contains("both.ratio is one"),
        "{said}"
    );
}

#[test]
fn no_line_is_wider_than_it_may_be() {
    let wide = |args: &[&str], most: usize| {
        let page = String::from_utf8(output(args).stdout).unwrap();
        let widest = page
            .lines()
            .map(unicode_width::UnicodeWidthStr::width)
            .max();
        assert!(
            widest.is_some_and(|widest| widest <= most),
            "{args:?}: {widest:?}\n{page}"
        );
    };
    let lost = "captures/ws-takeover-lost.pcap";
    wide(&["messages", lost, "--width", "80"], 80);
    let asked = "captures/subprotocols/socketio4-lost.pcap";
    wide(&["messages", asked, "--width", "70"], 70);
    let stomp = "captures/subprotocols/stomp-rabbit.pcap";
    for width in ["80", "110"] {
        wide(
            &["stats", "--by", "subject", stomp, "--width", width],
            width.parse().unwrap(),
        );
    }
}

#[test]
fn what_names_no_connection_is_told() {
    let page = output(&["messages", DEMO, "--as", "99=stomp"]);
    let said = String::from_utf8_lossy(&page.stderr);
    assert!(
        said.contains("--as names connection 99, and the last one is 3"),
        "{said}"
    );
    assert!(
        output(&["messages", DEMO, "--as", "1=none"])
            .stderr
            .is_empty()
    );
}

#[test]
fn only_what_is_near_is_proposed() {
    let said = |field: &str| {
        let wrong = output(&["messages", DEMO, "-Y", &format!("{field} == 1")]);
        String::from_utf8_lossy(&wrong.stderr).into_owned()
    };
    assert!(
        said("payload_byte").contains("payload_bytes"),
        "{}",
        said("payload_byte")
    );
    // Two letters away from `time`.
    assert!(!said("size").contains("time"), "{}", said("size"));
}

/// A proxy carries on the request with its key.
#[test]
fn the_legs_of_a_session_are_told() {
    let all = json(&["connections", "--json", "captures/nginx-pass.pcap"]);
    let legs: Vec<_> = all
        .iter()
        .filter_map(|line| Some((line["connection"].as_u64()?, line["same_as"].as_u64()?)))
        .collect();
    assert!(
        !legs.is_empty() && legs.iter().all(|(leg, of)| of < leg),
        "{legs:?}"
    );
    let page = text(&["connections", "captures/nginx-pass.pcap"]);
    let row = format!("  same as     connection {}", legs[0].1);
    assert!(page.contains(&row), "{page}");
    let demo = json(&["connections", "--json", DEMO]);
    assert!(demo.iter().all(|line| line.get("same_as").is_none()));
}

/// A proxy takes HTTP/2, which has no keys, and carries on HTTP/1.1.
#[cfg(feature = "tls")]
#[test]
fn the_legs_of_a_session_are_told_by_their_messages() {
    let file = "captures/http2/haproxy-chromium-deflate";
    let (keys, file) = (format!("{file}.keylog"), format!("{file}.pcap"));
    let all = json(&["connections", "--json", "--keylog", &keys, &file]);
    let legs: Vec<_> = all
        .iter()
        .filter(|line| line["same_by"] == "messages")
        .map(|line| {
            ["connection", "same_as", "same_stream"].map(|field| line[field].as_u64().unwrap())
        })
        .collect();
    assert_eq!(legs, [[3, 1, 5], [10, 1, 19], [11, 1, 21]]);
    let page = text(&["connections", "--keylog", &keys, &file]);
    assert!(
        page.contains("same as     connection 1.19: its messages"),
        "{page}"
    );
}

#[test]
fn times_are_shown_as_asked_for_and_the_same_everywhere_by_default() {
    let shown = |zone: &str, args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wscope"))
            .args(["messages", DEMO, "--limit", "1"])
            .args(args)
            .env("TZ", zone)
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    // Five and a half hours east of Greenwich, without a name.
    let east = "XYZ-5:30";
    assert!(
        shown(east, &["--time", "utc"]).contains(" 2026-11-22 00:18:30.887664Z client"),
        "{}",
        shown(east, &["--time", "utc"])
    );
    assert!(
        shown(east, &["--time", "local"]).contains(" 2026-11-22 05:48:30.887664+05:30 client"),
        "{}",
        shown(east, &["--time", "local"])
    );
    assert_eq!(shown(east, &[]), shown("UTC", &[]));
    let epoch = shown(east, &["--time", "epoch"]);
    assert_eq!(epoch, shown(east, &["--time", "absolute"]));
    let row = text(&["follow", DEMO, "-c", "1", "--time", "utc", "--lines", "1"]);
    assert!(row.starts_with("2026-11-22 00:18:"), "{row}");
}
