//! The keys.
//!
//! Job: one table that binds keys to commands, and from which help and the bottom line are made.
//! Input: key presses. Output: [`Command`]s; [`BINDINGS`].

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use strum::{IntoStaticStr, VariantArray};

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Place {
    /// On every screen.
    Everywhere,
    /// In a menu over a table.
    Menu,
    /// In tables: connections, messages, findings.
    Lists,
    /// In the table of connections.
    Connections,
    /// In the list of messages.
    Messages,
    /// Where one message is shown.
    Message,
    /// In its Payload tab.
    Payload,
    /// In its Wire tab.
    Wire,
    /// In its Deflate tab.
    Deflate,
    /// In its Units tab.
    Units,
    /// In the statistics.
    Statistics,
    /// In the list of findings.
    Findings,
    /// In the transcript.
    Transcript,
    /// On every screen of a live capture.
    Live,
    /// In the list of the lab.
    Lab,
    /// Where a lesson is shown.
    Lesson,
}

impl Command {
    /// As the configuration names it.
    pub fn name(self) -> String {
        let name: &'static str = self.into();
        match self {
            Self::Screen(number) => format!("{name}-{number}"),
            _ => name.to_owned(),
        }
    }
}

impl Place {
    /// As the configuration names it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// As help heads its keys.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Menu => "In a menu",
            Self::Lists => "In tables",
            Self::Connections => "Connections",
            Self::Messages => "Messages",
            Self::Message => "One message",
            Self::Payload => "Payload",
            Self::Wire => "Wire",
            Self::Deflate => "Deflate",
            Self::Units => "Units",
            Self::Statistics => "Statistics",
            Self::Findings => "Findings",
            Self::Transcript => "Transcript",
            Self::Live => "Live capture",
            Self::Lab => "The lab",
            Self::Lesson => "A lesson",
        }
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Command {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// To the left: the field, symbol or tab before.
    Left,
    /// To the right: the field, symbol or tab after.
    Right,
    /// The bit before.
    PreviousBit,
    /// The next bit.
    NextBit,
    /// The block or frame before.
    PreviousBlock,
    /// The next block or frame.
    NextBlock,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
    /// Into what is selected.
    Enter,
    /// Back to where one came from.
    Back,
    /// The next pane or tab.
    NextPane,
    /// The pane or tab before.
    PreviousPane,
    /// The screen of that number.
    Screen(u8),
    /// Begin to type a filter.
    Filter,
    /// Forget the filter.
    ClearFilter,
    /// Show all messages and mark those that match, or only those.
    MarkMatches,
    /// The next match, or the next message.
    NextMatch,
    /// The match before, or the message before.
    PreviousMatch,
    /// Mark the selected message with the letter that follows.
    Mark,
    /// Go to the message that the letter marks.
    GoMark,
    /// Go to a message by its number.
    GoTo,
    /// From a ping to its pong, from a close to the other one, and back.
    Partner,
    /// Count time from the selected message.
    Reference,
    /// Choose what to sort by.
    Sort,
    /// Sort the other way.
    Reverse,
    /// Choose columns.
    Columns,
    /// Stay at the end while messages come.
    Follow,
    /// Show time otherwise.
    Time,
    /// Hide control frames, or show them.
    Control,
    /// Show the pane with the selected message, or hide it.
    Split,
    /// The focused pane alone, or all.
    Zoom,
    /// Show the payload otherwise: pretty, as text, in hex.
    Representation,
    /// Copy the payload.
    Copy,
    /// Write to a file.
    Write,
    /// All messages of all connections.
    AllMessages,
    /// Stop loading.
    StopLoading,
    /// Try other compression settings on the same messages.
    Tune,
    /// Fold findings by code, streams by connection, or list each.
    Fold,
    /// Hide findings of the selected code.
    Hide,
    /// Show findings of hidden codes again.
    ShowHidden,
    /// Hide findings that are less bad.
    Least,
    /// Freeze what is shown of a live capture, or go on.
    Pause,
    /// Write the packets of a live capture to a file.
    SavePackets,
    /// Type something that a side sends.
    Say,
    /// Type the selected message otherwise.
    Edit,
    /// Take the selected message out.
    Remove,
    /// Lose the packets of the selected message.
    Lose,
    /// Choose the next control.
    NextControl,
    /// Choose the control before.
    PreviousControl,
    /// The control's next value.
    More,
    /// The control's value before.
    Less,
    /// Type a control's value.
    SetControl,
    /// The lesson, or the list.
    Lesson,
    /// The next question or stop.
    GoOn,
    /// The stop before.
    GoBack,
    /// For the wall: larger steps, fewer things.
    Present,
    /// Help.
    Help,
    /// Suspend to the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}

/// A key as the table writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character, shift included in it.
    Char(char),
    /// A character with Ctrl.
    Ctrl(char),
    /// A key with a name.
    Named(KeyCode),
}

impl Key {
    fn of(event: KeyEvent) -> Self {
        match event.code {
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CONTROL) => Self::Ctrl(c),
            KeyCode::Char(c) => Self::Char(c),
            code => Self::Named(code),
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut characters = name.chars();
        if let (Some(one), None) = (characters.next(), characters.next())
            && !NAMED.iter().any(|(_, other)| *other == name)
        {
            return Some(Self::Char(one));
        }
        if let Some(letter) = name.strip_prefix("Ctrl-") {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                (Some(one), None) => Some(Self::Ctrl(one.to_ascii_lowercase())),
                _ => None,
            };
        }
        if name == "Space" {
            return Some(Self::Char(' '));
        }
        let named = NAMED.iter().find(|(_, other)| *other == name);
        let function = || {
            let number = name.strip_prefix('F')?.parse::<u8>().ok()?;
            (1..=24).contains(&number).then_some(KeyCode::F(number))
        };
        named
            .map(|(code, _)| *code)
            .or_else(function)
            .map(Self::Named)
    }

    /// As help names it.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "Space".to_owned(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            Self::Named(KeyCode::F(number)) => format!("F{number}"),
            Self::Named(code) => {
                let named = NAMED.iter().find(|(other, _)| *other == code);
                named.map_or_else(|| code.to_string(), |(_, name)| (*name).to_owned())
            }
        }
    }
}

/// Keys that are no characters, and their names.
const NAMED: &[(KeyCode, &str)] = &[
    (KeyCode::Up, "↑"),
    (KeyCode::Down, "↓"),
    (KeyCode::Left, "←"),
    (KeyCode::Right, "→"),
    (KeyCode::PageUp, "PgUp"),
    (KeyCode::PageDown, "PgDn"),
    (KeyCode::Home, "Home"),
    (KeyCode::End, "End"),
    (KeyCode::Tab, "Tab"),
    (KeyCode::BackTab, "Shift-Tab"),
    (KeyCode::Enter, "Enter"),
    (KeyCode::Esc, "Esc"),
    (KeyCode::Backspace, "Backspace"),
    (KeyCode::Insert, "Insert"),
    (KeyCode::Delete, "Delete"),
];

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where it holds.
    pub place: Place,
    /// The keys.
    pub keys: &'static [Key],
    /// What they ask for.
    pub command: Command,
    /// What that does, for help.
    pub help: &'static str,
    /// A word for the bottom line, where it deserves one.
    pub hint: Option<&'static str>,
}

const fn bind(
    place: Place,
    keys: &'static [Key],
    command: Command,
    help: &'static str,
    hint: Option<&'static str>,
) -> Binding {
    Binding {
        place,
        keys,
        command,
        help,
        hint,
    }
}

use Key::{Char, Ctrl, Named};

/// Every key. Within a place the first binding of a key counts; narrower places come first.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    bind(Place::Lesson, &[Named(KeyCode::Enter), Char(' ')], Command::GoOn, "read on, guess, then to the next stop", Some("go on")),
    bind(Place::Lesson, &[Named(KeyCode::Backspace)], Command::GoBack, "the stop before", Some("back")),
    bind(Place::Lesson, &[Char('L')], Command::Lesson, "from the lesson to the list of the lab, and back", Some("lab")),
    bind(Place::Lab, &[Char('i')], Command::Say, "type what a side sends: Tab changes the kind, ↑ and ↓ the side", Some("type")),
    bind(Place::Lab, &[Char(',')], Command::PreviousControl, "choose the control before", None),
    bind(Place::Lab, &[Char('.')], Command::NextControl, "choose the next control", Some("control")),
    bind(Place::Lab, &[Char('+'), Char('=')], Command::More, "its next value; all messages are made anew", Some("more")),
    bind(Place::Lab, &[Char('-')], Command::Less, "its value before", Some("less")),
    bind(Place::Lab, &[Char('o')], Command::SetControl, "type its value", None),
    bind(Place::Lab, &[Char('e')], Command::Edit, "type the selected message otherwise", Some("edit")),
    bind(Place::Lab, &[Char('d')], Command::Remove, "take the selected message out", Some("remove")),
    bind(Place::Lab, &[Char('D')], Command::Lose, "lose the packets with the payload of the selected message, or let them arrive", None),
    bind(Place::Lab, &[Char('L')], Command::Lesson, "a lesson, or back to it", Some("lesson")),
    bind(Place::Lab, &[Char('W')], Command::SavePackets, "write what is sent to a capture file", None),
    bind(Place::Connections, &[Named(KeyCode::Enter)], Command::Enter, "its messages; of HTTP/2: list its streams, or fold them", Some("messages")),
    bind(Place::Connections, &[Char('F')], Command::Fold, "fold streams under their connections, or list each", Some("fold")),
    bind(Place::Connections, &[Char('a')], Command::AllMessages, "the messages of all connections, or of all its streams", Some("all messages")),
    bind(Place::Connections, &[Char('C')], Command::Columns, "columns: choose which are shown", Some("columns")),
    bind(Place::Messages, &[Named(KeyCode::Enter)], Command::Enter, "the message alone", Some("open")),
    bind(Place::Messages, &[Char('a')], Command::AllMessages, "the messages of all connections, or of this one", None),
    bind(Place::Messages, &[Char('c')], Command::Control, "hide control frames, or show them", Some("control")),
    bind(Place::Messages, &[Char('f')], Command::Follow, "follow: stay at the last message while more come", None),
    bind(Place::Messages, &[Char('M')], Command::MarkMatches, "all messages with the matches marked, or only matches", None),
    bind(Place::Messages, &[Char('p')], Command::Split, "show the selected message beside the list, or do not", None),
    bind(Place::Messages, &[Char('v')], Command::Screen(6), "its conversation as a transcript, both sides in time", Some("transcript")),
    bind(Place::Connections, &[Char('v')], Command::Screen(6), "its transcript, both sides in time", Some("transcript")),
    bind(Place::Transcript, &[Named(KeyCode::Enter)], Command::Enter, "the message alone", Some("open")),
    bind(Place::Transcript, &[Char('/')], Command::Filter, "search in payloads: words as they stand, or an expression", Some("search")),
    bind(Place::Transcript, &[Char('n')], Command::NextMatch, "the next message with what is looked for, or the next one", Some("next")),
    bind(Place::Transcript, &[Char('N')], Command::PreviousMatch, "the one before", None),
    bind(Place::Transcript, &[Char('f')], Command::Follow, "follow: stay at the last row while more come", None),
    bind(Place::Findings, &[Named(KeyCode::Enter)], Command::Enter, "of a code: list its findings, or fold them; of one: go to its message or connection", Some("open")),
    bind(Place::Findings, &[Char('F')], Command::Fold, "fold findings by code, or list each", Some("fold")),
    bind(Place::Findings, &[Char('d')], Command::Hide, "hide findings of this code", Some("hide")),
    bind(Place::Findings, &[Char('D')], Command::ShowHidden, "show findings of hidden codes again", None),
    bind(Place::Findings, &[Char('e')], Command::Least, "all findings, warnings and errors, or errors only", Some("severity")),
    bind(Place::Payload, &[Char('x')], Command::Representation, "pretty, text, hex", Some("pretty/text/hex")),
    bind(Place::Wire, &[Named(KeyCode::Left), Char('h')], Command::Left, "the byte, group or character before", None),
    bind(Place::Wire, &[Named(KeyCode::Right), Char('l')], Command::Right, "the next byte, group or character, as the row has them", Some("step")),
    bind(Place::Wire, &[Named(KeyCode::Up), Char('k')], Command::Up, "to the row above: text, bits, wire", None),
    bind(Place::Wire, &[Named(KeyCode::Down), Char('j')], Command::Down, "to the row below: wire, bits, text", Some("row")),
    bind(Place::Wire, &[Char(',')], Command::PreviousBit, "the bit before", None),
    bind(Place::Wire, &[Char('.')], Command::NextBit, "the next bit", Some("bit")),
    bind(Place::Wire, &[Char('[')], Command::PreviousBlock, "the block before, or the frame", None),
    bind(Place::Wire, &[Char(']')], Command::NextBlock, "the next block, or frame", Some("block")),
    bind(Place::Deflate, &[Named(KeyCode::Left), Char('h')], Command::Left, "the symbol before", None),
    bind(Place::Deflate, &[Named(KeyCode::Right), Char('l')], Command::Right, "the next symbol", Some("step")),
    bind(Place::Deflate, &[Char('[')], Command::PreviousBlock, "the block before", None),
    bind(Place::Deflate, &[Char(']')], Command::NextBlock, "the next block", Some("block")),
    bind(Place::Deflate, &[Char('x')], Command::Representation, "below: output, Huffman codes, from which messages it came", Some("codes")),
    bind(Place::Deflate, &[Named(KeyCode::Enter)], Command::Enter, "the message that the match copies from", Some("its source")),
    bind(Place::Units, &[Named(KeyCode::Left), Char('h')], Command::Left, "the unit before", None),
    bind(Place::Units, &[Named(KeyCode::Right), Char('l')], Command::Right, "the next unit", Some("units")),
    bind(Place::Units, &[Named(KeyCode::Enter)], Command::Enter, "the message that the unit answers, or that answers it", Some("request/answer")),
    bind(Place::Message, &[Named(KeyCode::Tab)], Command::NextPane, "the next tab", Some("tabs")),
    bind(Place::Message, &[Named(KeyCode::BackTab)], Command::PreviousPane, "the tab before", None),
    bind(Place::Message, &[Named(KeyCode::Left), Char('h')], Command::Left, "the tab before", None),
    bind(Place::Message, &[Named(KeyCode::Right), Char('l')], Command::Right, "the next tab", None),
    bind(Place::Message, &[Char('/')], Command::Filter, "search in payloads: words as they stand, or an expression", Some("search")),
    bind(Place::Message, &[Char('n')], Command::NextMatch, "the next place where it is found, then the next message", Some("next")),
    bind(Place::Message, &[Char('N')], Command::PreviousMatch, "the place or message before", None),
    bind(Place::Lists, &[Named(KeyCode::Tab)], Command::NextPane, "from the list to the message, its tabs, and back", None),
    bind(Place::Lists, &[Named(KeyCode::BackTab)], Command::PreviousPane, "the same the other way", None),
    bind(Place::Lists, &[Char('n')], Command::NextMatch, "the next match", None),
    bind(Place::Lists, &[Char('N')], Command::PreviousMatch, "the match before", None),
    bind(Place::Menu, &[Named(KeyCode::Enter), Char(' ')], Command::Enter, "sort by the column, or show or hide it", None),
    bind(Place::Lists, &[Char('s')], Command::Sort, "sort: choose the column, and again to sort the other way", Some("sort")),
    bind(Place::Lists, &[Char('S')], Command::Reverse, "sort the other way", None),
    bind(Place::Lists, &[Char('C')], Command::Columns, "columns: choose which are shown", None),
    bind(Place::Lists, &[Named(KeyCode::Left), Char('h')], Command::Left, "columns to the left", None),
    bind(Place::Lists, &[Named(KeyCode::Right), Char('l')], Command::Right, "columns to the right", None),
    bind(Place::Statistics, &[Named(KeyCode::Tab)], Command::NextPane, "the next pane", Some("panes")),
    bind(Place::Statistics, &[Named(KeyCode::BackTab)], Command::PreviousPane, "the pane before", None),
    bind(Place::Statistics, &[Char('T')], Command::Tune, "what if: all messages under other compression settings", Some("what if")),
    bind(Place::Live, &[Char(' ')], Command::Pause, "freeze what is shown while the capture goes on, or go on", Some("pause")),
    bind(Place::Live, &[Char('W')], Command::SavePackets, "save the packets that are kept as pcapng, at any time", Some("save packets")),
    bind(Place::Live, &[Char('X')], Command::StopLoading, "end the capture and keep what there is", None),
    bind(Place::Everywhere, &[Char('/')], Command::Filter, "filter: words, or an expression", Some("filter")),
    bind(Place::Everywhere, &[Char('\\')], Command::ClearFilter, "forget the filter", None),
    bind(Place::Everywhere, &[Char('t')], Command::Time, "time: relative, UTC, local, epoch, delta", Some("time")),
    bind(Place::Everywhere, &[Char('z')], Command::Zoom, "the focused pane alone, or all", Some("zoom")),
    bind(Place::Everywhere, &[Char('y')], Command::Copy, "copy the payload to the clipboard", Some("copy")),
    bind(Place::Everywhere, &[Char('w')], Command::Write, "write the payload or the listed messages to a file; the screen, where its name ends in .svg or .txt", Some("write")),
    bind(Place::Everywhere, &[Char('m')], Command::Mark, "m and a letter: mark the message", None),
    bind(Place::Everywhere, &[Char('\'')], Command::GoMark, "' and the letter: back to it", None),
    bind(Place::Everywhere, &[Char(':')], Command::GoTo, "go to message 64, 3/64 of connection 3, p1234 by packet", None),
    bind(Place::Everywhere, &[Char('%')], Command::Partner, "from a ping to its pong, from a close to the other, and back", None),
    bind(Place::Everywhere, &[Char('r')], Command::Reference, "count time from this message, or from the start again", None),
    bind(Place::Everywhere, &[Named(KeyCode::Up), Char('k')], Command::Up, "up", None),
    bind(Place::Everywhere, &[Named(KeyCode::Down), Char('j')], Command::Down, "down", None),
    bind(Place::Everywhere, &[Named(KeyCode::Left), Char('h')], Command::Left, "to the left", None),
    bind(Place::Everywhere, &[Named(KeyCode::Right), Char('l')], Command::Right, "to the right", None),
    bind(Place::Everywhere, &[Named(KeyCode::PageUp), Ctrl('b')], Command::PageUp, "a page up", None),
    bind(Place::Everywhere, &[Named(KeyCode::PageDown), Ctrl('f'), Char(' ')], Command::PageDown, "a page down", None),
    bind(Place::Everywhere, &[Char('g'), Named(KeyCode::Home)], Command::Top, "to the first", None),
    bind(Place::Everywhere, &[Char('G'), Named(KeyCode::End)], Command::Bottom, "to the last", None),
    bind(Place::Everywhere, &[Char('1')], Command::Screen(1), "connections", None),
    bind(Place::Everywhere, &[Char('2')], Command::Screen(2), "messages", None),
    bind(Place::Everywhere, &[Char('3')], Command::Screen(3), "the selected message", None),
    bind(Place::Everywhere, &[Char('4')], Command::Screen(4), "statistics", None),
    bind(Place::Everywhere, &[Char('5')], Command::Screen(5), "findings", None),
    bind(Place::Everywhere, &[Char('6')], Command::Screen(6), "the transcript of a conversation", None),
    bind(Place::Everywhere, &[Named(KeyCode::Esc), Named(KeyCode::Backspace)], Command::Back, "back", None),
    bind(Place::Everywhere, &[Char('T')], Command::Tune, "what if: the same messages under other compression settings", None),
    bind(Place::Everywhere, &[Char('P')], Command::Present, "for the wall: one message, larger, fewer things", None),
    bind(Place::Everywhere, &[Char('X')], Command::StopLoading, "stop loading and keep what there is", None),
    bind(Place::Everywhere, &[Ctrl('z')], Command::Suspend, "to the shell; fg comes back", None),
    bind(Place::Everywhere, &[Ctrl('l')], Command::Redraw, "draw everything anew", None),
    bind(Place::Everywhere, &[Char('?'), Named(KeyCode::F(1))], Command::Help, "help", Some("help")),
    bind(Place::Everywhere, &[Char('q'), Ctrl('c')], Command::Quit, "quit", Some("quit")),
];

/// A binding with the keys that it has now.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where it holds.
    pub place: Place,
    /// The keys.
    pub keys: Vec<Key>,
    /// What they ask for.
    pub command: Command,
    /// What that does, for help.
    pub help: &'static str,
    /// A word for the bottom line, where it deserves one.
    pub hint: Option<&'static str>,
}

/// What keys ask for.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// Every binding, narrower places first.
    pub bindings: Vec<Bound>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &Binding| Bound {
            place: binding.place,
            keys: binding.keys.to_vec(),
            command: binding.command,
            help: binding.help,
            hint: binding.hint,
        };
        let mut bindings: Vec<_> = BINDINGS.iter().map(bound).collect();
        // Those of a place together, in the order in which places come first.
        let places: Vec<_> = BINDINGS.iter().map(|binding| binding.place).collect();
        let order = |place| places.iter().position(|other| *other == place);
        bindings.sort_by_key(|bound| order(bound.place));
        Self { bindings }
    }
}

impl Keymap {
    /// Gives a command of a place other keys.
    pub fn rebind(&mut self, place: Place, command: &str, keys: &[Key]) {
        for bound in &mut self.bindings {
            if bound.place == place && bound.command.name() == command {
                bound.keys = keys.to_vec();
            }
        }
    }

    /// A key that asks for two things in one place.
    pub fn twice(&self) -> Option<(Place, Key)> {
        self.bindings.iter().enumerate().find_map(|(at, one)| {
            let others = self.bindings.get(at + 1..).unwrap_or_default().iter();
            let here = others.filter(|other| other.place == one.place);
            let taken: Vec<Key> = here.flat_map(|other| other.keys.clone()).collect();
            let key = one.keys.iter().find(|key| taken.contains(key))?;
            Some((one.place, *key))
        })
    }

    /// What a key asks for in these places, the narrowest first.
    pub fn command(&self, places: &[Place], event: KeyEvent) -> Option<Command> {
        let key = Key::of(event);
        places.iter().find_map(|place| {
            self.bindings
                .iter()
                .find(|binding| binding.place == *place && binding.keys.contains(&key))
                .map(|binding| binding.command)
        })
    }

    /// The bindings that count in these places, the narrowest first, for help.
    pub fn active(&self, places: &[Place]) -> Vec<(Place, Vec<&Bound>)> {
        let mut seen: Vec<Key> = Vec::new();
        let mut out = Vec::new();
        for place in places {
            let mut here = Vec::new();
            for binding in self.bindings.iter().filter(|one| one.place == *place) {
                if binding.keys.iter().any(|key| !seen.contains(key)) {
                    here.push(binding);
                }
            }
            seen.extend(here.iter().flat_map(|binding| &binding.keys));
            out.push((*place, here));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_in_a_place() {
        for (at, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[at + 1..] {
                if one.place == other.place {
                    for key in one.keys {
                        assert!(!other.keys.contains(key), "{key:?} in {:?}", one.place);
                    }
                }
            }
        }
    }

    #[test]
    fn names_of_keys_are_read_again() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(Key::parse(&key.name()), Some(*key));
        }
        assert_eq!(Key::parse("Ctrl-ab"), None);
    }

    #[test]
    fn narrower_places_come_first() {
        let tab = KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE);
        assert_eq!(
            Keymap::default().command(&[Place::Message, Place::Everywhere], tab),
            Some(Command::NextPane)
        );
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(Keymap::default().command(&[Place::Everywhere], enter), None);
        let capital = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(
            Keymap::default().command(&[Place::Everywhere], capital),
            Some(Command::Bottom)
        );
    }
}
