use super::*;

const LIMIT: u64 = 1600;

fn bounds() -> Bounds {
    let limits = Limits {
        kept_total_bytes: usize::try_from(LIMIT).unwrap(),
        ..Limits::default()
    };
    Bounds::new(&limits)
}

/// Connections that are heard once, each in a block of its own, and keep so much; the orders that each
/// block begins with.
fn run(each: u64, blocks: u64, packs: bool) -> (Vec<Vec<Order>>, u64) {
    let mut bounds = bounds();
    let mut now: Vec<(u64, u64)> = Vec::new();
    let (mut reports, mut all, mut most) = (VecDeque::new(), Vec::new(), 0);
    for block in 1..=blocks {
        let mut done = || reports.pop_front().unwrap_or_default();
        assert_eq!(bounds.next(&mut done).0, block);
        let mut orders = Vec::new();
        let mut carry_out = |order: Order| {
            orders.push(order);
            let (until, part) = match order {
                Order::Rest(until, Rest::Packed) if packs => (until, 4),
                Order::Rest(until, _) => (until, 1),
                Order::LetGo(until) => (until, u64::MAX),
            };
            let mut kept = Kept::default();
            for (heard, bytes) in now.iter_mut().filter(|(heard, _)| *heard < until) {
                let less = (*bytes / part).cast_signed() - bytes.cast_signed();
                kept.merge(&Kept::of(*heard, less));
                *bytes /= part;
            }
            Report { held: 0, kept }
        };
        let first = bounds.keep((each, u64::MAX), &mut done, &mut carry_out);
        let mut kept = first.map_or_else(Kept::default, |order| carry_out(order).kept);
        all.push(orders);
        now.push((block, each));
        kept.merge(&Kept::of(block, each.cast_signed()));
        reports.push_back(Report { held: 0, kept });
        most = most.max(now.iter().map(|(_, bytes)| bytes).sum());
    }
    (all, most)
}

#[test]
fn what_is_kept_stays_within_the_limit() {
    for each in [1, 7, 100, 199, 400] {
        let (orders, most) = run(each, 3000, false);
        assert!(most <= LIMIT, "{each}: {most}");
        let mut asked = orders.iter().flatten();
        assert!(asked.clone().count() > 0);
        // No more is given up than must be.
        let last = asked.rfind(|order| matches!(order, Order::LetGo(_)));
        assert!(matches!(last, Some(Order::LetGo(until)) if (1000..2999).contains(until)));
    }
}

#[test]
fn what_takes_less_room_is_not_given_up() {
    let (orders, most) = run(20, 150, true);
    assert!(most <= LIMIT);
    let mut asked = orders.iter().flatten();
    assert!(asked.all(|order| matches!(order, Order::Rest(..))));
    assert!(orders.iter().flatten().count() > 1);
}

#[test]
fn nothing_is_asked_for_where_there_is_room() {
    let (orders, _) = run(20, 40, false);
    assert!(orders.iter().all(Vec::is_empty));
}
