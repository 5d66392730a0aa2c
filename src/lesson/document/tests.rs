use super::*;

fn fault(text: &str) -> String {
    let parsed = Lesson::parse("mine/07-own.md", text);
    parsed.unwrap_err().to_string()
}

#[test]
fn a_lesson_is_read() {
    let text = "# Title\n\nSome\nprose.\n\n- one\n- two\n  goes on\n\n## Stop\n\n```lab\nset window 9\n\nserver \
                text Hello\n```\n```ask\nHow many\nbytes?\nanswer: 9\ncheck: wire of 1\nwhy: because\n\
                it is.\n```\n```text\n  as it is\n```\n";
    let lesson = Lesson::parse("mine/07-own.md", text).unwrap();
    assert_eq!(
        (lesson.name.as_str(), lesson.title.as_str()),
        ("own", "Title")
    );
    assert_eq!(lesson.questions(), 1);
    let [first, second] = lesson.stops.as_slice() else {
        panic!("{lesson:?}")
    };
    assert_eq!(first.parts[0], (3, Part::Prose("Some prose.".to_owned())));
    assert_eq!(first.parts[2], (7, Part::Entry("two goes on".to_owned())));
    assert_eq!(second.parts[0].0, 13);
    let Part::Ask(question) = &second.parts[2].1 else {
        panic!("{second:?}")
    };
    assert_eq!(question.text, "How many bytes?");
    assert_eq!(question.check.as_deref(), Some("wire of 1"));
    assert_eq!(question.why, "because it is.");
    assert_eq!(second.parts[3].1, Part::Literal("  as it is".to_owned()));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn what_is_wrong_is_said_with_file_and_line() {
    for (text, says) in [
        (
            "prose",
            "mine/07-own.md:1: a lesson begins with its title: # …",
        ),
        (
            "## Stop",
            "mine/07-own.md:1: a lesson begins with its title: # …",
        ),
        ("", "mine/07-own.md:1: a lesson begins with its title: # …"),
        (
            "# A\n\n# B",
            "mine/07-own.md:3: a lesson has one title; stops begin with ##",
        ),
        (
            "# A\n```lab\nnew",
            "mine/07-own.md:2: this block does not end; ``` ends it",
        ),
        (
            "# A\n```python\n```",
            "mine/07-own.md:2: there are no blocks of the kind \"python\"; there are lab, ask and text",
        ),
        (
            "# A\n```lab\nnew\nserver txt Hello\n```",
            "mine/07-own.md:4: \"txt\" is nothing that a side sends; there are text, binary, ping, pong, \
             close, frames, deflate, repeat and noise",
        ),
        (
            "# A\n```lab\nset window 3\n```",
            "mine/07-own.md:3: window takes 9-15, not \"3\"",
        ),
        (
            "# A\n```lab\nserver frames 8\n```",
            "mine/07-own.md:3: \"8\" has an odd number of digits",
        ),
        (
            "# A\n```lab\nlost set window 9\n```",
            "mine/07-own.md:3: only what a side sends can be lost",
        ),
        (
            "# A\n```lab\nshow bits 1\n```",
            "mine/07-own.md:3: \"bits\" cannot be shown; there are sizes, handshake, extensions, whole, \
             header, symbols, codes, payload, bytes",
        ),
        (
            "# A\n```ask\nanswer: 1\n```",
            "mine/07-own.md:2: there is no question in this block",
        ),
        (
            "# A\n```ask\nWhy?\n```",
            "mine/07-own.md:2: this question has no answer: \"answer: …\", or choices",
        ),
        (
            "# A\n```ask\nWhy?\n- [ ] a\n- [ ] b\n```",
            "mine/07-own.md:2: one choice has to be right: \"- [x] …\"",
        ),
        (
            "# A\n```ask\nWhy?\n- yes\n```",
            "mine/07-own.md:4: a choice begins with \"- [x] \" where it is right, else with \"- [ ] \"",
        ),
        (
            "# A\n```ask\nWhy?\nanswer: 1\nmore\n```",
            "mine/07-own.md:5: this belongs before the answer, or after \"why:\"",
        ),
    ] {
        assert_eq!(fault(text), says);
    }
}

#[test]
fn names_come_from_files() {
    for (file, name) in [
        ("lessons/01-header.md", "header"),
        ("own.md", "own"),
        ("a\\2-b.md", "b"),
        ("12.md", "12"),
    ] {
        assert_eq!(name_of(file), name);
    }
}
