//! `wscope lab` from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

fn run(args: &[&str]) -> (String, String, Option<i32>) {
    let mut all = vec!["lab"];
    all.extend_from_slice(args);
    let output = common::output(&all);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code(),
    )
}

fn text(args: &[&str]) -> String {
    let (out, said, code) = run(args);
    assert_eq!(code, Some(0), "{args:?}: {said}");
    out
}

#[test]
fn typed_frames_are_explained_bit_by_bit() {
    let page = text(&["--hex", "c1 07 ca 48 cc 00 43 00 00"]);
    for line in [
        "      27  0000011                 length 5          'ahaha'",
        "      34  00001                   2 bytes back      this message, 1-5",
        "        0  hahahaha",
    ] {
        assert!(page.contains(line), "{page}");
    }
    // A bare payload is not taken for frames, and that is said.
    let (page, said, _) = run(&["--hex", "ca 48 cc 00 43 00 00"]);
    assert!(
        page.contains("hahahaha") && said.contains("compressed payload"),
        "{said}"
    );
    let (page, said, _) = run(&["--deflate", "ca 48 cc 00 43 00 00"]);
    assert!(page.contains("hahahaha") && said.is_empty(), "{said}");
}

/// RFC 7692 §7.2.3.1 and §7.2.3.2.
#[test]
fn typed_texts_share_a_window_as_the_rfc_has_it() {
    let page = text(&["--text", "Hello", "--text", "Hello"]);
    assert!(page.contains("        0  f2 48 cd c9 c9 07 00\n"), "{page}");
    assert!(page.contains("        0  f2 00 11 00 00\n"), "{page}");
    assert!(
        page.contains("7 bytes on the wire; alone it would be 9, uncompressed 7"),
        "{page}"
    );
    let reset = text(&["--text", "Hello", "--text", "Hello", "--takeover", "reset"]);
    assert!(!reset.contains("        0  f2 00 11 00 00\n"), "{reset}");
}

#[test]
fn five_messages_share_one_adjustable_window() {
    let wide = text(&[]);
    let narrow = text(&["--window", "9"]);
    assert!(wide.contains("392 on the wire"), "{wide}");
    assert!(narrow.contains("520 on the wire"), "{narrow}");
    assert!(wide.contains("from message 3, 0-34"));
    assert!(!narrow.contains("from message 3, 0-34"));
}

#[test]
fn both_sides_and_losses_are_typed_as_in_lessons() {
    let said = [
        "--say",
        "client text hi there",
        "--say",
        "lost server text hello hello",
        "--say",
        "server text hello hello",
    ];
    let page = text(&said);
    assert!(
        page.contains("message 3: text from the server, partial"),
        "{page}"
    );
    assert!(page.contains("from lost history"), "{page}");
}

#[test]
fn lessons_are_listed_and_printed_with_their_answers() {
    let list = text(&["--list"]);
    assert_eq!(list.lines().count(), 14, "{list}");
    assert!(
        list.starts_with("  1  header    The frame header\n"),
        "{list}"
    );
    let page = text(&["header", "--print"]);
    assert_eq!(page, text(&["1"]));
    let asked = "? How many bytes does the header of this frame have?\n= 2\n";
    assert!(page.contains(asked), "{page}");
}

#[test]
fn a_folder_of_lessons_is_read_and_its_faults_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1-own.md");
    std::fs::write(
        &path,
        "# Mine\n```lab\nserver text Hi\n```\n{wire of 1} bytes.\n",
    )
    .unwrap();
    let place = folder.path().to_str().unwrap();
    assert_eq!(text(&["--lessons", place, "--list"]), "  1  own  Mine\n");
    assert!(text(&["own", "--lessons", place]).contains("6 bytes."));
    std::fs::write(&path, "# Mine\n```lab\nserver txt Hi\n```\n").unwrap();
    let (_, said, code) = run(&["own", "--lessons", place]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("1-own.md:3: \"txt\" is nothing that a side sends"),
        "{said}"
    );
}

#[test]
fn what_is_typed_is_saved_as_a_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.pcap");
    let path = path.to_str().unwrap();
    text(&[
        "--say",
        "client text Hello",
        "--say",
        "server close 1000 bye",
        "--pcap",
        path,
    ]);
    let messages = common::json(&["messages", "--json", path]);
    let messages: Vec<_> = messages
        .iter()
        .filter(|one| one["type"] == "message")
        .collect();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages.first().unwrap()["text"], "Hello");
    assert_eq!(messages.last().unwrap()["close_code"], 1000);
    // It replaces no file.
    let (_, said, code) = run(&["--text", "x", "--pcap", path]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn what_is_wrong_is_said() {
    for (args, says) in [
        (
            &["nothing"][..],
            "there is no lesson \"nothing\"; there are header,",
        ),
        (
            &["--window", "20"],
            "--window: window takes 9-15, not \"20\"",
        ),
        (&["--hex", "8"], "--hex: \"8\" has an odd number of digits"),
        (
            &["--say", "set window 9"],
            "--say: \"set window 9\" is nothing that a side sends",
        ),
        (&["--file", "not-there"], "not-there: "),
    ] {
        let (out, said, code) = run(args);
        assert_eq!((out.as_str(), code), ("", Some(2)), "{args:?}");
        assert!(said.contains(says), "{args:?}: {said}");
    }
    let (_, said, code) = run(&["--text", "x", "--window", "8"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("8 is taken for 9"), "{said}");
}

#[test]
fn json_is_that_of_explain() {
    let objects = common::json(&["lab", "--json", "--text", "Hello", "--text", "Hello"]);
    assert_eq!(objects.len(), 2);
    assert_eq!(objects.last().unwrap()["type"], "explanation");
    assert_eq!(objects.last().unwrap()["text"], "Hello");
}

#[test]
fn pages_are_written_as_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lesson, typed, explained) = (place("a.svg"), place("b.svg"), place("c.svg"));
    assert_eq!(text(&["header", "--svg", &lesson]), "");
    assert_eq!(text(&["--text", "Hello", "--svg", &typed]), "");
    let args = [
        "explain",
        "--hex",
        "81 05 48 65 6c 6c 6f",
        "--svg",
        &explained,
    ];
    assert_eq!(common::output(&args).status.code(), Some(0));
    for (file, has) in [
        (lesson, "The frame header"),
        (typed, "literal 72"),
        (explained, "Hello"),
    ] {
        let picture = std::fs::read_to_string(file).unwrap();
        assert!(
            picture.starts_with("<svg ") && picture.contains(has),
            "{picture}"
        );
    }
}
