use super::*;

fn list(lines: &[&str]) -> (Vec<String>, Vec<&'static str>) {
    let (extensions, problems) = parse_extensions(lines.iter().map(|line| line.as_bytes()));
    (
        extensions.iter().map(Extension::to_string).collect(),
        problems.iter().map(|problem| problem.what).collect(),
    )
}

/// Lists that break no rule.
fn good(lines: &[&str]) -> Vec<String> {
    let (extensions, problems) = list(lines);
    assert!(problems.is_empty(), "{lines:?}: {problems:?}");
    extensions
}

#[test]
fn the_examples_of_rfc_7692() {
    for example in [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover; client_max_window_bits=15",
    ] {
        assert_eq!(good(&[example]), [example]);
    }
    let two = "permessage-deflate; client_max_window_bits; server_max_window_bits=10, \
               permessage-deflate; client_max_window_bits";
    assert_eq!(good(&[two]).join(", "), two);
    let other = "permessage-foo; x=10, permessage-bar; use_y";
    assert_eq!(good(&[other]).join(", "), other);
}

#[test]
fn several_lines_are_one_list_in_order() {
    let lines = [
        "x-unknown; a=1",
        "permessage-deflate,,mux; max-channels=4",
        "",
    ];
    let read = [
        "x-unknown; a=1",
        "permessage-deflate",
        "mux; max-channels=4",
    ];
    assert_eq!(good(&lines), read);
}

#[test]
fn a_quoted_value_means_the_same() {
    let (extensions, problems) = parse_extensions(
        [&b"permessage-deflate; server_max_window_bits=\"1\\0\" ;client_max_window_bits = 9"[..]]
            .into_iter(),
    );
    assert!(problems.is_empty());
    let param = |name: &str, value: &str, quoted| Param {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        quoted,
    };
    let params = [
        param("server_max_window_bits", "10", true),
        param("client_max_window_bits", "9", false),
    ];
    assert_eq!(extensions[0].params, params);
}

#[test]
fn a_quoted_comma_does_not_part_the_list() {
    let (extensions, problems) = list(&[r#"foo; x="a,b;c", permessage-deflate"#]);
    assert_eq!(extensions, [r#"foo; x="a,b;c""#, "permessage-deflate"]);
    assert_eq!(problems, ["a quoted value is no token"]);
}

#[test]
fn what_is_right_in_a_wrong_list_is_kept() {
    let cases: [(&str, &[&str], &str); 9] = [
        (
            "permessage-deflate;",
            &["permessage-deflate"],
            "a parameter name is missing",
        ),
        ("a;;b, c", &["a; b", "c"], "a parameter name is missing"),
        ("a; =1, c", &["a", "c"], "a parameter name is missing"),
        (
            "a; x=, c",
            &["a; x", "c"],
            "a parameter value is missing or broken",
        ),
        (
            "a; x=\"1, c",
            &["a; x", "c"],
            "a parameter value is missing or broken",
        ),
        ("a; x=\"\"", &["a; x=\"\""], "a quoted value is no token"),
        ("a b, c", &["a", "c"], "unexpected characters"),
        ("@ \",\", c", &["c"], "an extension name is missing"),
        ("=\u{e9}, c; y", &["c; y"], "an extension name is missing"),
    ];
    for (line, extensions, problem) in cases {
        let (read, problems) = list(&[line]);
        assert_eq!(read, extensions, "{line}");
        assert_eq!(problems, [problem], "{line}");
    }
}

#[test]
fn a_long_hostile_list_takes_no_long_time() {
    let hostile = [r#"a \",z"#, r#"a \"\","#, "\"", ";", ","].map(|part| part.repeat(10_000));
    for line in &hostile {
        let _ = parse_extensions([line.as_bytes()].into_iter());
    }
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(lines: Vec<Vec<u8>>) {
        let _ = parse_extensions(lines.iter().map(Vec::as_slice));
    }

    #[test]
    fn random_lists_never_panic(line in r#"[a ;,="\\]{0,60}"#) {
        let _ = parse_extensions([line.as_bytes()].into_iter());
    }
}
