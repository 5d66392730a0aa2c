use crossbeam_channel::bounded;
use proptest::prelude::*;

use super::*;
use crate::event::Piece;

/// What one worker renders of one block: numbers of steps with the units of each, and after how
/// many units each portion ends.
type Block = (Vec<(u64, usize)>, usize);

/// Portions as a worker hands them on; each unit is the number of its step.
fn portions((steps, full): &Block) -> Vec<Portion<Vec<u64>>> {
    let mut all = Vec::new();
    let mut now = Portion::<Vec<u64>>::default();
    for (number, count) in steps {
        for _ in 0..*count {
            now.rendered.push(*number);
            let end = now.rendered.len();
            match now.pieces.last_mut() {
                Some(last) if last.number == *number => last.end = end,
                _ => now.pieces.push(Piece {
                    number: *number,
                    end,
                }),
            }
            if end == *full {
                all.push(std::mem::take(&mut now));
            }
        }
    }
    now.is_last = true;
    all.push(now);
    all
}

/// Merges blocks, each with what every worker makes of it; the parts that come out.
fn merged(blocks: &[Vec<Block>], workers: usize, full: usize) -> Vec<Vec<u64>> {
    let (to, from): (Vec<_>, Vec<_>) = (0..workers).map(|_| bounded(1)).unzip();
    let (spare, _spare) = bounded(workers);
    let merge = Merge::new(from, spare, full);
    let mut out = Vec::new();
    std::thread::scope(|scope| {
        for (worker, to) in to.into_iter().enumerate() {
            scope.spawn(move || {
                let of_mine = blocks.iter().flat_map(|block| portions(&block[worker]));
                for portion in of_mine {
                    to.send(portion).unwrap();
                }
            });
        }
        let mut take = |part: &mut Vec<u64>| {
            out.push(std::mem::take(part));
            Ok(())
        };
        merge.write(&mut take).unwrap();
    });
    out
}

fn blocks() -> impl Strategy<Value = (usize, Vec<Vec<Block>>)> {
    (1usize..5).prop_flat_map(|workers| {
        let steps = prop::collection::vec((0..workers, 0usize..6), 0..40);
        let fulls = prop::collection::vec(1usize..9, workers);
        let block = (steps, fulls).prop_map(move |(steps, fulls)| {
            let mut of: Vec<Block> = fulls.into_iter().map(|full| (Vec::new(), full)).collect();
            for (number, (worker, count)) in (0..).zip(steps) {
                of[worker].0.push((number, count));
            }
            of
        });
        (Just(workers), prop::collection::vec(block, 0..4))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn blocks_and_steps_come_in_order((workers, blocks) in blocks(), full in 1usize..200) {
        let mut want = Vec::new();
        for block in &blocks {
            let mut steps: Vec<_> = block.iter().flat_map(|(steps, _)| steps).collect();
            steps.sort_unstable();
            for (number, count) in steps {
                want.extend(std::iter::repeat_n(*number, *count));
            }
        }
        let parts = merged(&blocks, workers, full);
        // Eight bytes each; a part may grow by one portion after it is not yet full.
        prop_assert!(parts.iter().all(|part| part.len() * 8 < full + 9 * 8));
        prop_assert!(parts.iter().all(|part| !part.is_empty()));
        prop_assert_eq!(parts.concat(), want);
    }
}

#[test]
fn an_output_that_fails_ends_it() {
    let (to, from) = bounded(2);
    let (spare, _spare) = bounded(1);
    let block = (vec![(1, 1)], 8);
    for _ in 0..2 {
        to.send(portions(&block).remove(0)).unwrap();
    }
    let merge = Merge::new(vec![from], spare, 8);
    let written = merge.write(&mut |_: &mut Vec<u64>| Err(io::ErrorKind::BrokenPipe.into()));
    assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    assert!(to.send(Portion::default()).is_err());
}
