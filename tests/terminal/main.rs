//! The terminal UI in a real pseudo-terminal, as a user's hands meet it.
//!
//! What is on the screen is waited for; the deadlines only end a test that hangs.
#![cfg(all(unix, feature = "tui"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../common/mod.rs"]
mod common;

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use portable_pty::{
    ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system,
};

/// After so long without a word, a test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

const SIZE: (u16, u16) = (80, 24);

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        ..PtySize::default()
    }
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

/// `wscope` in a terminal.
struct Tty {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    reader: Option<JoinHandle<()>>,
    deaf: Arc<AtomicBool>,
    screen: vt100::Parser,
    ended: Receiver<ExitStatus>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    process: u32,
    running: bool,
    /// The terminal's modes before anyone changed them.
    modes: String,
}

impl Tty {
    /// Shows a capture, and waits for its first line.
    fn start(capture: &str, folder: &Path) -> Self {
        Self::run(&[common::capture(capture)], folder, "127.0.0.1:")
    }

    /// Starts with arguments, and waits for what is shown first.
    fn run(arguments: &[impl AsRef<std::ffi::OsStr>], folder: &Path, first: &str) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wscope"));
        command.args(arguments);
        Self::spawn(command, folder, first)
    }

    /// Starts a command, and waits for what is shown first.
    fn spawn(mut command: CommandBuilder, folder: &Path, first: &str) -> Self {
        let pair = native_pty_system().openpty(pty_size(SIZE)).unwrap();
        let before = modes(pair.master.as_ref());
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (killer, process) = (child.clone_killer(), child.process_id().unwrap());
        let (end, ended) = unbounded();
        thread::spawn(move || end.send(child.wait().unwrap()));
        let (to, output) = unbounded();
        let deaf = Arc::new(AtomicBool::new(false));
        let (mut from, stop) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&deaf));
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(len @ 1..) = from.read(&mut bytes) {
                if to.send(bytes[..len].to_vec()).is_err() || stop.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        let mut tty = Self {
            keys: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            output,
            reader: Some(reader),
            deaf,
            screen: vt100::Parser::new(SIZE.1, SIZE.0, 0),
            ended,
            killer,
            process,
            running: true,
            modes: before,
        };
        tty.wait_for(first);
        assert!(tty.screen.screen().alternate_screen());
        assert_ne!(
            modes(tty.master.as_deref().unwrap()),
            tty.modes,
            "raw mode is on"
        );
        tty
    }

    fn press(&mut self, keys: &str) {
        let to = self.keys.as_mut().unwrap();
        to.write_all(keys.as_bytes()).unwrap();
        to.flush().unwrap();
    }

    /// Until a text is on the screen.
    fn wait_for(&mut self, text: &str) {
        loop {
            let shown = self.screen.screen().contents();
            if shown.contains(text) {
                return;
            }
            let Ok(bytes) = self.output.recv_timeout(PATIENCE) else {
                panic!("{text:?} never came:\n{shown}");
            };
            self.screen.process(&bytes);
        }
    }

    fn resize(&self, size: (u16, u16)) {
        let master = self.master.as_ref().unwrap();
        master.resize(pty_size(size)).unwrap();
    }

    /// Its end, after which the terminal has to be as it was.
    fn end(&mut self) -> ExitStatus {
        let status = self.ended.recv_timeout(PATIENCE).unwrap();
        self.running = false;
        for bytes in &self.output {
            self.screen.process(&bytes);
        }
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(modes(self.master.as_deref().unwrap()), self.modes);
        status
    }

    fn shown(&self) -> String {
        self.screen.screen().contents()
    }

    fn signal(&self, name: &str) {
        let process = self.process.to_string();
        let sent = Command::new("kill").args([name, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// The terminal's window is closed.
    fn hang_up(&mut self) {
        // The reader's handle would keep it open; help makes it read once more.
        self.deaf.store(true, Ordering::SeqCst);
        self.press("?");
        self.reader.take().unwrap().join().unwrap();
        self.keys = None;
        self.master = None;
        self.ended.recv_timeout(PATIENCE).unwrap();
        self.running = false;
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        if self.running {
            // The test has failed already.
            let _ = self.killer.kill();
        }
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_newcomer_finds_the_source_of_a_match() {
    let folder = folder();
    let mut tty = Tty::start("demo.pcapng", folder.path());
    tty.press("\r");
    tty.wait_for("payload, connection 1");
    tty.press("/unsubscribed\r");
    tty.wait_for("filter: unsubscribed  1 of");
    tty.press("\r");
    tty.wait_for("\"unsubscribed\"");
    tty.press("\t\t");
    tty.wait_for("step 1 of 14");
    for step in 2..=6 {
        tty.press("\x1b[C");
        tty.wait_for(&format!("step {step} of 14"));
    }
    tty.wait_for("copied from message 2, bytes 9–32");
    tty.press("\r");
    tty.wait_for("\"history\": 30");
    tty.press("q");
    let status = tty.end();
    assert_eq!(status.exit_code(), 0, "{}", tty.shown());
}

#[test]
fn a_storm_of_resizes_is_survived() {
    let folder = folder();
    let mut tty = Tty::start("demo.pcapng", folder.path());
    for turn in 0..200_u16 {
        tty.resize((10 + turn * 13 % 170, 2 + turn * 7 % 50));
        let screens = ["1", "2", "3", "4", "5", "?", "\t"];
        tty.press(screens[usize::from(turn) % screens.len()]);
    }
    tty.resize(SIZE);
    // Help may be open; Ctrl-L draws all of it.
    tty.press("1\x0c");
    tty.wait_for("1 Conns  2 Messages");
    tty.press("\x03");
    let status = tty.end();
    assert_eq!(status.exit_code(), 0, "{}", tty.shown());
}

/// Neither Ctrl-Z, which stops the process, nor what quits.
const KEYS: &[&str] = &[
    "\r",
    "\t",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[Z",
    "\x7f",
    "\x0c",
    "\x1b[<64;20;5M",
    "\x1b[<65;20;5M",
    "\x1b[<0;12;4M",
    "\x1b[200~é世\x1b[201~",
    "1",
    "2",
    "3",
    "4",
    "5",
    "a",
    "c",
    "f",
    "g",
    "G",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "N",
    "p",
    "P",
    "s",
    "S",
    "t",
    "w",
    "x",
    "X",
    "y",
    "z",
    "/",
    "\\",
    "?",
    " ",
    "=",
    ">",
    "\"",
];

#[test]
fn random_keys_are_survived() {
    let folder = folder();
    let mut tty = Tty::start("ws-takeover-lost.pcap", folder.path());
    let mut state = 0x2545_f491_u32;
    for _ in 0..2500 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = usize::try_from(state >> 16).unwrap() % KEYS.len();
        tty.press(KEYS[at]);
    }
    // Out of a prompt or of help, and out.
    tty.press("\x03\x03\x03");
    let status = tty.end();
    assert_eq!(status.exit_code(), 0, "{}", tty.shown());
}

#[test]
fn sigterm_gives_the_terminal_back() {
    let folder = folder();
    let mut tty = Tty::start("demo.pcapng", folder.path());
    tty.signal("-TERM");
    tty.end();
}

/// Once the terminal is gone, reading from it always succeeds with nothing.
#[test]
fn it_ends_with_its_terminal() {
    let folder = folder();
    let mut tty = Tty::start("demo.pcapng", folder.path());
    tty.hang_up();
}

/// A server that says one thing to its client, which says nothing, and waits for `over`.
#[cfg(all(target_os = "linux", feature = "live"))]
fn conversation(over: Receiver<()>) -> (u16, JoinHandle<()>) {
    use std::net::{TcpListener, TcpStream};

    const REQUEST: &str = "GET /wall HTTP/1.1\r\nHost: wall\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let peers = thread::spawn(move || {
        over.recv().unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(REQUEST.as_bytes()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let mut asked = [0; REQUEST.len()];
        server.read_exact(&mut asked).unwrap();
        server.write_all(ANSWER.as_bytes()).unwrap();
        // A text frame, and the shortest close.
        server.write_all(b"\x81\x0ahello wall\x88\x00").unwrap();
        over.recv().unwrap();
    });
    (port, peers)
}

#[cfg(all(target_os = "linux", feature = "live"))]
#[test]
fn live_traffic_is_followed_frozen_and_written() {
    let tried = common::output(&["messages", "-i", "lo", "--duration", "1ms"]);
    if String::from_utf8_lossy(&tried.stderr).contains("not permitted") {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: live capture on lo is not permitted here (run as root, or setcap)"
        );
        return;
    }
    let folder = folder();
    let (go, over) = unbounded();
    let (port, peers) = conversation(over);
    let filter = format!("tcp port {port}");
    let arguments = ["-i", "lo", "-f", &filter, "-w", "wall.pcapng"];
    let mut tty = Tty::run(&arguments, folder.path(), "\u{25cf} lo");
    tty.press(" ");
    tty.wait_for("lo paused");
    go.send(()).unwrap();
    tty.press(" ");
    tty.wait_for("/wall");
    tty.press("\r");
    tty.wait_for("following");
    tty.press("k");
    tty.wait_for("\u{2190} 1 text 10 B");
    tty.wait_for("hello wall");
    tty.press("q");
    assert!(tty.end().success());
    go.send(()).unwrap();
    peers.join().unwrap();
    let file = folder.path().join("wall.pcapng");
    let output = common::output(&["messages", file.to_str().unwrap()]);
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("hello wall")
    );
}

/// Packets that cannot be kept are analysed all the same.
#[test]
fn a_pipe_is_shown_where_nothing_can_be_kept() {
    let folder = folder();
    let mut command = CommandBuilder::new("sh");
    // Who writes goes on until the user leaves.
    let line = "cat \"$1\" | exec \"$0\" view -";
    command.args(["-c", line, env!("CARGO_BIN_EXE_wscope")]);
    command.arg(common::capture("demo.pcapng"));
    command.env("TMPDIR", folder.path().join("missing"));
    let mut tty = Tty::spawn(command, folder.path(), "packets are not kept: No such file");
    tty.wait_for("127.0.0.1:");
    tty.press("\r");
    tty.wait_for("cannot be read again: packets are not kept");
    tty.press("W");
    tty.wait_for("pcapng");
    tty.press("\r");
    tty.wait_for("nothing is saved, as packets are not kept");
    tty.press("q");
    assert!(tty.end().success());
    let saved = std::fs::read_dir(folder.path()).unwrap().flatten();
    let saved = saved.filter(|file| file.file_name().to_string_lossy().ends_with(".pcapng"));
    assert_eq!(saved.count(), 0);
}
