#![expect(
    clippy::cast_possible_truncation,
    reason = "tests count in small numbers"
)]

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Literal(u8),
    Literals(Vec<u8>),
    Unknown(usize),
    Copy(usize, usize),
    Lose,
    Reset,
    Recall,
    Clone,
    Rest(bool),
    LetGo,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<u8>().prop_map(Step::Literal),
        4 => prop::collection::vec(any::<u8>(), 0..3000).prop_map(Step::Literals),
        1 => (0usize..3000).prop_map(Step::Unknown),
        12 => (1usize..40, 3usize..259).prop_map(|(d, l)| Step::Copy(d, l)),
        12 => (1usize..=FARTHEST, 3usize..259).prop_map(|(d, l)| Step::Copy(d, l)),
        1 => Just(Step::Lose),
        1 => Just(Step::Reset),
        1 => Just(Step::Recall),
        1 => Just(Step::Clone),
        2 => any::<bool>().prop_map(Step::Rest),
        1 => Just(Step::LetGo),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn it_does_what_a_list_of_bytes_does(
        begin in 0usize..FARTHEST,
        lost_before in any::<bool>(),
        steps in prop::collection::vec(step(), 0..150),
    ) {
        let mut window = Window::over(&vec![7; begin], lost_before);
        let mut output = Output::new(usize::MAX);
        let mut model: Vec<Option<u8>> = vec![Some(7); begin];
        let (mut floor, mut lost, mut kept) = (0, lost_before, None);
        for step in steps {
            window.wake();
            window.make_room(&mut output);
            match step {
                Step::Literal(byte) => {
                    window.literal(byte);
                    model.push(Some(byte));
                }
                Step::Literals(bytes) => {
                    window.literals(&bytes, &mut output);
                    model.extend(bytes.into_iter().map(Some));
                }
                Step::Unknown(count) => {
                    window.unknown(count, &mut output);
                    model.extend(vec![None; count]);
                }
                Step::Lose => {
                    window.lose();
                    (floor, lost, kept) = (model.len(), true, None);
                }
                Step::Reset => {
                    window.reset();
                    kept.get_or_insert((floor, lost));
                    (floor, lost) = (model.len(), false);
                }
                Step::Recall => {
                    prop_assert_eq!(window.recall(), kept.is_some());
                    (floor, lost) = kept.take().unwrap_or((floor, lost));
                }
                Step::Clone => {
                    window.hand_on(&mut output);
                    window = window.clone();
                    prop_assert!(window.data.len() <= FARTHEST);
                }
                Step::Rest(between) => {
                    window.hand_on(&mut output);
                    window.rest(between);
                    prop_assert!(window.takes() <= 2 * FARTHEST);
                }
                Step::LetGo => {
                    window.hand_on(&mut output);
                    window.let_go();
                    prop_assert_eq!(window.takes(), 0);
                    (floor, lost, kept) = (model.len(), true, None);
                }
                Step::Copy(distance, length) => {
                    let fits = distance <= model.len() - floor;
                    prop_assert_eq!(window.copy(distance, length).is_ok(), fits || lost);
                    for _ in 0..if fits || lost { length } else { 0 } {
                        let from = model.len().checked_sub(distance).filter(|from| *from >= floor);
                        model.push(from.and_then(|from| model[from]));
                    }
                }
            }
            let reach = floor.max(model.len().saturating_sub(FARTHEST));
            let whole = !lost || model.len() - floor >= FARTHEST;
            let known = whole && model[reach..].iter().all(Option::is_some);
            prop_assert_eq!(window.is_known(), known);
            prop_assert_eq!(window.position(), model.len() as u64);
            if known && !window.is_packed() {
                let bytes: Vec<_> = model[reach..].iter().flatten().copied().collect();
                prop_assert_eq!(window.reachable(), bytes);
            }
        }
        window.hand_on(&mut output);
        let made = &model[begin..];
        prop_assert_eq!(output.total, made.len() as u64);
        let bytes: Vec<_> = made.iter().map(|byte| byte.unwrap_or(0)).collect();
        prop_assert_eq!(&output.bytes, &bytes);
        let mut marks = vec![true; made.len()];
        for hole in &output.holes {
            marks[hole.start as usize..hole.end as usize].fill(false);
        }
        let expected: Vec<_> = made.iter().map(Option::is_some).collect();
        prop_assert_eq!(marks, expected);
        prop_assert_eq!(output.unknown, made.iter().filter(|b| b.is_none()).count() as u64);
    }
}
