use std::cmp::Ordering;

use strum::VariantArray;

use super::*;
use crate::base::Peer;
use crate::event::Status;
use crate::tui::index::testing;

/// More than stay in memory.
const ROWS: usize = 20_000;

/// An index of one connection with rows of all kinds.
fn index() -> Index {
    let mut index = Index::default();
    index.take(&testing::batch(ROWS));
    index
}

fn rows(index: &Index) -> Vec<(usize, Row)> {
    let places = index.first()..index.len();
    places
        .map(|place| (place, index.get(place).unwrap()))
        .collect()
}

fn listed(visible: &Visible, index: &Index, matches: Option<&Matches>) -> Vec<usize> {
    let lines = 0..visible.len(index, matches);
    let places = lines.map(|line| visible.get(line, index, matches));
    places.map(Option::unwrap).collect()
}

fn matching(source: &str, index: &Index) -> Matches {
    let mut matches = Matches::new(Arc::new(Filter::parse(source).unwrap()));
    while matches.step(index, true) {}
    matches
}

/// How two rows are to be sorted, said in another way.
fn compare(column: MessageColumn, a: &Row, b: &Row) -> Ordering {
    let flags = |row: &Row| {
        let whole = row.status == Status::Complete;
        (row.finding, !whole, row.frames, row.compressed)
    };
    let ratio = |row: &Row| row.facts().ratio().unwrap_or(-1.0);
    match column {
        MessageColumn::Connection => a.conversing().cmp(&b.conversing()),
        MessageColumn::Number => a.number.cmp(&b.number),
        MessageColumn::From => (a.from == Peer::Server).cmp(&(b.from == Peer::Server)),
        MessageColumn::OpCode => a.opcode.cmp(&b.opcode),
        MessageColumn::Flags => flags(a).cmp(&flags(b)),
        MessageColumn::Wire => a.wire.cmp(&b.wire),
        MessageColumn::Payload => a.payload().cmp(&b.payload()),
        MessageColumn::Ratio => ratio(a).total_cmp(&ratio(b)),
        MessageColumn::Time
        | MessageColumn::Before
        | MessageColumn::Alone
        | MessageColumn::Preview => Ordering::Equal,
    }
}

#[test]
fn rows_on_disk_are_filtered() {
    let index = index();
    let matches = matching("payload_bytes < 300 and from == server", &index);
    let meant = |row: &Row| row.payload().is_some_and(|n| n < 300) && row.from == Peer::Server;
    let all = rows(&index);
    let meant = all.iter().filter(|(_, row)| meant(row));
    let meant: Vec<_> = meant.map(|(place, _)| *place).collect();
    assert!(meant.len() > 100 && meant.len() < ROWS / 2);
    assert_eq!(matches.count, meant.len());
    let mut visible = Visible::default();
    while visible.step(&index, Some(&matches)) {}
    assert_eq!(listed(&visible, &index, Some(&matches)), meant);
}

#[test]
fn rows_on_disk_are_sorted_by_every_column() {
    let index = index();
    let all = rows(&index);
    for column in MessageColumn::VARIANTS {
        for backwards in [false, true] {
            let mut visible = Visible::default();
            visible.table.sort = (*column, backwards);
            while visible.step(&index, None) {}
            let mut sorted = all.clone();
            sorted.sort_by(|a, b| match column {
                MessageColumn::Time => directed(a.0.cmp(&b.0), backwards),
                _ => directed(compare(*column, &a.1, &b.1), backwards),
            });
            let sorted: Vec<_> = sorted.iter().map(|(place, _)| *place).collect();
            assert!(
                listed(&visible, &index, None) == sorted,
                "{column:?} {backwards}"
            );
        }
    }
}

#[test]
fn rows_that_come_are_put_where_they_belong() {
    let mut index = Index::default();
    let mut visible = Visible::default();
    visible.table.sort = (MessageColumn::Wire, true);
    for piece in testing::batches(ROWS, 700) {
        index.take(&piece);
        while visible.step(&index, None) {}
    }
    let mut whole = Visible::default();
    whole.table.sort = visible.table.sort;
    while whole.step(&index, None) {}
    assert_eq!(listed(&visible, &index, None).len(), ROWS);
    assert!(listed(&visible, &index, None) == listed(&whole, &index, None));
}

#[test]
fn rows_on_disk_are_found() {
    let index = index();
    for place in (0..ROWS).step_by(313) {
        let row = index.get(place).unwrap();
        assert_eq!(index.find(row.conversing(), row.number.into()), Some(place));
        assert_eq!(index.at_packet(row.last_packet), Some(place));
        let found = Found {
            numbers: None,
            packet: row.last_packet,
            from: row.from,
            wire: row.wire,
        };
        assert_eq!(index.find_by_packet(&found), Some(place));
        assert_eq!(index.preview(place), testing::preview(place));
    }
}

#[test]
fn a_finding_that_comes_late_is_sorted_and_filtered_by() {
    let mut index = index();
    let row = index.get(5).unwrap();
    let found = testing::finding(&row);
    let severity = found.1.code.severity();
    index.add(&[found]);
    assert_eq!(index.get(5).unwrap().finding, Some(severity));
    let mut visible = Visible::default();
    visible.table.sort = (MessageColumn::Flags, true);
    while visible.step(&index, None) {}
    assert_eq!(visible.get(0, &index, None), Some(5));
    assert_eq!(matching("has finding", &index).count, 1);
}

#[test]
fn the_oldest_rows_go_with_their_places() {
    let mut index = Index::default();
    index.bound = 400_000;
    let mut visible = Visible::default();
    visible.table.sort = (MessageColumn::Wire, false);
    for piece in testing::batches(ROWS, 1000) {
        index.take(&piece);
        while visible.step(&index, None) {}
    }
    assert!(
        index.first() > 0 && index.kept() > 2000,
        "{}",
        index.first()
    );
    let mut places = listed(&visible, &index, None);
    places.sort_unstable();
    assert_eq!(places, (index.first()..ROWS).collect::<Vec<_>>());
    let one = &index.connections()[0];
    assert_eq!(one.gone, index.first() as u64);
    assert_eq!(one.rows.len(), index.kept());
    assert_eq!(index.get(index.first() - 1), None);
}
