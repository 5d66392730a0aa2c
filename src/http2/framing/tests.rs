use super::*;
use crate::base::Stamp;
use wscope_testkit::http2::{
    END_HEADERS, http2_data, http2_frame, http2_numbers, http2_padded, http2_settings, kind,
};

/// What came out, in words.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn take(&mut self, step: Step<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.0.push(match step {
            Step::Frame(head, payload, _) => format!("{} {}", head.kind, payload.len()),
            Step::Missed(head, _) => format!("missed {}", head.kind),
            Step::DataBegins(head, _) => format!("begins {}", head.length),
            Step::Data(stream, bytes, begins, _) => {
                let mark = if begins { "" } else { "+" };
                format!("{mark}{stream}:{}", text(bytes))
            }
            Step::DataMissing(stream, missing, _) => format!("{stream} lacks {missing}"),
            Step::DataEnds(..) => "ends".to_owned(),
            Step::Padding(..) => "padding".to_owned(),
            Step::Lost(missing, _) => format!("lost {missing}"),
            Step::NoFrame(_) => "no frame".to_owned(),
        });
    }
}

fn feed(framing: &mut Framing, deliveries: &[Delivery<'_>]) -> Vec<String> {
    let mut seen = Seen::default();
    for delivery in deliveries {
        framing.delivery(*delivery, Stamps::default(), &mut |step| seen.take(step));
    }
    seen.0
}

fn server() -> Framing {
    Framing::new(false, Limits::default())
}

fn gap(bytes: u64) -> Delivery<'static> {
    Delivery::Gap(Missing::Bytes(bytes))
}

#[test]
fn a_client_begins_with_its_preface() {
    let mut client = Framing::new(true, Limits::default());
    let bytes = [PREFACE, &http2_settings(&[(1, 2)]), &http2_data(1, b"ab")].concat();
    let expected = ["SETTINGS 6", "begins 2", "1:ab", "ends"];
    assert_eq!(feed(&mut client, &[Delivery::write(&bytes)]), expected);
    let mut other = Framing::new(true, Limits::default());
    assert_eq!(
        feed(&mut other, &[Delivery::write(b"GET / HTTP/1.1")]),
        ["no frame"]
    );
    assert!(!other.is_in_step());
}

#[test]
fn any_cut_gives_the_same_frames() {
    let bytes = [
        http2_settings(&[(4, 5)]),
        http2_padded(3, b"hello", 7),
        http2_data(3, b""),
        http2_frame(kind::HEADERS, END_HEADERS, 5, b"block"),
        http2_frame(0x77, 0, 5, b"of no known kind"),
        http2_padded(3, b"", 1),
    ]
    .concat();
    let whole = feed(&mut server(), &[Delivery::write(&bytes)]);
    assert_eq!(
        whole,
        [
            "SETTINGS 6",
            "begins 13",
            "3:hello",
            "ends",
            "begins 0",
            "ends",
            "HEADERS 5",
            "missed frame of kind 119",
            "begins 2",
            "ends"
        ]
    );
    for size in 1..bytes.len() {
        let cut: Vec<_> = bytes.chunks(size).map(Delivery::write).collect();
        let seen = feed(&mut server(), &cut);
        // Data that came in parts is one text again.
        assert_eq!(
            seen.join(" ").replace(" +3:", ""),
            whole.join(" "),
            "{size}"
        );
    }
}

#[test]
fn gaps_inside_frames_keep_the_place() {
    let data = http2_data(1, b"0123456789");
    let next = http2_numbers(kind::WINDOW_UPDATE, 0, &[5]);
    let (first, rest) = (&data[..12], [&data[16..], &next].concat());
    let seen = feed(
        &mut server(),
        &[Delivery::write(first), gap(4), Delivery::write(&rest)],
    );
    let expected = [
        "begins 10",
        "1:012",
        "1 lacks 4 bytes",
        "+1:789",
        "ends",
        "WINDOW_UPDATE 4",
    ];
    assert_eq!(seen, expected);
    let head = http2_frame(kind::HEADERS, END_HEADERS, 5, b"0123456789");
    let rest = [&head[16..], &next].concat();
    let seen = feed(
        &mut server(),
        &[Delivery::write(&head[..12]), gap(4), Delivery::write(&rest)],
    );
    assert_eq!(seen, ["missed HEADERS", "WINDOW_UPDATE 4"]);
}

#[test]
fn where_the_length_of_padding_is_missing_no_byte_is_taken_for_data() {
    let data = http2_padded(1, b"0123456789", 4);
    let rest = [&data[12..], &http2_data(1, b"x")].concat();
    let seen = feed(
        &mut server(),
        &[Delivery::write(&data[..9]), gap(3), Delivery::write(&rest)],
    );
    let expected = [
        "begins 15",
        "1 lacks at most 14 bytes",
        "ends",
        "begins 1",
        "1:x",
        "ends",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn after_a_gap_over_heads_frames_are_found_again() {
    let data = http2_data(1, b"0123456789");
    let more = [
        http2_data(1, b"abcdefgh"),
        http2_data(3, b"ABCDEFGH"),
        http2_numbers(kind::WINDOW_UPDATE, 0, &[5]),
    ]
    .concat();
    let mut framing = server();
    let first = feed(&mut framing, &[Delivery::write(&data[..12]), gap(50)]);
    assert_eq!(first, ["begins 10", "1:012", "1 lacks 7 bytes", "ends"]);
    assert!(!framing.is_in_step());
    let seen = feed(
        &mut framing,
        &[
            Delivery::write(b"middle of a frame"),
            Delivery::write(&more),
        ],
    );
    assert_eq!(seen[0], "lost at most 60 bytes");
    assert_eq!(seen[1..4], ["begins 8", "1:abcdefgh", "ends"]);
    // Of an unknown gap the length stays unknown.
    let unknown = Delivery::Gap(Missing::Unknown);
    let seen = feed(&mut framing, &[unknown, Delivery::write(&more)]);
    assert_eq!(seen[0], "lost an unknown number of bytes");
    // Nothing is found: what was passed over is missing.
    feed(&mut framing, &[gap(9), Delivery::write(b"nothing")]);
    let mut seen = Seen::default();
    framing.finish(Stamp::START.into(), &mut |step| seen.take(step));
    assert_eq!(seen.0, ["lost at most 16 bytes"]);
}
