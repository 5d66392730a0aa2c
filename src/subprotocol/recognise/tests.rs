use super::*;
use crate::base::{Limits, PacketRef, Timestamp};
use crate::subprotocol::entry::Confidence;
use crate::subprotocol::testing::Told;
use crate::subprotocol::unit::{Answered, Part, Unit};

/// Says each byte back as a unit; `?` asks, `!` answers the last question.
#[derive(Debug, Clone, Default)]
struct Echo(Option<Answered>);

impl Subprotocol for Echo {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        for (start, byte) in body.bytes.iter().enumerate() {
            let unit = out.unit(Unit {
                protocol: "echo",
                kind: char::from(*byte).to_string().into(),
                answers: self.0.filter(|_| *byte == b'!').into_iter().collect(),
                parts: vec![Part {
                    message: at.message,
                    start: start as u64,
                    length: 1,
                }],
                ..Unit::default()
            });
            if *byte == b'?' {
                let message = at.message;
                self.0 = Some(Answered { message, unit });
            }
        }
    }

    fn lost(&mut self, _: Peer) {
        self.0 = None;
    }

    fn finish(&mut self, _: Stamp, _: &mut dyn Out) {}
}

const ENTRIES: &[Entry] = &[Entry {
    name: "echo",
    title: "Echo",
    tokens: &["v1.echo"],
    suits: |_, _, look| match look.body.bytes {
        b"echo" => Confidence::Certain,
        b"e?" => Confidence::Possible,
        _ => Confidence::No,
    },
    new: |_| Box::new(Echo::default()),
}];

fn recogniser(agreed: Option<&str>, choice: Choice) -> Recogniser {
    let opening = Opening {
        agreed,
        ..Opening::default()
    };
    Recogniser::new(&opening, choice, ENTRIES)
}

/// Whether the message shows the protocol, and the kinds and answers of units told with it.
fn say(recogniser: &mut Recogniser, number: u64, bytes: &[u8]) -> (bool, String, Vec<Answered>) {
    let at = At {
        from: Peer::Client,
        message: number,
        stamp: Stamp {
            packet: PacketRef::default(),
            time: Timestamp(number),
        },
        began: Timestamp(number),
    };
    let body = Body {
        text: true,
        bytes,
        read: None,
        holes: &[],
        whole: true,
    };
    let mut heard = Told::default();
    let shown = recogniser.message(&at, body, &mut heard);
    let kinds = heard.units.iter().map(|unit| unit.kind.as_ref()).collect();
    let answers = heard.units.iter().flat_map(|unit| unit.answers.clone());
    (shown, kinds, answers.collect())
}

#[test]
fn what_was_kept_is_told_with_the_message_that_shows_it() {
    let mut one = recogniser(None, Choice::Recognise);
    assert_eq!(say(&mut one, 1, b"a?"), (false, String::new(), Vec::new()));
    assert!(one.recognised().is_none());
    let (shown, kinds, _) = say(&mut one, 4, b"echo");
    assert!(shown);
    assert_eq!(kinds, "a?echo");
    let recognised = one.recognised().unwrap();
    assert_eq!((recognised.why, recognised.message), (Why::Said, 4));
    // The question was asked in message 1 and told with message 4.
    let asked = Answered {
        message: 4,
        unit: 1,
    };
    assert_eq!(say(&mut one, 5, b"!"), (false, "!".to_owned(), vec![asked]));
}

#[test]
fn a_name_that_is_agreed_raises_the_confidence_and_decides_nothing() {
    let mut plain = recogniser(None, Choice::Recognise);
    assert!(!say(&mut plain, 1, b"e?").0);
    let mut agreed = recogniser(Some("v1.echo"), Choice::Recognise);
    assert!(!say(&mut agreed, 1, b"else").0);
    assert!(say(&mut agreed, 2, b"e?").0);
    assert_eq!(agreed.recognised().unwrap().why, Why::SaidAndAgreed);
}

#[test]
fn after_eight_messages_nothing_is_looked_at() {
    let mut one = recogniser(None, Choice::Recognise);
    for number in 1..=8 {
        assert!(!one.is_over());
        say(&mut one, number, b"x");
    }
    assert!(one.is_over());
    assert!(!say(&mut one, 9, b"echo").0);
}

#[test]
fn what_is_too_long_to_keep_is_lost_to_the_decoder() {
    let opening = Opening {
        limits: Limits {
            recognised_bytes: 3,
            ..Limits::default()
        },
        ..Opening::default()
    };
    let mut one = Recogniser::new(&opening, Choice::Recognise, ENTRIES);
    say(&mut one, 1, b"a?");
    say(&mut one, 2, b"bc");
    say(&mut one, 3, b"d");
    assert_eq!(say(&mut one, 4, b"echo").1, "a?decho");
    assert_eq!(say(&mut one, 5, b"!").2, Vec::new());
}

#[test]
fn who_asks_decides() {
    let mut forced = recogniser(None, Choice::Forced(&ENTRIES[0]));
    assert_eq!(
        say(&mut forced, 1, b"x"),
        (true, "x".to_owned(), Vec::new())
    );
    assert_eq!(forced.recognised().unwrap().why, Why::Asked);
    let mut none = recogniser(Some("v1.echo"), Choice::Nothing);
    assert!(none.is_over());
    assert!(!say(&mut none, 1, b"echo").0);
}

#[test]
fn a_copy_goes_on_where_the_original_stands() {
    let mut one = recogniser(None, Choice::Recognise);
    say(&mut one, 1, b"a");
    let mut copy = one.clone();
    assert_eq!(say(&mut copy, 2, b"echo"), say(&mut one, 2, b"echo"));
    say(&mut one, 3, b"?");
    let mut copy = one.clone();
    assert_eq!(say(&mut copy, 4, b"!"), say(&mut one, 4, b"!"));
}

#[test]
fn words_choose_protocols() {
    use crate::subprotocol::Choices;

    let mut choices = Choices::default();
    let mut add = |word| choices.add(word, ENTRIES);
    assert_eq!(add("none"), Ok(()));
    assert_eq!(add("7=echo"), Ok(()));
    assert_eq!(add("7.3=none"), Ok(()));
    assert!(add("8=smtp").unwrap_err().contains("echo and none"));
    assert!(add("x=echo").is_err());
    assert!(matches!(choices.of(1.into()), Choice::Nothing));
    assert!(matches!(choices.of(7.into()), Choice::Forced(_)));
    assert!(matches!(
        choices.of("7.3".parse().unwrap()),
        Choice::Nothing
    ));
}
