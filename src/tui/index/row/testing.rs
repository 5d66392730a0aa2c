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
                missing: bytes.3,
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
