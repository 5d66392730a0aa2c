use super::*;
use crate::lesson::shipped::{lessons, names};

fn played(text: &str) -> Result<Vec<Scene>, String> {
    let lesson = Lesson::parse("own.md", text).map_err(|fault| fault.to_string())?;
    play(&lesson, 80).map_err(|fault| fault.to_string())
}

/// Every figure of a lesson is what the engine says, or `play` fails.
#[test]
fn every_shipped_lesson_runs_to_its_end() {
    let lessons = lessons(None).unwrap();
    assert_eq!(
        names().collect::<Vec<_>>(),
        [
            "header", "masking", "lengths", "match", "overlap", "fixed", "dynamic", "flush",
            "window", "takeover", "sizes", "loss", "proxy", "around"
        ]
    );
    for lesson in &lessons {
        // Without TLS the recording of one lesson cannot be read.
        if lesson.name == "around" && cfg!(not(feature = "tls")) {
            continue;
        }
        let scenes = play(lesson, 80).unwrap_or_else(|fault| panic!("{fault}"));
        let content = || scenes.iter().flat_map(|scene| &scene.content);
        let questions = content().filter_map(|content| match content {
            Content::Question(question) => Some(question),
            _ => None,
        });
        let questions: Vec<_> = questions.collect();
        assert!(questions.len() >= 3, "{} asks little", lesson.name);
        let checked = questions
            .iter()
            .filter(|question| question.check.is_some())
            .count();
        assert!(
            checked > 0 || lesson.name == "masking",
            "{}: nothing is checked",
            lesson.name
        );
        for question in questions {
            assert!(question.is_right(&question.answer), "{question:?}");
            for ((right, text), letter) in question.choices.iter().zip('a'..) {
                assert_eq!(question.is_right(&letter.to_string()), *right);
                assert_eq!(question.is_right(text), *right);
            }
        }
        let pages = content().filter(|content| matches!(content, Content::Page(_)));
        for page in pages {
            let Content::Page(lines) = page else { continue };
            assert!(!lines.is_empty(), "{} shows an empty page", lesson.name);
        }
    }
}

#[test]
fn an_answer_that_the_engine_denies_is_a_fault() {
    let text =
        "# A\n```lab\nserver text Hello\n```\n```ask\nBytes?\nanswer: 8\ncheck: wire of 1\n```\n";
    assert_eq!(
        played(text).unwrap_err(),
        "own.md:5: the answer is \"8\", and wscope says of \"wire of 1\": \"9\""
    );
    assert!(played(&text.replace("answer: 8", "answer: 9")).is_ok());
}

#[test]
fn figures_that_are_not_there_are_faults() {
    for (figure, says) in [
        ("wire of 2", "there is no message 2"),
        ("weight of 1", "\"weight\" is no figure of message 1"),
        (
            "distance of symbol 1 of 1",
            "\"distance\" is no figure of this symbol; there are bits, digits, says, and literal, or \
             length, distance, source",
        ),
        ("kind of block 9 of 1", "message 1 has no block 9"),
        ("fin of frame 2 of 1", "message 1 has no frame 2"),
        ("before of 1", "message 1 has no before"),
        ("code x of block 1 of 1", "the block has no code for 'x'"),
    ] {
        let text = format!("# A\n```lab\nserver text Hello\n```\nIt has {{{figure}}}.\n");
        assert_eq!(played(&text).unwrap_err(), format!("own.md:5: {says}"));
    }
}

#[test]
fn words_have_figures_and_braces_may_be_braces() {
    let text = "# A\n```lab\nserver text {\"a\":1}\nserver text {\"a\":1}\nset compression off\n```\n\
                {wire of 2} bytes, before {before of 2}, for {\"a\":1} and { }.\n";
    let scenes = played(text).unwrap();
    let last = scenes[0].content.last().unwrap();
    assert!(
        matches!(last, Content::Prose(text) if text == "9 bytes, before 7, for {\"a\":1} and { }."),
        "{last:?}"
    );
}

#[test]
fn a_capture_beside_the_lesson_can_be_looked_at() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/own.md");
    let text = "# A\n```lab\ncapture ws-takeover.pcap\nshow header 2\n```\n{kind of 2} from the {from of 2}\n";
    let lesson = Lesson::parse(file, text).unwrap();
    let scenes = play(&lesson, 80).unwrap();
    assert!(matches!(&*scenes[0].ground, Ground::Capture { .. }));
    let text = text.replace("ws-takeover", "not-there");
    let lesson = Lesson::parse(file, &text).unwrap();
    let fault = play(&lesson, 80).unwrap_err();
    assert_eq!(fault.line, 3);
    let text = "# A\n```lab\ncapture http2 connection 1.3\nset window 9\n```\n";
    assert!(
        played(text)
            .unwrap_err()
            .contains("this is about a capture")
    );
}

#[test]
fn guesses_are_read_as_people_write() {
    let question = Question {
        answer: "65535".to_owned(),
        ..Question::default()
    };
    for right in ["65535", "65,535", " 65 535 "] {
        assert!(question.is_right(right), "{right}");
    }
    assert!(!question.is_right("65536") && !question.is_right("") && !question.is_right("a"));
}
