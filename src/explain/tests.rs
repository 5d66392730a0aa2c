//! The three rows, the window and the codes, on bytes that are made here.

use wscope_testkit::{Compressor, Frame};

use super::*;
use crate::base::{Limits, Peer, PerPeer};
use crate::deflate::{Agreement, Parameters, Takeover, WindowBits};
use crate::page::{Kind, Line};
use crate::session::{Context, Detail, websocket_bytes};

/// Explains every message of what a peer sends.
fn explained(from: Peer, bytes: &[u8], bits: u8) -> Vec<Explanation> {
    let agreement = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters {
        window_bits: WindowBits::new(bits).unwrap(),
        takeover: Takeover::Keep,
    }));
    let mut context = Context::new(Limits::default(), Detail::Wire);
    let mut sink = Collector::with_agreement(Target::All, agreement);
    websocket_bytes(from, bytes, agreement, &mut context, &mut sink);
    sink.found
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.split_whitespace();
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

fn texts(lines: &[Line]) -> Vec<String> {
    lines.iter().map(Line::text).collect()
}

/// Text for which a block makes codes of its own.
fn prose() -> Vec<u8> {
    let words = [
        "window", "of", "the", "sender", "message", "a", "byte", "copies", "from", "bits",
    ];
    let mut dice = 1_u32;
    let text = (0..400).map(|i| {
        dice = dice.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let word = words[usize::try_from(dice >> 16).unwrap() % words.len()];
        if i % 7 == 0 {
            format!("{word}{}", dice >> 20)
        } else {
            word.to_owned()
        }
    });
    text.collect::<Vec<_>>().join(" ").into_bytes()
}

/// RFC 7692 §7.2.3, both forms of masking, fragments, dynamic codes, plain and control frames.
fn samples() -> Vec<Explanation> {
    let mut all = Vec::new();
    for digits in [
        "c1 07 f2 48 cd c9 c9 07 00",
        "41 03 f2 48 cd 80 04 c9 c9 07 00",
        "c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00",
        "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00",
        "c1 08 f3 48 cd c9 c9 07 00 00",
        "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
        "c1 01 00",
        "81 03 61 c3 a4 01 02 e2 82 80 01 ac",
        "89 02 68 69 88 02 03 e8",
    ] {
        all.extend(explained(Peer::Server, &hex(digits), 15));
    }
    let mut compressor = Compressor::new(6, 15, false);
    let mut bytes = Vec::new();
    for text in [prose(), b"window of the sender".to_vec(), prose()] {
        let payload = compressor.message(&text);
        let (first, rest) = payload.split_at(payload.len() / 2);
        bytes.extend(Frame::masked(0x41, first).bytes());
        bytes.extend(Frame::masked(0x80, rest).bytes());
    }
    all.extend(explained(Peer::Client, &bytes, 15));
    all
}

fn linked(explanation: &Explanation, test: impl Fn(&Links<'_>)) {
    let steps = explanation.steps();
    test(&Links {
        explanation,
        steps: &steps,
    });
}

#[test]
fn every_bit_has_a_group_and_every_byte_its_bits() {
    let mut seen = 0;
    for explanation in samples() {
        linked(&explanation, |links| {
            for frame in 0..explanation.frames.len() {
                let mut at = 0;
                while at < links.end(frame) {
                    let group = links.group(frame, at).unwrap();
                    assert_eq!(group.bits.0, at, "{frame} {group:?}");
                    at = group.bits.1;
                }
                assert!(at == links.end(frame) && at >= 8 * links.wire_bytes(frame));
                assert_eq!(links.group(frame, at), None);
            }
            for byte in 0..explanation.payload.len() as u64 {
                let (frame, bit) = links.of_byte(byte).unwrap();
                let group = links.group(frame, bit).unwrap();
                let (start, end) = group.makes.unwrap();
                assert!((start..end).contains(&byte), "{byte} {group:?}");
            }
        });
        seen += explanation.payload.len();
    }
    assert!(seen > 2000, "{seen}");
}

#[test]
fn the_cursor_goes_through_all_of_a_row_and_back() {
    for explanation in samples() {
        linked(&explanation, |links| {
            for (row, unit) in [
                (Row::Wire, Unit::Part),
                (Row::Bits, Unit::Part),
                (Row::Text, Unit::Part),
                (Row::Bits, Unit::Bit),
            ] {
                if row == Row::Text && explanation.payload.is_empty() {
                    continue;
                }
                let start = links.moved(
                    Spot {
                        row,
                        ..Spot::default()
                    },
                    unit,
                    isize::MIN,
                );
                let mut path = vec![start];
                loop {
                    let last = path[path.len() - 1];
                    let next = links.moved(last, unit, 1);
                    if next == last {
                        break;
                    }
                    let key = |spot: Spot| match row {
                        Row::Text => (0, spot.byte),
                        _ => (spot.frame, spot.bit),
                    };
                    assert!(key(next) > key(last), "{last:?} {next:?}");
                    path.push(next);
                }
                if unit == Unit::Part {
                    assert_eq!(links.moved(start, unit, isize::MAX), path[path.len() - 1]);
                } else {
                    let bits: u64 = (0..explanation.frames.len()).map(|f| links.end(f)).sum();
                    assert_eq!(path.len() as u64, bits);
                }
                let places = |spot: &Spot| (spot.frame, spot.bit);
                for at in (1..path.len()).rev() {
                    let back = links.moved(path[at], unit, -1);
                    assert_eq!(places(&back), places(&path[at - 1]), "{row:?}");
                }
            }
        });
    }
}

#[test]
fn blocks_are_gone_through_one_by_one() {
    let bytes = hex("c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00");
    let all = explained(Peer::Server, &bytes, 15);
    linked(&all[0], |links| {
        let mut spot = Spot::default();
        let mut firsts = Vec::new();
        for _ in 0..6 {
            spot = links.moved(spot, Unit::Block, 1);
            firsts.push(links.step_of(spot).unwrap());
        }
        firsts.dedup();
        let blocks: Vec<_> = firsts.iter().map(|at| links.steps[*at].number()).collect();
        assert_eq!(blocks, [0, 1, 2, 3]);
        for block in [2, 1, 0] {
            spot = links.moved(spot, Unit::Block, -1);
            let step = links.step_of(spot).unwrap();
            assert_eq!(links.steps[step].number(), block);
        }
        spot = links.moved(spot, Unit::Block, -1);
        assert_eq!((spot.frame, spot.bit), (0, 0));
    });
}

#[test]
fn the_rows_belong_together() {
    let bytes = hex("c1 87 01 02 03 04 f3 4a ce cd c8 05 03");
    let all = explained(Peer::Client, &bytes, 15);
    linked(&all[0], |links| {
        let spot = links.moved(
            Spot {
                row: Row::Text,
                ..Spot::default()
            },
            Unit::Part,
            1,
        );
        let lines = rows(links, spot, 80);
        assert_eq!(
            texts(&lines),
            [
                " wire     c1 87 01 02 03 04 f3 4a ce cd c8 05 03",
                " key                        01 02 03 04 01 02 03",
                " unmasked                   f2 48 cd c9 c9 07 00 (00 00 ff ff)",
                " bits     BITS",
                "          LABELS",
                "▸text     Hello",
                "          .....",
            ]
            .map(|line| match line.trim() {
                "bits     BITS" => lines[3].text(),
                "LABELS" => lines[4].text(),
                _ => line.to_owned(),
            })
        );
        assert!(lines[3].text().contains("10010101") && lines[4].text().contains("'e'"));
        let marked = |line: &Line, kind| {
            let spans = line.spans().iter().filter(|span| span.kind == kind);
            spans
                .map(|span| span.text().trim().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(marked(&lines[5], Kind::Chosen), ["e"]);
        assert_eq!(marked(&lines[4], Kind::Lit), ["'e'"]);
        assert_eq!(marked(&lines[3], Kind::Lit), ["10010101"]);
        // Bits 11 to 18 of the payload are in its bytes 1 and 2.
        assert_eq!(marked(&lines[2], Kind::Lit), ["48", "cd"]);
        assert_eq!(marked(&lines[0], Kind::Lit), ["4a", "ce"]);
    });
}

#[test]
fn a_mask_comes_off_byte_by_byte() {
    let bytes = hex("c1 87 01 02 03 04 f3 4a ce cd c8 05 03");
    let all = explained(Peer::Client, &bytes, 15);
    linked(&all[0], |links| {
        let spot = Spot {
            row: Row::Wire,
            bit: 8 * 11,
            ..Spot::default()
        };
        let told = texts(&told(links, spot, 80, true));
        assert_eq!(
            &told[..3],
            [
                "byte 5, on the wire         05  00000101",
                "XOR key byte 5 mod 4 = 1    02  00000010",
                "= without the mask          07  00000111",
            ]
        );
    });
}

#[test]
fn every_field_and_symbol_says_why() {
    let mut names = std::collections::BTreeSet::new();
    for explanation in samples() {
        linked(&explanation, |links| {
            for frame in 0..explanation.frames.len() {
                for field in links.fields(frame) {
                    assert!(why::field(&field).len() > 40, "{}", field.name);
                }
            }
        });
        for step in explanation.steps() {
            let says = step.says(&explanation).unwrap();
            assert!(why::step(&says).len() > 40, "{}", says.text());
            names.insert(says.text().split(' ').next().unwrap_or_default().to_owned());
        }
    }
    assert!(names.len() > 10, "{names:?}");
}

/// What derivations compute is what was decoded.
#[test]
fn derivations_end_in_what_the_symbol_says() {
    let mut runs = std::collections::BTreeSet::new();
    for explanation in samples() {
        for step in explanation.steps() {
            let says = step.says(&explanation).unwrap();
            let told = derivation(&says);
            match &says.what {
                What::Symbol(symbol, parts) => {
                    assert_eq!(told.len(), parts.len());
                    for (sentence, part) in told.iter().zip(parts) {
                        let code = part.digits.split(' ').next().unwrap();
                        assert!(
                            sentence.starts_with(&format!("Code {code} is ")),
                            "{sentence}"
                        );
                        if matches!(part.name, "length" | "distance") {
                            let value = crate::page::words::grouped(part.value.into());
                            let end = format!("= {value}.");
                            let plain = format!("{} {value}, no extra bits.", part.name);
                            assert!(
                                sentence.ends_with(&end) || sentence.ends_with(&plain),
                                "{sentence} {symbol:?}"
                            );
                        }
                    }
                }
                What::Length { run, .. } => {
                    runs.insert(run.code.symbol);
                    if run.count > 1 {
                        let sum = format!("= {} times", run.count);
                        assert!(told[0].contains(&sum), "{told:?}");
                    }
                }
                What::CodeLength { length, of, .. } => {
                    let value = length.length.value;
                    assert!(told[0].contains(&format!(" is {value}")), "{told:?}");
                    assert!(of.code_lengths.len() >= 4);
                }
                _ => {}
            }
        }
    }
    for symbol in [16, 17, 18] {
        assert!(runs.contains(&symbol), "{runs:?}");
    }
}

#[test]
fn the_tree_leads_to_each_symbol() {
    for explanation in samples() {
        for step in explanation.steps().iter().step_by(7) {
            let says = step.says(&explanation).unwrap();
            let (_, block) = step.of(&explanation).unwrap();
            for code in codes_of(&says, block) {
                let tree = code.tree(9);
                let leaf: Vec<_> = tree.iter().filter(|line| line.has(Kind::Chosen)).collect();
                let unused = matches!(says.what, What::CodeLength { length, .. }
                    if length.length.value == 0);
                assert_eq!(leaf.len(), usize::from(!unused), "{}", says.text());
                assert!(code.by_length().len() > 1);
            }
        }
    }
}

#[test]
fn the_window_holds_what_was_put_out_last() {
    let mut compressor = Compressor::new(9, 9, false);
    let texts = [prose(), b"window of the sender".to_vec(), prose()];
    let mut bytes = Vec::new();
    for text in &texts {
        bytes.extend(Frame::bare(0xc1, &compressor.message(text)).bytes());
    }
    let all = explained(Peer::Server, &bytes, 9);
    let mut before = Vec::new();
    let mut fell = false;
    for (explanation, text) in all.iter().zip(&texts) {
        for step in &explanation.steps() {
            let says = step.says(explanation).unwrap();
            let window = explanation.window(step).unwrap();
            assert!(window.size == 512 && window.holes.is_empty());
            let (_, made) = step.place(explanation).unwrap();
            let made = says.makes.map_or(made, |(_, end)| end);
            let sent = [&before[..], &text[..usize::try_from(made).unwrap()]].concat();
            let held = sent.len().min(window.bytes.len());
            assert_eq!(window.bytes, sent[sent.len() - held..]);
            assert_eq!(window.held(), sent.len().min(512) as u64);
            fell |= window.fallen > 0;
            let range = |range: &std::ops::Range<u64>| {
                let at = |at: u64| usize::try_from(at).unwrap();
                window.bytes[at(range.start)..at(range.end)].to_vec()
            };
            if let Some(source) = &window.source {
                let copied = range(source);
                let made = range(&window.made);
                let repeated: Vec<_> = copied.iter().cycle().take(made.len()).copied().collect();
                assert_eq!(repeated, made);
            }
        }
        before.extend_from_slice(text);
        let shares = explanation.shares();
        let sum: u64 = shares.iter().map(|share| share.bytes).sum();
        assert_eq!(sum, text.len() as u64);
    }
    assert!(fell);
    assert_eq!(all[1].shares()[0].source, Some(Source::Message(1)));
}

#[test]
fn the_strip_has_borders_source_and_target() {
    let bytes = hex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00");
    let all = explained(Peer::Server, &bytes, 15);
    let steps = all[1].steps();
    let copy = steps.iter().find(|step| {
        step.says(&all[1])
            .is_some_and(|says| says.distance().is_some())
    });
    let window = all[1].window(copy.unwrap()).unwrap();
    assert_eq!(
        texts(&strip(&window, 2, 40)),
        [
            "window: 10 of 32,768 bytes; 4 bytes put out",
            " window   ─▓▓▓▓│████",
            "          #1   this",
            " oldest   Hello│Hello",
            " from #1  Hello│Hello",
            " newest   Hello│Hello",
        ]
    );
}

#[test]
fn of_what_does_not_inflate_the_beginning_is_shown() {
    // A copy from before the beginning of the stream, after one literal.
    let all = explained(Peer::Server, &hex("c1 05 f2 00 11 00 00"), 15);
    assert!(all[0].is_lost());
    let rebuilt = all[0].clone().rebuilt();
    linked(&rebuilt, |links| {
        let lines = texts(&rows(links, Spot::default(), 80));
        assert_eq!(&lines[lines.len() - 2..], [" text     H", "          ."]);
        // From the fault on no bit has a name.
        let last = links.end(0) - 1;
        assert_eq!(links.group(0, last).unwrap().thing, Thing::Byte);
    });
}

#[test]
fn what_is_lost_is_hatched() {
    let agreement = Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters::default()));
    let mut context = Context::new(Limits::default(), Detail::Wire);
    let mut sink = Collector::with_agreement(Target::All, agreement);
    // The first message is broken, so what it left in the window is unknown.
    let bytes = hex("c1 02 ff ff c1 05 f2 00 11 00 00");
    websocket_bytes(Peer::Server, &bytes, agreement, &mut context, &mut sink);
    let explanation = &sink.found[1];
    let steps = explanation.steps();
    let window = explanation.window(&steps[3]).unwrap();
    // What is before the message, and what it copies from there.
    assert!(window.holes.len() == 2 && window.source.is_some());
    let lines = texts(&strip(&window, 2, 60));
    assert_eq!(
        lines[0],
        "window: 32,768 bytes, 1 known; 4 bytes fell out; 4 bytes put out"
    );
    // Of the lost bytes a few columns stand for all.
    assert_eq!(lines[1], " window   ░░│░░░░");
    assert!(lines[5].ends_with("░░│H░░░░"), "{lines:#?}");
    linked(explanation, |links| {
        let lines = texts(&rows(links, Spot::default(), 60));
        assert_eq!(
            &lines[lines.len() - 2..],
            [" text     H░░░░", "          .????"]
        );
    });
}
