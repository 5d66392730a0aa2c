//! Rows for tests.

use proptest::prelude::*;
use strum::VariantArray;

use super::{PREVIEW, Row};
use crate::base::{Peer, Timestamp};
use crate::event::{Reason, Status};
use crate::finding::Severity;
use crate::tui::index::asked::Said;
use crate::ws::OpCode;

/// Any row, with its preview.
pub(in crate::tui::index) fn any_row() -> impl Strategy<Value = (Row, Vec<u8>)> {
    let figure = || prop_oneof![Just(u64::MAX), 0..1000_u64, any::<u64>()];
    let packets = (figure(), figure(), any::<[(u16, u16); 2]>());
    let bytes = (figure(), figure(), figure(), figure());
    let numbers = any::<[u32; 4]>();
    let status = prop_oneof![
        Just(Status::Complete),
        prop::sample::select(Reason::VARIANTS).prop_map(Status::Partial),
        prop::sample::select(Reason::VARIANTS).prop_map(Status::Lost),
    ];
    let severity = [Severity::Note, Severity::Warning, Severity::Error];
    let finding = prop::option::of(prop::sample::select(severity.to_vec()));
    let kind = (
        any::<u8>(),
        status,
        any::<[bool; 6]>(),
        finding,
        any::<u32>(),
    );
    let preview = prop::collection::vec(any::<u8>(), 0..=PREVIEW);
    (figure(), packets, bytes, numbers, kind, preview).prop_map(
        |(time, (first_packet, last_packet, files), bytes, numbers, kind, preview)| {
            let (opcode, status, is, finding, said) = kind;
            let row = Row {
                time: Timestamp(time),
                first_packet,
                last_packet,
                wire: bytes.0,
                payload_wire: bytes.1,
                payload: bytes.2,
                known: bytes.3,
                files,
                connection: numbers[0],
                stream: numbers[1],
                number: numbers[2],
                frames: numbers[3],
                preview_start: 0,
                preview_len: u8::try_from(preview.len()).unwrap(),
                from: if is[0] { Peer::Client } else { Peer::Server },
                opcode: OpCode::from_bits(opcode),
                status,
                compressed: is[1],
                inferred: is[2],
                text: is[3],
                truncated: is[4],
                cut: is[5],
                finding,
                said: Said::of_figure(said),
            };
            (row, preview)
        },
    )
}

/// The row at a place of a connection that has only sound ones, of all kinds and sizes.
pub(in crate::tui::index) fn sound_row(place: usize) -> Row {
    let figure = |factor: usize, most: usize| (place * factor % most) as u64;
    let opcodes = [OpCode::Text, OpCode::Binary, OpCode::Ping, OpCode::Pong];
    let lost = place % 50 == 7;
    Row {
        time: Timestamp(1_700_000_000_000_000_000 + figure(1_000_003, usize::MAX)),
        first_packet: 3 * place as u64 + 1,
        last_packet: 3 * place as u64 + 2,
        wire: figure(7919, 5003),
        payload_wire: figure(7919, 5003) / 2,
        payload: if lost {
            u64::MAX
        } else {
            figure(104_729, 2003)
        },
        known: if lost { 0 } else { figure(104_729, 2003) },
        files: [(0, 0); 2],
        connection: 1,
        stream: 0,
        number: u32::try_from(place).unwrap() + 1,
        frames: 1 + u32::try_from(place % 3).unwrap(),
        preview_start: 0,
        preview_len: u8::try_from(super::super::testing::preview(place).len()).unwrap(),
        from: [Peer::Client, Peer::Server][place % 2],
        opcode: opcodes[place % 7 % 4],
        status: if lost {
            Status::Lost(Reason::FramingLost)
        } else {
            Status::Complete
        },
        compressed: !place.is_multiple_of(3),
        inferred: false,
        text: true,
        truncated: false,
        cut: false,
        finding: None,
        said: Said::default(),
    }
}
