use std::io;

use proptest::prelude::*;

use super::*;
use crate::tui::index::row::testing::any_row;

/// A row as it came, wherever its preview lies now.
fn as_it_came(row: Option<Row>) -> Option<Row> {
    row.map(|mut row| {
        row.set_preview(0);
        row
    })
}

/// As many rows as are asked for, made of a few different ones.
fn fill(rows: &mut Rows, kinds: &[(Row, Vec<u8>)], count: usize) {
    for place in rows.len()..rows.len() + count {
        let (row, preview) = &kinds[place % kinds.len()];
        rows.push(*row, preview, 0);
    }
}

/// Whether a place says what came there.
fn check(rows: &Rows, kinds: &[(Row, Vec<u8>)], place: usize) -> Result<(), TestCaseError> {
    let (row, preview) = &kinds[place % kinds.len()];
    let is_there = place >= rows.first() && place < rows.len();
    prop_assert_eq!(as_it_came(rows.get(place)), is_there.then_some(*row));
    let there = rows.preview(place);
    prop_assert_eq!(there.as_ref(), is_there.then_some(preview));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rows_come_back_in_any_order(
        kinds in prop::collection::vec(any_row(), 1..40),
        count in 1..3 * CHUNK,
        forgotten in 0..4_usize,
        more in 0..CHUNK,
        places in prop::collection::vec(any::<prop::sample::Index>(), 100),
    ) {
        let mut rows = Rows::default();
        fill(&mut rows, &kinds, count);
        for _ in 0..forgotten {
            let first = rows.first();
            let gone = rows.forget().unwrap_or_default();
            prop_assert_eq!(rows.first(), first + gone.len());
            for (place, row) in (first..).zip(gone) {
                prop_assert_eq!(as_it_came(row), Some(kinds[place % kinds.len()].0));
            }
        }
        fill(&mut rows, &kinds, more);
        prop_assert_eq!(rows.len(), count + more);
        for place in places {
            check(&rows, &kinds, place.index(count + more + 10))?;
        }
        prop_assert_eq!(rows.take_trouble(), None);
    }
}

/// A few rows to make many of.
fn kinds() -> Vec<(Row, Vec<u8>)> {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let some = prop::collection::vec(any_row(), 37);
    some.new_tree(&mut runner).unwrap().current()
}

#[test]
fn whole_chunks_are_on_disk() {
    let mut rows = Rows::default();
    let kinds = kinds();
    fill(&mut rows, &kinds, 70 * CHUNK + 5);
    assert_eq!((rows.sealed.len(), rows.open.len()), (70, 5));
    // What is in memory of a chunk: how it lies, and a byte for each message.
    assert!(size_of::<Chunk>() + CHUNK <= 2 * CHUNK);
    for place in (0..rows.len()).rev().step_by(101) {
        check(&rows, &kinds, place).unwrap();
    }
}

#[test]
fn findings_are_noted_on_rows_that_are_on_disk() {
    let mut rows = Rows::default();
    let mut kinds = kinds();
    for (row, _) in &mut kinds {
        row.finding = None;
    }
    fill(&mut rows, &kinds, CHUNK + 10);
    let finding = |rows: &Rows, place| rows.get(place).unwrap().finding;
    for place in [3, CHUNK + 3] {
        assert_eq!(finding(&rows, place), None);
        rows.worsen(place, Severity::Warning);
        rows.worsen(place, Severity::Note);
        assert_eq!(finding(&rows, place), Some(Severity::Warning));
        assert_eq!(finding(&rows, place + 1), None);
    }
    fill(&mut rows, &kinds, CHUNK);
    assert_eq!(finding(&rows, CHUNK + 3), Some(Severity::Warning));
    rows.worsen(5 * CHUNK, Severity::Error);
}

#[test]
fn the_first_row_from_a_packet_on_is_found() {
    let mut rows = Rows::default();
    let kinds = kinds();
    for place in 0..2 * CHUNK + 100 {
        let (mut row, _) = kinds[place % kinds.len()];
        row.last_packet = 10 * place as u64;
        rows.push(row, &[], 0);
    }
    for place in [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK, 2 * CHUNK + 99] {
        let packet = 10 * place as u64;
        assert_eq!(rows.at_packet(packet), Some(place));
        assert_eq!(rows.at_packet(packet.saturating_sub(9)), Some(place));
    }
    assert_eq!(rows.at_packet(100 * CHUNK as u64), None);
}

#[test]
fn rows_that_cannot_be_written_stay_in_memory() {
    let mut rows = Rows {
        scratch: Scratch::new(|| Err(io::Error::other("no room"))),
        ..Rows::default()
    };
    let kinds = kinds();
    fill(&mut rows, &kinds, 3 * CHUNK + 5);
    for place in (0..rows.len()).step_by(97) {
        check(&rows, &kinds, place).unwrap();
    }
    assert!(rows.take_trouble().unwrap().contains("no room"));
    fill(&mut rows, &kinds, CHUNK);
    assert_eq!(rows.take_trouble(), None);
}

#[test]
fn rows_that_cannot_be_read_are_told() {
    let mut rows = Rows::default();
    fill(&mut rows, &kinds(), 2 * CHUNK);
    rows.sealed[0].place().spoil();
    assert_eq!(rows.get(5), None);
    assert!(rows.take_trouble().unwrap().contains("cannot be read"));
    assert_eq!((rows.preview(6), rows.take_trouble()), (None, None));
}
