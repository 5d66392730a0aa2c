use super::*;
use crate::base::{PacketRef, Stamp, Timestamp};
use proptest::prelude::*;

fn at(number: u64) -> Stamps {
    Stamp {
        packet: PacketRef::new(0, number),
        time: Timestamp(number),
    }
    .into()
}

fn chunk(number: u64, bytes: &[u8], begins: bool) -> Piece {
    Piece::Chunk {
        at: at(number),
        bytes: bytes.to_vec(),
        begins,
    }
}

fn gap(number: u64, missing: Missing) -> Piece {
    Piece::Gap {
        at: at(number),
        missing,
    }
}

#[test]
fn bytes_keep_their_packets_through_reading() {
    let mut backlog = Backlog::default();
    for (number, bytes) in [(1, "abc"), (2, "def"), (3, "ghi")] {
        backlog.push(Delivery::write(bytes.as_bytes()), at(number));
    }
    backlog.push(Delivery::Gap(Missing::Bytes(7)), at(4));
    backlog.push(Delivery::Gap(Missing::Bytes(1)), at(5));
    backlog.push(Delivery::write(b"jkl"), at(6));
    assert_eq!((backlog.run(), backlog.span()), (&b"abcdefghi"[..], 20));
    backlog.consume(5);
    assert_eq!(
        (backlog.run(), backlog.first()),
        (&b"fghi"[..], Some(at(2)))
    );
    assert_eq!((backlog.len(), backlog.take_gap()), (7, None));
    backlog.consume(usize::MAX);
    assert_eq!((backlog.run(), backlog.has_gap()), (&b""[..], true));
    let both = Stamps {
        first: at(4).first,
        last: at(5).last,
    };
    assert_eq!(backlog.take_gap(), Some((both, Missing::Bytes(8))));
    assert_eq!(backlog.take(), [chunk(6, b"jkl", true)]);
    assert!(backlog.is_empty());
}

#[test]
fn read_bytes_do_not_pile_up() {
    let mut backlog = Backlog::default();
    for number in 0..10_000 {
        backlog.push(Delivery::write(&[0; 100]), at(number));
        backlog.consume(99);
        assert!(backlog.bytes.len() <= 2 * backlog.len() + 100);
    }
    assert_eq!(backlog.len(), 10_000);
    let pieces = backlog.take();
    assert_eq!((pieces.len(), pieces[0].at()), (100, at(9_900)));
}

#[test]
fn a_gap_of_unknown_length_takes_no_place_and_is_never_skipped() {
    let mut backlog = Backlog::default();
    backlog.push(Delivery::write(b"ab"), at(1));
    backlog.push(Delivery::Gap(Missing::Bytes(5)), at(2));
    backlog.push(Delivery::Gap(Missing::Unknown), at(2));
    backlog.push(Delivery::write(b"cd"), at(3));
    assert_eq!((backlog.span(), backlog.run()), (4, &b"ab"[..]));
    backlog.consume(2);
    assert_eq!(backlog.run(), b"");
    let rest = [gap(2, Missing::Unknown), chunk(3, b"cd", true)];
    assert_eq!(backlog.pieces(0), rest);
    assert_eq!(backlog.take_gap(), Some((at(2), Missing::Unknown)));
    assert_eq!(backlog.run(), b"cd");
}

#[test]
fn writes_are_known_by_where_they_begin() {
    let mut backlog = Backlog::default();
    let goes_on = |bytes| Delivery::Chunk {
        bytes,
        begins: false,
    };
    backlog.push(Delivery::write(b"abc"), at(1));
    backlog.push(goes_on(b"de"), at(1));
    backlog.push(goes_on(b"fg"), at(2));
    backlog.push(Delivery::write(b"hi"), at(3));
    backlog.push(Delivery::Gap(Missing::Bytes(2)), at(3));
    assert_eq!(backlog.parts(), 4);
    let edges: Vec<u64> = (0..=11).filter(|place| backlog.is_edge(*place)).collect();
    assert_eq!(edges, [0, 7, 11]);
    // A write ends where another one, a gap or nothing follows.
    let before = |backlog: &Backlog, places: &[u64]| -> Vec<Option<u64>> {
        places
            .iter()
            .map(|place| backlog.write_before(*place))
            .collect()
    };
    let lengths = before(&backlog, &[0, 5, 7, 9, 11]);
    assert_eq!(lengths, [None, None, Some(7), Some(2), None]);
    let between = |start, end| backlog.writes_between(start, end);
    assert_eq!((between(0, 7), between(0, 8), between(7, 11)), (0, 1, 0));
    assert!(backlog.has_gap_after(9) && !backlog.has_gap_after(10));
    // What was cut begins no more.
    backlog.forget(1);
    assert!(!backlog.is_edge(0) && backlog.is_edge(6));
    assert_eq!(before(&backlog, &[6, 8]), [None, Some(2)]);
    assert_eq!(backlog.pieces(0)[0], chunk(1, b"bcde", false));
    backlog.forget(8);
    assert_eq!(backlog.pieces(0), [gap(3, Missing::Bytes(2))]);
    assert_eq!(backlog.unread(), b"");
}

/// A delivery: a chunk of so many bytes that begins a write or not, or a gap.
fn deliveries() -> impl Strategy<Value = Vec<(u8, bool, bool)>> {
    prop::collection::vec((0u8..9, any::<bool>(), any::<bool>()), 1..20)
}

proptest! {
    /// Held against bytes and holes in a row, whatever is forgotten on the way.
    #[test]
    fn places_and_pieces_are_those_of_a_plain_row(deliveries in deliveries(), forgotten: Vec<u8>) {
        let mut row: Vec<Option<u8>> = Vec::new();
        let mut backlog = Backlog::default();
        let mut forgotten = forgotten.into_iter();
        for (number, (len, is_gap, begins)) in (0..).zip(deliveries) {
            let bytes: Vec<u8> = (0..len).map(|i| i.wrapping_mul(7) ^ number).collect();
            if is_gap {
                backlog.push(Delivery::Gap(Missing::Bytes(len.into())), at(number.into()));
                row.extend(bytes.iter().map(|_| None));
            } else {
                let delivery = Delivery::Chunk { bytes: &bytes, begins };
                backlog.push(delivery, at(number.into()));
                row.extend(bytes.into_iter().map(Some));
            }
            let stale = usize::from(forgotten.next().unwrap_or(0) % 5).min(row.len());
            row.drain(..stale);
            backlog.forget(stale as u64);
            prop_assert_eq!(backlog.span(), row.len() as u64);
            let known: Vec<u8> = row.iter().flatten().copied().collect();
            prop_assert_eq!(backlog.unread(), known);
            for place in 0..=row.len() {
                let run: Vec<u8> = row[place..].iter().map_while(|byte| *byte).collect();
                prop_assert_eq!(backlog.from(place as u64), run);
                let mut again = Vec::new();
                for piece in backlog.pieces(place as u64) {
                    match piece {
                        Piece::Chunk { bytes, .. } => again.extend(bytes.into_iter().map(Some)),
                        Piece::Gap { missing, .. } => {
                            again.extend((0..missing.exactly().unwrap()).map(|_| None));
                        }
                    }
                }
                prop_assert_eq!(&again, &row[place..]);
            }
        }
    }
}
