use super::*;
use crate::base::{Peer, Stamp};
use crate::event::ConnectionEnd;
use crate::tcp::Ending;

/// Renders the end of connection N as N bytes.
struct Ends;

impl Renderer for Ends {
    type Output = Vec<u8>;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        if let Event::End(end) = event {
            let number = u8::try_from(end.conversing.connection).unwrap();
            out.put(&vec![b'a' + number; number.into()]);
        }
    }
}

/// Renders ends, takes back those of odd connections, and keeps the last one open until it pauses.
struct Even(Option<u64>);

impl Renderer for Even {
    type Output = Vec<u8>;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        self.pause(out);
        if let Event::End(end) = event {
            out.hold();
            Ends.event(event, out);
            self.0 = Some(end.conversing.connection);
        }
    }

    fn pause(&mut self, out: &mut Outlet<'_, Vec<u8>>) {
        if let Some(number) = self.0.take() {
            out.release(number % 2 == 0);
        }
    }
}

fn end(connection: u64) -> ConnectionEnd {
    ConnectionEnd {
        conversing: connection.into(),
        ending: Ending::Open,
        first_end: Some((Peer::Client, Stamp::START)),
        last: Stamp::START,
        tcp: None,
        stream: None,
    }
}

type Handed = (String, Vec<(u64, usize)>, bool);

/// What is handed on of steps that end these connections, until `most` portions were taken.
fn handed<S: Renderer<Output = Vec<u8>>>(
    renderer: S,
    full: usize,
    most: usize,
    steps: &[(u64, &[u64])],
) -> Vec<Handed> {
    let mut all = Vec::new();
    let mut take = |portion: &mut Portion<Vec<u8>>| {
        let pieces = portion.pieces.iter().map(|piece| (piece.number, piece.end));
        let text = String::from_utf8(portion.rendered.clone()).unwrap();
        all.push((text, pieces.collect(), portion.is_last));
        all.len() < most
    };
    let mut rendering = Rendering::new(renderer, full, &mut take);
    for (number, ends) in steps {
        rendering.step(*number);
        for connection in *ends {
            rendering.event(Event::End(&end(*connection)));
        }
    }
    rendering.end_block();
    all
}

fn portion(text: &str, pieces: &[(u64, usize)], is_last: bool) -> Handed {
    (text.to_owned(), pieces.to_vec(), is_last)
}

#[test]
fn portions_are_full_and_say_which_step_rendered_what() {
    let steps: [(u64, &[u64]); 4] = [(3, &[1, 2]), (4, &[]), (7, &[5]), (9, &[1])];
    assert_eq!(
        handed(Ends, 4, usize::MAX, &steps),
        [
            portion("bccf", &[(3, 3), (7, 4)], false),
            portion("ffff", &[(7, 4)], false),
            portion("b", &[(9, 1)], true),
        ]
    );
    assert_eq!(
        handed(Ends, 100, usize::MAX, &steps),
        [portion("bccfffffb", &[(3, 3), (7, 8), (9, 9)], true)]
    );
}

#[test]
fn a_block_that_renders_nothing_ends_all_the_same() {
    assert_eq!(
        handed(Ends, 4, usize::MAX, &[(1, &[])]),
        [portion("", &[], true)]
    );
}

#[test]
fn what_may_be_taken_back_is_not_handed_on() {
    let steps: [(u64, &[u64]); 3] = [(1, &[2, 3]), (2, &[7]), (3, &[6, 5])];
    assert_eq!(
        handed(Even(None), 2, usize::MAX, &steps),
        [
            portion("cc", &[(1, 2)], false),
            portion("gggggg", &[(3, 6)], false),
            portion("", &[], true),
        ]
    );
}

#[test]
fn nothing_is_rendered_for_nobody() {
    let steps: [(u64, &[u64]); 3] = [(1, &[3]), (2, &[3]), (3, &[3])];
    let taken = handed(Ends, 3, 2, &steps);
    assert_eq!(
        taken,
        [
            portion("ddd", &[(1, 3)], false),
            portion("ddd", &[(2, 3)], false)
        ]
    );
}
