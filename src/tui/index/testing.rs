//! An index of many rows, for tests.

use std::path::Path;

use super::record::{Batch, Entry, Item};
use super::row::Row;
use super::row::testing::sound_row;
use super::{Index, Loader};
use crate::base::Conversing;
use crate::capture::Input;
use crate::finding::Finding;
use crate::pipeline::Options;
use crate::replay::{Inputs, Trail};
use crate::session::Detail;

/// What a shipped capture comes to.
fn shipped(name: &str) -> Index {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let inputs = Inputs {
        files: vec![Input::from(path.join(name))],
        filter: None,
    };
    let options = Options::new(Detail::Payloads);
    let loader = Loader::start(inputs, &options, 1, &Trail::default());
    let mut index = Index::default();
    for batch in &loader.batches {
        index.take(&batch);
    }
    index
}

/// The preview of the row at a place.
pub(in crate::tui) fn preview(place: usize) -> Vec<u8> {
    format!("message {place} {}", "x".repeat(place % 40)).into_bytes()
}

/// So many messages of all kinds on one connection, in pieces.
pub(in crate::tui) fn batches(rows: usize, piece: usize) -> Vec<Batch> {
    let mut info = shipped("demo.pcapng").connections()[0].info.clone();
    info.conversing = 1.into();
    let connection = Entry::Item(Item::Connection(Box::new(info)));
    let mut batches = Vec::new();
    for start in (0..rows).step_by(piece) {
        let places = start..rows.min(start + piece);
        let rows = places.map(|place| (sound_row(place), preview(place)));
        batches.push(Batch::of(rows));
    }
    batches[0].entries.push_front(connection);
    batches
}

/// The same at once.
pub(in crate::tui) fn batch(rows: usize) -> Batch {
    batches(rows, rows).remove(0)
}

/// A finding on a message.
pub(in crate::tui) fn finding(row: &Row) -> (Conversing, Finding) {
    let mut found = shipped("ws-takeover-lost.pcap").findings.remove(0);
    found.0 = row.conversing();
    found.1.message = Some(row.number.into());
    found
}
