//! The whole UI without a terminal: keys in, screens out.

use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::app::{App, LabState, LessonState, Live, Palette, Screen, Standing, Tab};
use super::effect::Effect;
use super::index::{self, Again, Asked, Loader};
use super::maker::{self, Ready, Wanted};
use super::message::{Fetcher, Key};
use super::update::{Action, is_busy, update};
use super::view::view;
use crate::base::{Peer, Timestamp};
use crate::capture::{Drops, Input, State, Status, Unkept};
use crate::lesson::{Lab, shipped};
use crate::pipeline::Options;
use crate::replay::{Inputs, Trail};
use crate::session::Detail;

/// A UI on a shipped capture, all of whose effects are done at once.
struct Drive {
    app: App,
    fetcher: Fetcher,
    again: Again,
    /// Effects that reach outside.
    outside: Vec<Effect>,
}

impl Drive {
    fn new(capture: &str, size: (u16, u16)) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures")
            .join(capture);
        let options = options(&path);
        let inputs = Inputs {
            files: vec![Input::from(path)],
            filter: None,
        };
        let mut drive = Self::open(inputs, options, size);
        drive.app.name = capture.to_owned();
        drive
    }

    fn open(inputs: Inputs, options: Options, size: (u16, u16)) -> Self {
        let trail = Trail::default();
        let again = Again::new(inputs.clone());
        let loader = Loader::start(inputs.clone(), &options, 2, &trail);
        let mut drive = Self {
            app: App::new(String::new(), size, Palette::Sixteen),
            fetcher: Fetcher::start(inputs, options, trail),
            again,
            outside: Vec::new(),
        };
        for batch in &loader.batches {
            drive.act(Action::Batch(Box::new(batch)));
        }
        let end = loader.loaded.recv().unwrap();
        drive.again.know(end.errors.clone());
        drive.act(Action::Loaded(Box::new(end)));
        drive
    }

    /// The lab with what a state of it holds.
    fn lab(state: LabState, size: (u16, u16)) -> Self {
        let inputs = Inputs::default();
        let options = Options::new(Detail::Payloads);
        let mut app = App::new("lab".to_owned(), size, Palette::Sixteen);
        app.lab = Some(state);
        let mut drive = Self {
            app,
            fetcher: Fetcher::start(inputs.clone(), options, Trail::default()),
            again: Again::new(inputs),
            outside: Vec::new(),
        };
        drive.act(Action::Open(super::Opening::default()));
        drive
    }

    /// Makes what the lab's thread would.
    fn make(&mut self, wanted: Wanted) -> Ready {
        let lessons = self.app.lab.as_ref().unwrap().lessons.clone();
        let ready = maker::make(wanted, &lessons);
        if let Ready::Capture(taken) = &ready {
            let (inputs, options) = (taken.inputs.clone(), taken.options.clone());
            self.again = Again::new(inputs.clone());
            self.fetcher = Fetcher::start(inputs, options, taken.trail.clone());
        }
        ready
    }

    fn act(&mut self, action: Action) {
        let mut waiting = vec![action];
        while let Some(action) = waiting.pop() {
            for effect in update(&mut self.app, action) {
                match effect {
                    Effect::Make(wanted) => {
                        let ready = self.make(wanted);
                        waiting.push(Action::Ready(ready));
                    }
                    Effect::Fetch(wish) => {
                        self.fetcher.request(wish);
                    }
                    Effect::Search(filter, _) => {
                        let options = Options::new(Detail::Payloads);
                        let search = index::matching(self.again.clone(), options, 2, filter);
                        let found: Vec<_> = search.found.iter().flatten().collect();
                        let failed = search.failed.try_recv().ok();
                        waiting.push(Action::SearchEnded(failed));
                        waiting.push(Action::Found(found));
                    }
                    Effect::Study(task) => {
                        let options = Options::new(Detail::Payloads);
                        let study = index::Study::start(self.again.clone(), options, 2, task);
                        let answer = study.answer.recv().unwrap();
                        waiting.push(Action::Answered(task, answer));
                    }
                    other => self.outside.push(other),
                }
            }
            // What was read ahead for an earlier request may come first.
            if waiting.is_empty() && self.awaits() {
                let fetched = self.fetcher.results.recv().unwrap();
                waiting.push(Action::Fetched(fetched));
            }
        }
        while is_busy(&self.app) {
            update(&mut self.app, Action::Tick);
        }
    }

    fn awaits(&self) -> bool {
        let message = &self.app.message;
        message.wanted.is_some_and(|(key, depth)| {
            let failed = message.failed.as_ref().is_some_and(|(k, _)| *k == key);
            message.cached(key, depth).is_none() && !failed
        })
    }

    fn key(&mut self, code: KeyCode) {
        self.act(Action::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// Presses the key of each character; `⏎` is Enter, `¶` as many of it as it takes until something is to be typed, `⇥` Tab, `⎋` Esc, `→` the arrow.
    fn press(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            if c == '¶' {
                self.read_on();
                continue;
            }
            self.key(match c {
                '⏎' => KeyCode::Enter,
                '⇥' => KeyCode::Tab,
                '⎋' => KeyCode::Esc,
                '→' => KeyCode::Right,
                '←' => KeyCode::Left,
                '↓' => KeyCode::Down,
                '↑' => KeyCode::Up,
                '⌫' => KeyCode::Backspace,
                c => KeyCode::Char(c),
            });
        }
        self
    }

    /// Presses Enter until something is to be typed.
    fn read_on(&mut self) {
        for _ in 0..20 {
            if self.app.prompt.is_none() {
                self.key(KeyCode::Enter);
            }
        }
    }

    fn screen(&self) -> String {
        draw(&self.app, self.app.size)
    }
}

/// Reads with the secrets that are in the capture.
fn options(path: &Path) -> Options {
    let options = Options::new(Detail::Payloads);
    #[cfg(feature = "tls")]
    let options = {
        let mut log = crate::tls::KeyLog::default();
        for secrets in crate::capture::secrets(path, 0, options.limits) {
            log.read(&secrets.bytes, crate::tls::Source::Block);
        }
        let keys = log.into();
        Options { keys, ..options }
    };
    #[cfg(not(feature = "tls"))]
    let _ = path;
    options
}

fn draw(app: &App, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(app, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let lines = (0..height).map(|y| {
        let cells = (0..width).filter_map(|x| buffer.cell((x, y)));
        let line: String = cells.map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is pressed to get to each screen.
const SCREENS: [(&str, &str, &str); 38] = [
    ("connections", "demo.pcapng", ""),
    ("streams", "http2/node-clear-deflate.pcap", ""),
    ("streams_unfolded", "http2/node-clear-deflate.pcap", "⏎↓↓"),
    ("streams_messages", "http2/node-clear-deflate.pcap", "a↓"),
    ("messages", "demo.pcapng", "⏎↓↓"),
    ("all_messages", "demo.pcapng", "act"),
    ("messages_with_holes", "ws-takeover-lost.pcap", "⏎Gkkkk"),
    ("payload", "demo.pcapng", "⏎Gkk⏎"),
    ("wire", "demo.pcapng", "⏎⏎⇥→→→"),
    ("wire_byte", "demo.pcapng", "⏎⏎⇥]↑→→→"),
    ("wire_bits", "demo.pcapng", "⏎Gkk⏎⇥]→→→→→"),
    ("wire_text", "demo.pcapng", "⏎⏎⇥]→→↓→→→→"),
    ("wire_end", "demo.pcapng", "⏎Gkk⏎⇥G"),
    ("wire_lost", "ws-takeover-lost.pcap", "⏎:16⏎⏎⇥]→→→"),
    ("deflate", "demo.pcapng", "⏎Gkk⏎⇥⇥→→→→→"),
    ("deflate_codes", "demo.pcapng", "⏎Gkk⏎⇥⇥→→→→→x"),
    (
        "deflate_lengths",
        "demo.pcapng",
        "⏎:34⏎⏎⇥⇥→→→→→→→→→→→→→→→→→→→→→→→→→→→→→x",
    ),
    ("deflate_shares", "demo.pcapng", "⏎Gkk⏎⇥⇥→→→→→xx"),
    ("deflate_lost", "ws-takeover-lost.pcap", "⏎:16⏎⏎⇥⇥→→→"),
    ("frames", "ws-fragments.pcap", "⏎Gkkkkkkkk⏎⇥⇥⇥"),
    ("handshake", "demo.pcapng", "⏎⏎⇥⇥⇥⇥"),
    (
        "units",
        "subprotocols/stomp-rabbit.pcap",
        "⏎↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓↓⏎⇥⇥⇥⇥⇥",
    ),
    ("statistics", "demo.pcapng", "4"),
    ("takeover", "demo.pcapng", "4⇥⇥⇥⇥"),
    ("what_if", "demo.pcapng", "4T"),
    ("findings", "ws-takeover-lost.pcap", "5"),
    ("help", "demo.pcapng", "?"),
    ("present_list", "demo.pcapng", "⏎↓↓P"),
    ("present_wire", "demo.pcapng", "⏎⏎⇥→→→P"),
    ("present_deflate", "demo.pcapng", "⏎Gkk⏎⇥⇥→→→→→P"),
    ("sort_menu", "demo.pcapng", "s↓↓↓↓"),
    ("column_menu", "demo.pcapng", "⏎C↓↓ ↓↓↓ "),
    ("sorted", "demo.pcapng", "⏎s↓↓↓↓⏎"),
    ("filter_wrong", "demo.pcapng", "/from == sever"),
    ("transcript", "demo.pcapng", "v↓↓↓"),
    ("transcript_gaps", "ws-takeover-lost.pcap", "vG"),
    ("found", "demo.pcapng", "⏎⏎/snapshot⏎"),
    ("filtered", "demo.pcapng", "⏎/\"book\" or ratio > 20⏎"),
];

/// Screens that TLS shows.
#[cfg(feature = "tls")]
const TLS_SCREENS: &[(&str, &str, &str)] = &[
    ("unread", "wss-nginx.pcap", "↓"),
    ("unread_messages", "wss-nginx.pcap", "⏎"),
    ("wire_under_tls", "wss-tls13-dsb.pcapng", "⏎⏎⇥"),
];

#[cfg(feature = "tls")]
#[test]
fn tls_at_three_sizes() {
    at_three_sizes(TLS_SCREENS);
}

#[test]
fn every_screen_at_three_sizes() {
    at_three_sizes(&SCREENS);
}

fn at_three_sizes(screens: &[(&str, &str, &str)]) {
    for (name, capture, keys) in screens {
        for size in [(80, 24), (120, 40), (200, 60)] {
            let mut drive = Drive::new(capture, size);
            drive.press(keys);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), drive.screen());
        }
    }
}

/// The lab with the five messages that it begins with, or with a lesson.
fn lab(lesson: Option<usize>, size: (u16, u16)) -> Drive {
    let mut state = LabState {
        lessons: shipped::lessons(None).unwrap().into(),
        lesson: lesson.map(LessonState::new),
        ..LabState::default()
    };
    if lesson.is_none() {
        state.lab.items = Lab::demonstration(Peer::Server);
    }
    Drive::lab(state, size)
}

/// What is pressed in the lab, and in which lesson.
const LABS: [(&str, Option<usize>, &str); 5] = [
    ("lab", None, "↓"),
    ("lab_window_9", None, "↓↓↓↓..------"),
    ("lab_typing", None, "iHello"),
    ("lesson", Some(0), "⏎⏎"),
    ("lesson_guessed", Some(3), "¶5⏎¶9⏎"),
];

#[test]
fn the_lab_at_two_sizes() {
    for (name, lesson, keys) in LABS {
        for size in [(80, 24), (120, 40)] {
            let mut drive = lab(lesson, size);
            drive.press(keys);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), drive.screen());
        }
    }
}

#[test]
fn typed_messages_are_made_anew_under_every_control() {
    let mut drive = lab(None, (120, 40));
    assert_eq!(drive.app.listed(), 5);
    drive.press("G");
    let wire = |drive: &Drive| drive.app.index.get(drive.app.place.unwrap()).unwrap().wire;
    let before = wire(&drive);
    drive.press("..------");
    assert_eq!(
        drive
            .app
            .lab
            .as_ref()
            .unwrap()
            .lab
            .controls
            .value("server-window"),
        "9"
    );
    assert!(wire(&drive) > before + 20);
    let said = format!("it was {before} before the last change");
    assert!(drive.screen().contains(&said), "{}", drive.screen());
    // The same message stays selected, and its symbols are those of the new bytes.
    assert_eq!(drive.app.message.key.unwrap().message, 5);
    drive.press("ozz⏎");
    assert!(
        drive.screen().contains("takes 9-15, not \"zz\""),
        "{}",
        drive.screen()
    );
}

#[test]
fn messages_are_typed_edited_lost_and_taken_out() {
    let mut drive = Drive::lab(LabState::default(), (120, 40));
    assert!(
        drive.screen().contains("nothing is typed yet"),
        "{}",
        drive.screen()
    );
    drive.press("iHello⏎");
    drive.press("iHello⏎");
    assert_eq!(drive.app.listed(), 2);
    assert_eq!(drive.app.message.key.unwrap().message, 2);
    assert!(
        drive
            .screen()
            .contains("7 bytes on the wire; alone it would be 9"),
        "{}",
        drive.screen()
    );
    drive.key(KeyCode::Up);
    drive.press("D↓⇥⇥");
    assert!(drive.app.message.tab == Tab::Deflate);
    assert!(drive.screen().contains("lost"), "{}", drive.screen());
    drive.press("⎋ke");
    drive.press("⌫⌫p⏎");
    let items = &drive.app.lab.as_ref().unwrap().lab.items;
    assert_eq!(items[0].bytes(), b"Help");
    drive.press("d");
    assert_eq!(drive.app.listed(), 1);
    // The other side, by its key; and what a side cannot send is said.
    drive.press("i");
    drive.key(KeyCode::Up);
    drive.press("Hi⏎");
    assert_eq!(
        drive.app.lab.as_ref().unwrap().lab.items[1].from,
        Peer::Client
    );
    drive.press("i⇥zz⏎");
    assert!(
        drive.screen().contains("is no hexadecimal digit"),
        "{}",
        drive.screen()
    );
}

/// What is shown is of the items before the change until all is made anew.
#[test]
fn nothing_is_changed_while_the_lab_is_made_anew() {
    let mut drive = lab(None, (80, 24));
    drive.press("G");
    for key in ['d', 'd', 'd', 'D', 'e'] {
        let event = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        // What is to be made is not made yet.
        update(&mut drive.app, Action::Key(event));
    }
    let state = drive.app.lab.as_ref().unwrap();
    assert_eq!(state.lab.items.len(), 4);
    assert!(state.lab.items.iter().all(|item| !item.lost));
    assert!(drive.app.prompt.is_none());
    assert!(drive.screen().contains("not yet: all messages"));
}

#[test]
fn any_screen_is_saved_as_a_picture_and_as_text() {
    let mut drive = lab(None, (80, 24));
    let screen = drive.screen();
    drive.press("w");
    for _ in 0..40 {
        drive.key(KeyCode::Backspace);
    }
    drive.press("a.svg⏎");
    assert!(matches!(drive.outside.last(), Some(Effect::WriteScreen(_))));
    let drawn = super::shot::text(&drive.app);
    let lines: Vec<_> = drawn.lines().collect();
    assert_eq!(lines.join("\n"), screen);
    let picture = super::shot::picture(&drive.app);
    for text in ["133", "&quot;ticker", "payload, connection 1"] {
        let text = text.replace("&quot;", "\"");
        assert!(picture.contains(&text), "{picture}");
    }
    assert!(picture.matches("<text").count() > 30);
}

#[test]
fn a_digit_begins_a_guess() {
    let mut drive = lab(Some(0), (80, 24));
    while drive
        .app
        .lab
        .as_ref()
        .unwrap()
        .lesson
        .as_ref()
        .unwrap()
        .open()
        .is_none()
    {
        drive.press("⏎");
    }
    drive.press("2⏎");
    assert_eq!(drive.app.notice.as_deref(), Some("right"));
    // Elsewhere a digit is a screen.
    drive.press("L2");
    assert!(drive.app.prompt.is_none());
}

#[test]
fn every_lesson_is_played_with_keys_and_scores() {
    let mut drive = lab(Some(0), (80, 24));
    let lessons = drive.app.lab.as_ref().unwrap().lessons.clone();
    for number in 0..lessons.len() {
        let lesson = |drive: &Drive| drive.app.lab.as_ref().unwrap().lesson.clone().unwrap();
        if lessons[number].name == "around" && cfg!(not(feature = "tls")) {
            return;
        }
        assert_eq!(lesson(&drive).number, number);
        for _ in 0..300 {
            let now = lesson(&drive);
            if now.is_over() {
                break;
            }
            match now.open() {
                Some((_, question)) => {
                    let answer = question.answer.clone();
                    let last = super::view::lab_lines(&drive.app).pop().unwrap();
                    assert!(last.text().contains("type your guess"), "{last:?}");
                    // Enter reads on until the question is seen.
                    while drive.app.prompt.is_none() {
                        assert!(!drive.screen().contains("your guess: "));
                        drive.press("⏎");
                    }
                    assert!(
                        drive.screen().contains("type your guess"),
                        "{}",
                        drive.screen()
                    );
                    drive.press(&answer).press("⏎");
                    assert!(
                        drive.app.notice.as_deref() == Some("right"),
                        "{}",
                        drive.screen()
                    );
                }
                None => {
                    drive.press("⏎");
                }
            }
        }
        let now = lesson(&drive);
        assert!(now.is_over());
        assert_eq!(now.score(), (now.questions(), now.questions()));
        // Enter reads on to the score, and then begins the next one.
        drive.app.notice = None;
        while lesson(&drive).number == number && drive.app.notice.is_none() {
            drive.press("⏎");
        }
    }
    assert!(
        drive.screen().contains("that was the last lesson"),
        "{}",
        drive.screen()
    );
}

#[test]
fn bars_tell_senders_apart_without_colours() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("4");
    assert!(!drive.screen().contains('░'));
    drive.app.palette = Palette::None;
    let screen = drive.screen();
    assert!(screen.contains("█ client  ░ server"), "{screen}");
    assert!(screen.contains("█▍░"), "{screen}");
}

#[test]
fn a_newcomer_finds_what_a_cheap_message_copies() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("⏎Gkk⏎⇥⇥→→→→→");
    assert!(drive.screen().contains("copied from message 2, bytes 9–32"));
    drive.press("⏎");
    assert_eq!(
        (
            drive.app.message.key.unwrap().message,
            drive.app.message.tab
        ),
        (2, Tab::Payload)
    );
    assert!(drive.screen().contains("\"subscribed\""));
    drive.press("⎋");
    let key = Key {
        conversing: 1.into(),
        message: 36,
    };
    assert_eq!(
        (drive.app.message.key, drive.app.message.tab),
        (Some(key), Tab::Deflate)
    );
    assert!(drive.screen().contains("copied from message 2"));
}

#[test]
fn filters_select_messages_and_connections() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("/from == client⏎");
    assert_eq!(drive.app.matches.as_ref().unwrap().count, 14);
    assert_eq!(drive.app.connections.order.len(), 2);
    drive.press("⏎");
    assert_eq!(drive.app.listed(), 12);
    // Marked instead of selected, n goes from one to the next.
    drive.press("Mg");
    assert_eq!(drive.app.listed(), 38);
    let first = drive.app.messages.table.cursor.selected;
    drive.press("n");
    assert!(drive.app.messages.table.cursor.selected > first + 1);
    drive.press("\\");
    assert!(drive.app.matches.is_none());
    // Words need payloads; what they find is the same whether the index could answer or not.
    drive.press("/STAGING yet⏎");
    assert_eq!(drive.app.listed(), 1);
    assert_eq!(drive.app.message.key.unwrap().message, 4);
}

#[test]
fn what_is_searched_is_found_in_payloads_and_gone_to() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("⏎⏎/Reply_To\":7⏎");
    let at = |drive: &Drive| {
        (
            drive.app.message.key.unwrap().message,
            drive.app.message.hit,
        )
    };
    let matches = drive.app.matches.as_ref().unwrap();
    assert!(matches.count > 3 && drive.app.listed() == 38);
    assert_eq!(at(&drive), (6, 0));
    let found = drive.app.message.document.as_ref().unwrap().found.clone();
    assert_eq!(found.len(), 1);
    drive.press("n");
    assert_eq!(at(&drive), (8, 0));
    drive.press("NN");
    assert_eq!(at(&drive), (6, 0));
    assert!(drive.screen().contains("no more before it"));
    drive.press("/nowhere to be found⏎");
    assert!(drive.screen().contains("it is in no message"));
}

#[test]
fn matches_in_a_message_come_before_the_next_message() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("⏎⏎/\"6⏎");
    let number = drive.app.message.key.unwrap().message;
    let count = drive.app.message.document.as_ref().unwrap().found.len();
    assert!(count > 1);
    for hit in 1..count {
        drive.press("n");
        let message = &drive.app.message;
        assert_eq!((message.key.unwrap().message, message.hit), (number, hit));
        let (line, _) = message.document.as_ref().unwrap().found[hit];
        let seen = message.scroll[0]..message.scroll[0] + 22;
        assert!(seen.contains(&line));
    }
    drive.press("n");
    assert!(drive.app.message.key.unwrap().message > number);
    drive.press("N");
    let message = &drive.app.message;
    assert_eq!(
        (message.key.unwrap().message, message.hit),
        (number, count - 1)
    );
}

#[test]
fn marks_numbers_partners_and_what_time_counts_from() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    let at = |drive: &Drive| drive.app.message.key.unwrap().message;
    drive.press("⏎↓↓maG'a");
    assert_eq!((at(&drive), drive.app.screen), (3, Screen::Messages));
    drive.press(":15⏎%");
    assert_eq!(at(&drive), 16);
    drive.press("%r");
    assert_eq!(at(&drive), 15);
    assert!(
        drive.screen().contains(" 15   0.000000 → ping"),
        "{}",
        drive.screen()
    );
    assert!(
        drive.screen().contains(" 16   0.000852 ← pong"),
        "{}",
        drive.screen()
    );
    drive.press("rG%");
    assert_eq!(at(&drive), 37);
    drive.press(":2/1⏎");
    assert_eq!(drive.app.message.key.unwrap().conversing, 2.into());
    drive.press(":p82⏎'z");
    assert!(drive.screen().contains("nothing is marked z"));
}

#[test]
fn the_transcript_goes_to_messages_and_back() {
    let mut drive = Drive::new("demo.pcapng", (120, 40));
    drive.press("v");
    assert_eq!(drive.app.screen, Screen::Transcript);
    drive.press("G");
    assert!(drive.screen().contains("sends FIN"), "{}", drive.screen());
    drive.press("/history\":30⏎");
    assert_eq!(drive.app.message.key.unwrap().message, 2);
    drive.press("⏎");
    assert_eq!(drive.app.screen, Screen::Message);
    drive.press("⎋");
    assert_eq!(drive.app.screen, Screen::Transcript);
    // What scrolls by is got again, and each row is seen once on the way down.
    for row in 0..drive.app.transcript.rows.len() {
        drive.app.transcript.cursor.selected = row;
        drive.press("↓");
        let screen = drive.screen();
        assert!(!screen.contains("reading"), "{screen}");
    }
}

#[test]
fn a_wrong_filter_stays_and_says_where() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("/from == s");
    drive.press("⏎");
    assert!(drive.app.prompt.is_some());
    drive.key(KeyCode::Tab);
    drive.press("⏎");
    assert_eq!(
        drive.app.matches.as_ref().unwrap().filter.source(),
        "from == server"
    );
}

#[test]
fn control_frames_hide_and_lists_sort() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("⏎c");
    assert_eq!(drive.app.listed(), 34);
    drive.press("cs↓⏎");
    let from: Vec<_> = (0..drive.app.listed())
        .filter_map(|line| {
            drive
                .app
                .index
                .get(drive.app.place_at(line)?)
                .map(|row| row.from)
        })
        .collect();
    assert!(from.is_sorted() && from.len() == 38);
    drive.press("S");
    let place = drive.app.place_at(0).unwrap();
    assert_eq!(
        drive.app.index.get(place).unwrap().from,
        crate::base::Peer::Server
    );
    drive.press("1s↓↓↓↓↓↓↓↓↓⏎");
    assert_eq!(
        drive
            .screen()
            .lines()
            .nth(2)
            .unwrap()
            .split_whitespace()
            .next(),
        Some("1")
    );
}

#[test]
fn copying_and_writing_ask_the_world() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("⏎y");
    assert!(matches!(&drive.outside[..], [Effect::Copy(bytes)] if bytes.starts_with(b"{\"type\"")));
    drive.outside.clear();
    drive.press("⏎w⏎");
    assert!(
        matches!(&drive.outside[..], [Effect::WriteBytes(path, bytes)]
        if path == Path::new("connection-1-message-1.bin") && bytes.len() == 64)
    );
    drive.outside.clear();
    drive.press("⎋cw⏎");
    assert!(matches!(
        &drive.outside[..],
        [Effect::WriteMessages(_, Some(only), Some(_))] if *only == 1.into()
    ));
    drive.press("q");
    assert!(matches!(drive.outside.last(), Some(Effect::Quit)));
}

#[test]
fn written_messages_are_what_the_command_prints() {
    let drive = Drive::new("demo.pcapng", (80, 24));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    let filter =
        crate::filter::Filter::parse("opcode == ping or opcode == pong or has finding").unwrap();
    let what = (None, Some(std::sync::Arc::new(filter)));
    let options = Options::new(Detail::Payloads);
    index::write_matching(&drive.again, options.clone(), what.clone(), &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let messages = text
        .lines()
        .filter(|line| line.contains("\"type\":\"message\""));
    assert_eq!(messages.count(), 2);
    // What is there is never overwritten.
    assert!(index::write_matching(&drive.again, options, what, &path).is_err());
}

/// What another run cannot read is told, and no answer is given from less.
#[test]
fn runs_over_a_file_that_changed_say_so() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcapng");
    let bytes = std::fs::read(demo).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let takeovers = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/ws-takeover-lost.pcap");
    let other = std::fs::read(takeovers).unwrap();
    let cases = [
        (None, "a.pcapng: No such file"),
        (Some(&bytes[..bytes.len() / 2]), "a.pcapng: is shorter"),
        (
            Some(&[other, bytes.clone()].concat()[..]),
            "a.pcapng: is another file",
        ),
    ];
    for (now, why) in cases {
        std::fs::write(&path, &bytes).unwrap();
        let inputs = Inputs {
            files: vec![Input::from(path.clone())],
            filter: None,
        };
        let mut drive = Drive::open(inputs, Options::new(Detail::Payloads), (80, 24));
        match now {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let why = format!("cannot be read again: {why}");
        drive.press("a/unsubscribed⏎");
        let screen = drive.screen();
        assert!(screen.contains(&why), "{screen}");
        assert!(
            screen.contains("filter: unsubscribed  cannot be read again"),
            "{screen}"
        );
        drive.press("\\T");
        assert!(drive.screen().contains(&why), "{}", drive.screen());
        assert!(drive.app.page.is_none());
        drive.press("5");
        assert!(drive.screen().contains(&why), "{}", drive.screen());
        drive.press("4⇥⇥");
        let failed = &drive.app.study.failed;
        assert!(drive.app.study.symbols.is_none(), "{failed:?}");
        let out = folder.path().join("out.jsonl");
        let options = Options::new(Detail::Payloads);
        let said = index::write_matching(&drive.again, options, (None, None), &out);
        assert!(said.unwrap_err().contains(&why));
        assert!(!out.exists());
    }
}

/// Of several files one that never could be read spoils no answer from the others.
#[test]
fn what_failed_from_the_beginning_spoils_nothing() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcapng");
    let inputs = Inputs {
        files: vec![Input::from(demo), Input::from("no-such-file.pcap")],
        filter: None,
    };
    let mut drive = Drive::open(inputs, Options::new(Detail::Payloads), (80, 24));
    drive.press("a/unsubscribed⏎");
    let screen = drive.screen();
    assert!(screen.contains("filter: unsubscribed  1 of"), "{screen}");
}

#[test]
fn findings_lead_to_their_place() {
    let mut drive = Drive::new("lws-keeps-context.pcap", (80, 24));
    drive.press("5F");
    let line = (0..drive.app.index.findings.len())
        .find(|line| drive.app.finding_at(*line).unwrap().1.message.is_some())
        .unwrap();
    drive.app.findings.table.cursor.selected = line;
    let message = drive.app.finding_at(line).unwrap().1.message;
    drive.press("⏎");
    assert_eq!(drive.app.screen, Screen::Message);
    assert_eq!(drive.app.message.key.map(|key| key.message), message);
    drive.press("⎋");
    assert_eq!(drive.app.screen, Screen::Findings);
}

#[test]
fn the_mouse_selects_sorts_and_scrolls() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    let mouse = |drive: &mut Drive, kind, column, row| {
        drive.act(Action::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    };
    let left = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut drive, left, 5, 3);
    assert_eq!(drive.app.connections.table.cursor.selected, 1);
    mouse(&mut drive, left, 20, 1);
    assert_eq!(
        drive.app.connections.table.sort.0,
        super::app::ConnectionColumn::Target
    );
    mouse(&mut drive, left, 12, 0);
    assert_eq!(drive.app.screen, Screen::Messages);
    mouse(&mut drive, MouseEventKind::ScrollDown, 10, 5);
    assert_eq!(drive.app.messages.table.cursor.top, 3);
}

/// What a payload can do to a terminal stays in the payload.
#[test]
fn no_control_character_reaches_a_cell() {
    for capture in ["demo.pcapng", "ws-mixed.pcap", "bzip2.pcap"] {
        let mut drive = Drive::new(capture, (80, 24));
        drive.press("a");
        for _ in 0..drive.app.listed() {
            assert!(!drive.screen().chars().any(|c| c.is_control() && c != '\n'));
            drive.press("n");
        }
    }
}

fn any_action() -> impl Strategy<Value = Action> {
    let characters = prop::sample::select(
        "hjklgGnNsSCFftzyw/\\?123456acmMpxPXvr%:',.[] \"=<>()etoprd日\u{301}"
            .chars()
            .collect::<Vec<_>>(),
    );
    let named = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Backspace,
        KeyCode::Delete,
    ]);
    let kinds = prop::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::ScrollUp,
        MouseEventKind::ScrollDown,
    ]);
    let key = |code| Action::Key(KeyEvent::new(code, KeyModifiers::NONE));
    prop_oneof![
        4 => characters.prop_map(move |c| key(KeyCode::Char(c))),
        4 => named.prop_map(key),
        1 => (kinds, 0..130_u16, 0..45_u16).prop_map(|(kind, column, row)| {
            Action::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
        }),
        1 => (0..130_u16, 0..45_u16).prop_map(|(width, height)| Action::Resize(width, height)),
        1 => any::<String>().prop_map(Action::Paste),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn nothing_that_happens_panics(
        capture in prop::sample::select(vec![
            "demo.pcapng", "ws-takeover-lost.pcap", "ws-fragments-lost.pcap", "large.pcap",
            "netty-deflate-frame.pcap", "refused.pcap", "http2/node-clear-deflate.pcap", "bfinal-mixed.pcap",
        ]),
        actions in prop::collection::vec(any_action(), 1..80),
    ) {
        let mut drive = Drive::new(capture, (80, 24));
        for action in actions {
            drive.act(action);
            let (width, height) = drive.app.size;
            let size = (width.max(1), height.max(1));
            draw(&drive.app, size);
            // A resize that the state does not know of yet.
            draw(&drive.app, (size.0 / 2 + 1, size.1 / 2 + 1));
        }
    }
}

/// A live capture that has seen what stands in a capture file.
fn live(size: (u16, u16)) -> Drive {
    let mut drive = Drive::new("demo.pcapng", size);
    let last = drive.app.index.get(drive.app.index.len() - 1).unwrap().time;
    drive.app.live = Some(Live::default());
    drive.act(Action::Standing(Box::new(Standing {
        interface: "eth0".to_owned(),
        status: Status {
            packets: 12_345,
            ..Status::default()
        },
        now: Timestamp(last.0 + 1_000_000_000),
        ..Standing::default()
    })));
    drive
}

#[test]
fn a_live_capture_has_its_line() {
    for size in [(80, 24), (120, 40)] {
        let mut drive = live(size);
        drive.press("⏎");
        insta::assert_snapshot!(format!("live_{}x{}", size.0, size.1), drive.screen());
    }
}

/// A pipe may bring packets of any time: rates are of the newest, and fall when nothing comes.
#[test]
fn rates_of_a_pipe_are_of_its_own_time() {
    let mut drive = live((120, 40));
    let mut standing = drive.app.live.as_ref().unwrap().standing.clone();
    let wall = standing.now.0 + 1_000_000_000_000;
    let row = drive.app.index.get(drive.app.index.len() - 1).unwrap();
    standing.by_packets = true;
    // No message was seen yet.
    drive.app.live = Some(Live::default());
    let mut now = |after: u64| {
        standing.now = Timestamp(wall + after);
        drive.act(Action::Standing(Box::new(standing.clone())));
        drive.app.live.as_ref().unwrap().standing.now
    };
    assert_eq!(now(0), row.time);
    assert_eq!(now(250_000_000).0, row.time.0 + 250_000_000);
}

/// It is said once; then the line of the capture shows it.
#[test]
fn what_is_not_kept_is_told() {
    let mut drive = live((80, 24));
    let mut standing = drive.app.live.as_ref().unwrap().standing.clone();
    standing.scratch = true;
    standing.unkept = Some(Unkept {
        from: 101,
        why: "No space left on device (os error 28)".to_owned(),
    });
    for _ in 0..2 {
        drive.act(Action::Standing(Box::new(standing.clone())));
    }
    let said = "packets from 101 on are not kept: No space left on device (os error 28)";
    assert!(drive.screen().contains(said), "{}", drive.screen());
    assert!(
        drive.screen().contains("● eth0, not kept"),
        "{}",
        drive.screen()
    );
    drive.press("j");
    drive.act(Action::Standing(Box::new(standing)));
    assert!(!drive.screen().contains(said), "{}", drive.screen());
    assert_eq!(drive.app.live.as_ref().unwrap().unsaved(), 100);
}

#[test]
fn a_live_capture_can_be_frozen_and_tells_its_state() {
    let mut drive = live((80, 24));
    drive.press(" ");
    assert!(drive.screen().contains("‖ eth0 paused"));
    drive.press(" ");
    assert!(drive.screen().contains("● eth0"));
    let mut tell = |state, kernel| {
        let mut standing = drive.app.live.as_ref().unwrap().standing.clone();
        standing.status.state = state;
        standing.status.drops = Drops {
            kernel,
            ..Drops::default()
        };
        drive.act(Action::Standing(Box::new(standing)));
        drive.screen()
    };
    assert!(tell(State::Down, 0).contains("○ eth0 is down"));
    assert!(tell(State::Up, 77).contains("77 dropped"));
    let why = "the interface disappeared".to_owned();
    assert!(tell(State::Failed(why), 77).contains("■ eth0 ended: the interface disappeared"));
}

#[test]
fn a_live_capture_is_followed_until_one_looks_back() {
    let mut drive = live((80, 24));
    drive.press("⏎");
    assert!(drive.app.follow);
    drive.press("k");
    assert!(!drive.app.follow);
    drive.press("f");
    assert!(drive.app.follow);
    assert_eq!(
        drive.app.messages.table.cursor.selected,
        drive.app.listed() - 1
    );
}

#[test]
fn a_finding_at_a_bit_leads_to_the_bit() {
    let mut drive = Drive::new("lws-keeps-context.pcap", (80, 24));
    drive.press("5F⏎");
    let (_, finding) = drive.app.finding_at(0).unwrap();
    let bit = finding.bit.unwrap();
    assert_eq!(
        drive.app.message.key.unwrap().message,
        finding.message.unwrap()
    );
    assert_eq!(drive.app.message.tab, Tab::Deflate);
    let (step, explanation) = drive.app.message.step().unwrap();
    let bits = step.says(explanation).unwrap().bits;
    assert!((bits.start..bits.end).contains(&bit), "{bit} {bits:?}");
}

/// Each screen in docs/ui.md is what the program draws.
#[test]
fn the_screens_in_the_documentation_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ui.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut page = text.clone();
    let mut seen = 0;
    for part in text.split("<!-- screen: ").skip(1) {
        let (name, rest) = part.split_once(" -->\n```text\n").unwrap();
        let (shown, _) = rest.split_once("\n```").unwrap();
        let mut drive = match SCREENS.iter().find(|(screen, ..)| *screen == name) {
            Some((_, capture, keys)) => {
                let mut drive = Drive::new(capture, (80, 24));
                drive.press(keys);
                drive
            }
            None => match LABS.iter().find(|(screen, ..)| *screen == name) {
                Some((_, lesson, keys)) => {
                    let mut drive = lab(*lesson, (80, 24));
                    drive.press(keys);
                    drive
                }
                None => live((80, 24)),
            },
        };
        if name == "live" {
            drive.press("⏎");
        }
        let screen = drive.screen();
        if std::env::var_os("BLESS").is_some() {
            let head = format!("<!-- screen: {name} -->\n```text\n");
            let (before, after) = page.split_once(&head).unwrap();
            let (_, after) = after.split_once("\n```").unwrap();
            page = format!("{before}{head}{screen}\n```{after}");
        } else {
            assert_eq!(shown, screen, "{name}");
        }
        seen += 1;
    }
    if page != text {
        std::fs::write(&path, page).unwrap();
    }
    assert!(seen > 8);
}

#[test]
fn findings_fold_by_code_and_hide() {
    let mut drive = Drive::new("ws-takeover-lost.pcap", (80, 24));
    drive.press("5");
    let groups = drive.app.folds.lines.len();
    let codes = drive.app.index.by_code.len();
    assert_eq!(groups, codes);
    drive.press("⏎");
    assert!(drive.app.folds.lines.len() > groups);
    drive.press("⏎d");
    assert_eq!(drive.app.folds.lines.len(), groups - 1);
    drive.press("D");
    assert_eq!(drive.app.folds.lines.len(), groups);
    drive.press("F");
    assert_eq!(drive.app.folds.lines.len(), drive.app.index.findings.len());
    // A filter reaches findings: those on messages that do not match are left out.
    drive.press("/status == lost⏎5");
    let left = drive.app.folds.lines.len();
    assert!(left < drive.app.index.findings.len(), "{left}");
    let screen = drive.screen();
    assert!(screen.contains("filter: status == lost"), "{screen}");
}

/// What the first column of the table says, from top to bottom.
fn numbers(drive: &Drive) -> Vec<String> {
    let all = drive.app.index.connections();
    let order = drive.app.connections.order.iter();
    order
        .map(|place| all[*place].conversing().to_string())
        .collect()
}

#[test]
fn streams_fold_under_their_connection() {
    let mut drive = Drive::new("http2/node-clear-deflate.pcap", (120, 40));
    assert_eq!(numbers(&drive), ["1"]);
    let line = |drive: &Drive, starts: &str| {
        let screen = drive.screen();
        let mut lines = screen.lines();
        let found = lines.find(|line| line.trim_start().starts_with(starts));
        found.unwrap_or_default().to_owned()
    };
    // Its figures are those of its streams together.
    let folded = line(&drive, "▸ 1 ");
    assert!(folded.contains("host:17202, 4 streams"), "{folded}");
    let connections = drive.app.index.connections();
    let sum = |one: &index::Connection| one.totals().messages.total();
    assert_eq!(
        sum(&connections[0]),
        connections[1..].iter().map(sum).sum::<u64>()
    );
    assert_eq!(sum(&connections[0]), 64);
    assert_eq!(drive.app.index.websockets().count(), 4);

    drive.press("⏎");
    assert_eq!(numbers(&drive), ["1", "1.1", "1.7", "1.13", "1.19"]);
    assert!(line(&drive, "▾ 1 ").contains("4 streams"));
    // Streams stay under it, however they are sorted.
    drive.press("↓↓S");
    assert_eq!(numbers(&drive), ["1", "1.19", "1.13", "1.7", "1.1"]);
    // The selected one stays selected; where it is folded, its connection is.
    drive.press("↓F");
    assert_eq!(numbers(&drive), ["1.19", "1.13", "1.7", "1.1"]);
    assert_eq!(drive.app.connections.table.cursor.selected, 0);
    drive.press("↓F");
    assert_eq!(numbers(&drive).len(), 5);
    assert_eq!(drive.app.connections.table.cursor.selected, 2);
    drive.press("↑↑⏎");
    assert_eq!(numbers(&drive), ["1"]);
    drive.press("F↓↓F");
    assert_eq!(drive.app.connections.table.cursor.selected, 0);
}

#[test]
fn a_stream_leads_to_its_messages_and_its_connection_to_all_of_them() {
    let mut drive = Drive::new("http2/node-clear-deflate.pcap", (120, 40));
    drive.press("⏎↓↓⏎");
    assert_eq!(drive.app.listed(), 16);
    let of = drive.app.message.key.unwrap().conversing;
    assert_eq!(of.to_string(), "1.7");
    drive.press("1↑↑a");
    assert_eq!(drive.app.listed(), 64);
    let screen = drive.screen();
    assert!(screen.contains("payload, connection 1"), "{screen}");
    assert!(screen.contains("1.13"), "{screen}");
    // Any message of it is in the list, and stays in it.
    drive.press(":1.13/3⏎");
    assert_eq!(drive.app.listed(), 64);
    let key = drive.app.message.key.unwrap();
    assert_eq!(
        (key.conversing.to_string().as_str(), key.message),
        ("1.13", 3)
    );
    // A message has its number on its stream, so the connection's number names none.
    let connection = key.conversing.connection.into();
    assert_eq!(drive.app.index.find(connection, 3), None);
    drive.press("1v");
    assert!(drive.screen().contains("Transcript of connection 1.13"));
    // `-c 1` means all of them, too.
    let mut drive = Drive::new("http2/node-clear-deflate.pcap", (80, 24));
    drive.act(Action::Open(super::Opening {
        connection: Some(connection),
        ..super::Opening::default()
    }));
    assert_eq!(drive.app.listed(), 64);
}

#[test]
fn a_filter_keeps_streams_under_their_connection() {
    let mut drive = Drive::new("http2/node-clear-deflate.pcap", (120, 40));
    drive.press("/path == \"/ws?name=n2\" and opcode == binary⏎1");
    assert_eq!(numbers(&drive), ["1"]);
    assert!(drive.screen().contains(" 2/64 "), "{}", drive.screen());
    drive.press("⏎");
    assert_eq!(numbers(&drive), ["1", "1.13"]);
    drive.press("\\/path == \"/nowhere\"⏎1");
    assert_eq!(numbers(&drive), Vec::<String>::new());
    // A connection of HTTP/2 is what its streams are, and nothing itself.
    drive.press("\\/not (path contains ws)⏎1");
    assert_eq!(numbers(&drive), Vec::<String>::new());
}

/// Gives the state connections that are like one that there is.
fn add(drive: &mut Drive, like: &crate::event::ConnectionInfo, new: &[(u64, u32)]) {
    let entry = |(connection, stream): &(u64, u32)| {
        let (connection, stream) = (*connection, *stream);
        let mut info = like.clone();
        info.conversing = crate::base::Conversing { connection, stream };
        index::Entry::Item(index::Item::Connection(Box::new(info)))
    };
    let mut batch = index::Batch::default();
    batch.entries = new.iter().map(entry).collect();
    drive.act(Action::Batch(Box::new(batch)));
}

#[test]
fn streams_come_under_their_connection_while_it_is_open() {
    let mut drive = Drive::new("http2/node-clear-deflate.pcap", (120, 40));
    let like = drive.app.index.connections()[1].info.clone();
    drive.app.load.loaded = None;
    drive.press("⏎↓↓↓");
    add(&mut drive, &like, &[(2, 1), (1, 21), (1, 23)]);
    let few = ["1", "1.1", "1.7", "1.13", "1.19", "1.21", "1.23", "2"];
    assert_eq!(numbers(&drive), few);
    // From so many lines on they are not sorted each time, and streams come to their place still.
    let many: Vec<_> = (3..6000).map(|number| (number, 0)).collect();
    add(&mut drive, &like, &many);
    drive.press("GG");
    let selected = drive.app.connection().unwrap().conversing();
    add(
        &mut drive,
        &like,
        &[(1, 25), (2, 3), (6001, 0), (6002, 1), (1, 27)],
    );
    let shown = numbers(&drive);
    assert_eq!(shown[..9], [&few[..7], &["1.25", "1.27"]].concat());
    assert_eq!(shown[9..11], ["2", "3"]);
    assert_eq!(shown[shown.len() - 2..], ["6001", "6002"]);
    assert_eq!(drive.app.connection().unwrap().conversing(), selected);
    // All of them by themselves, in the order that they are sorted by.
    drive.press("F");
    add(&mut drive, &like, &[(1, 29)]);
    let shown = numbers(&drive);
    assert_eq!(shown[..3], ["1.1", "1.7", "1.13"]);
    assert_eq!(shown.last().unwrap(), "1.29");
    assert!(!shown.contains(&"1".to_owned()));
}

#[test]
fn statistics_are_of_what_matches() {
    let mut drive = Drive::new("demo.pcapng", (120, 40));
    drive.press("4/from == client⏎4");
    let screen = drive.screen();
    assert!(screen.contains("of the 14 of "), "{screen}");
    let messages = screen
        .lines()
        .find(|line| line.starts_with("messages"))
        .unwrap();
    assert_eq!(
        messages.split_whitespace().take(4).collect::<Vec<_>>(),
        ["messages", "14", "0", "14"]
    );
}

/// Feeds the messages of a capture as if they came live.
fn come(drive: &mut Drive, loader: &Loader) {
    for batch in &loader.batches {
        drive.act(Action::Batch(Box::new(batch)));
    }
}

#[test]
fn what_comes_is_asked_what_is_filtered_by() {
    let mut drive = live((80, 24));
    drive.app.load.loaded = None;
    let before = drive.app.index.len();
    drive.press("a/STAGING yet⏎");
    let known = drive.app.matches.as_ref().unwrap().count;
    assert!(known > 0);
    let Some(matches) = drive.app.matches.as_ref() else {
        unreachable!();
    };
    let asked = Asked::default();
    asked.set(matches.number, Some(std::sync::Arc::clone(&matches.filter)));
    let options = Options::new(Detail::Payloads);
    let loader = Loader::asking(drive.again.inputs().clone(), &options, asked);
    come(&mut drive, &loader);
    // The same messages once more: those that match are found without another search.
    let matches = drive.app.matches.as_ref().unwrap();
    assert_eq!(drive.app.index.len(), 2 * before);
    assert_eq!(matches.count, 2 * known);
    assert_eq!(drive.app.listed(), 2 * known);
}

#[test]
fn rows_of_a_live_capture_are_bounded() {
    let mut drive = live((80, 24));
    drive.app.load.loaded = None;
    drive.app.index.bound = 1 << 18;
    drive.press("a");
    let options = Options::new(Detail::Payloads);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/ws-mixed.pcap");
    let inputs = Inputs {
        files: vec![Input::from(path)],
        filter: None,
    };
    while drive.app.index.first() == 0 {
        let loader = Loader::asking(inputs.clone(), &options, Asked::default());
        come(&mut drive, &loader);
    }
    let (first, len) = (drive.app.index.first(), drive.app.index.len());
    assert_eq!(drive.app.listed(), len - first);
    assert_eq!(drive.app.place_at(0), Some(first));
    assert!(drive.screen().contains("older gone"), "{}", drive.screen());
    drive.press("gc↓↓");
    assert!(drive.app.place.unwrap() >= first);
}

#[test]
fn packets_are_not_lost_without_a_question() {
    let mut drive = live((80, 24));
    let mut standing = drive.app.live.as_ref().unwrap().standing.clone();
    standing.scratch = true;
    drive.app.load.loaded = None;
    drive.act(Action::Standing(Box::new(standing)));
    drive.press("q");
    assert!(drive.outside.is_empty());
    assert!(
        drive.screen().contains("12,345 packets would be lost"),
        "{}",
        drive.screen()
    );
    drive.press("kq");
    assert!(drive.outside.is_empty());
    drive.press("W⏎");
    assert!(
        matches!(&drive.outside[..], [Effect::SavePackets(path)] if path == Path::new("capture.pcapng"))
    );
    drive.outside.clear();
    drive.act(Action::Saved(12_345, "saved".to_owned()));
    drive.press("X");
    assert!(drive.outside.is_empty());
    drive.press("X");
    assert!(matches!(&drive.outside[..], [Effect::StopLoading]));
    drive.press("q");
    assert!(matches!(drive.outside.last(), Some(Effect::Quit)));
}

#[test]
fn counters_stand_still_while_paused() {
    let mut drive = live((80, 24));
    drive.press(" ");
    let mut standing = drive.app.live.as_ref().unwrap().standing.clone();
    standing.status.packets = 12_400;
    drive.act(Action::Standing(Box::new(standing)));
    let screen = drive.screen();
    assert!(screen.contains("12.3k packets, 55 since"), "{screen}");
}

#[test]
fn processes_are_a_column_where_one_is_known() {
    let mut drive = Drive::new("demo.pcapng", (140, 40));
    assert!(!drive.screen().contains("process"));
    let mut info = drive.app.index.connections()[0].info.clone();
    info.processes.server = Some(crate::tcp::Process {
        pid: 4690,
        name: "a\x1b[2J".into(),
    });
    let mut batch = index::Batch::default();
    let item = index::Item::Connection(Box::new(info));
    batch.entries.push_back(index::Entry::Item(item));
    drive.act(Action::Batch(Box::new(batch)));
    let screen = drive.screen();
    assert!(
        screen
            .lines()
            .any(|line| line.contains("process") && line.contains("client"))
    );
    assert!(screen.contains("→ a\\x1b[2J 4690"), "{screen}");
    assert!(screen.contains("server a\\x1b[2J (4690)"), "{screen}");
    // Where there is no room for it, the details have it.
    drive.app.size = (80, 24);
    let screen = drive.screen();
    assert!(!screen.contains("→ a"), "{screen}");
    assert!(screen.contains("(4690)"), "{screen}");
}

#[test]
fn a_filter_by_process_is_for_live_traffic() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    drive.press("/process == node⏎");
    assert!(drive.app.matches.is_none());
    assert!(
        drive.screen().contains("processes are known only"),
        "{}",
        drive.screen()
    );
}

#[test]
fn it_says_that_secrets_are_saved_with_packets() {
    let mut drive = live((80, 24));
    drive.press("W");
    assert!(drive.screen().contains("save packets as: "));
    drive.press("⎋");
    let mut standing = drive.app.live.as_ref().unwrap().standing.clone();
    standing.secrets = 4;
    drive.act(Action::Standing(Box::new(standing)));
    drive.press("W");
    assert!(drive.screen().contains("save packets and TLS secrets as: "));
}

#[test]
fn a_live_capture_says_what_it_waits_for() {
    let mut app = App::new("lo".to_owned(), (80, 24), Palette::None);
    app.live = Some(Live::default());
    let standing = Standing {
        interface: "lo".to_owned(),
        filter: "tcp port 80".to_owned(),
        place: "a scratch file in /tmp".to_owned(),
        kept: (1_500, Some(256 << 20)),
        ..Standing::default()
    };
    update(&mut app, Action::Standing(Box::new(standing)));
    let screen = draw(&app, app.size).replace('\n', " ");
    assert!(
        screen.contains("listening on lo to packets that match tcp port 80: 0 packets"),
        "{screen}"
    );
    assert!(
        screen.contains("1500 of 268M B in a scratch file"),
        "{screen}"
    );
}

#[test]
fn causes_are_looked_for_where_findings_are_listed() {
    let mut drive = Drive::new("faulty/ws-zlib.pcap", (80, 24));
    drive.press("5F");
    let (_, finding) = drive.app.finding_at(0).unwrap();
    assert_eq!(finding.code, crate::finding::Code::CauseWrapped);
    assert!(drive.screen().contains("cause-wrapped"));
    drive.press("⏎");
    assert_eq!(drive.app.message.key.unwrap().message, 1);
}

#[test]
fn how_a_connection_ended_is_on_the_first_screen() {
    let mut drive = Drive::new("demo.pcapng", (80, 24));
    let screen = drive.screen();
    assert!(screen.contains("→ 1000"), "{screen}");
    assert!(
        screen.contains("the client closed with 1000 (normal closure)"),
        "{screen}"
    );
    // And after the last of its messages, wherever the list is.
    drive.press("⏎");
    assert!(
        drive.screen().contains("─ the client closed with 1000"),
        "{}",
        drive.screen()
    );
    drive.press("c⎋");
    drive.press("/end == close and closed_by == client⏎");
    assert!(
        drive.screen().contains("filter: end == close"),
        "{}",
        drive.screen()
    );
    assert!(
        drive
            .app
            .matches
            .as_ref()
            .is_some_and(|matches| matches.count >= 38)
    );
    drive.press("\\/closed_by == client and text contains snapshot⏎");
    assert!(
        drive
            .app
            .matches
            .as_ref()
            .is_some_and(|matches| matches.count > 0)
    );
    drive.press("\\/end == rst⏎");
    assert!(
        drive
            .app
            .matches
            .as_ref()
            .is_some_and(|matches| matches.count == 0)
    );
}

#[test]
fn a_filter_of_ends_waits_until_all_is_read_and_is_refused_live() {
    let mut app = App::new("x".to_owned(), (80, 24), Palette::None);
    for c in "/end == rst".chars() {
        update(
            &mut app,
            Action::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)),
        );
    }
    update(
        &mut app,
        Action::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)),
    );
    assert!(
        app.matches.is_none() && app.later.is_some(),
        "{:?}",
        app.notice
    );
    update(&mut app, Action::Loaded(Box::default()));
    assert!(app.matches.is_some() && app.later.is_none());
    app.matches = None;
    app.load.loaded = None;
    app.live = Some(Live::default());
    for c in "/end == rst".chars() {
        update(
            &mut app,
            Action::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)),
        );
    }
    update(
        &mut app,
        Action::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)),
    );
    let said = app.notice.clone().unwrap_or_default();
    assert!(
        app.matches.is_none() && said.contains("not for live traffic"),
        "{said}"
    );
}

#[test]
fn a_selection_that_means_nothing_is_told_as_such() {
    let mut app = App::new("x".to_owned(), (80, 24), Palette::None);
    app.only = "99".parse().unwrap();
    update(&mut app, Action::Loaded(Box::default()));
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| view(&app, frame)).unwrap();
    let screen = terminal.backend().to_string();
    assert!(
        screen.contains("connection 99 is no WebSocket or not on this"),
        "{screen}"
    );
}

#[test]
fn inputs_that_fail_among_others_are_told() {
    let mut app = App::new("x".to_owned(), (80, 24), Palette::None);
    let loaded = index::Loaded {
        errors: vec!["a.pcap: cannot be opened".to_owned(), "b".to_owned()],
        ..index::Loaded::default()
    };
    update(&mut app, Action::Loaded(Box::new(loaded)));
    let said = app.notice.unwrap_or_default();
    assert!(
        said.starts_with("a.pcap: cannot be opened; and 1 more"),
        "{said}"
    );
}

/// A capture that is cut off looks like a whole one otherwise.
#[test]
fn a_cut_off_capture_is_told_on_the_first_screen() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcapng");
    let bytes = std::fs::read(demo).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcapng");
    std::fs::write(&path, &bytes[..bytes.len() - 303]).unwrap();
    let inputs = Inputs {
        files: vec![Input::from(path)],
        filter: None,
    };
    let drive = Drive::open(inputs, Options::new(Detail::Payloads), (80, 24));
    let screen = drive.screen();
    let said = screen.lines().last().unwrap();
    assert!(
        said.starts_with("cut.pcapng: cut off inside packet "),
        "{said}"
    );
    assert!(said.trim_end().ends_with(" are missing"), "{said}");
}
