//! The terminal, taken and given back.
//!
//! Job: raw mode, alternate screen and mouse on; all of it off again whatever happens; its
//! clipboard. Input: none. Output: a [`Guard`] that gives the terminal back when it goes.

use std::io::{self, Write, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use super::sixteen::Sixteen;

/// Bytes that go to the clipboard: terminals drop sequences that are longer.
const COPIED: usize = 74_000;

/// What is drawn on.
pub(super) type Screen = Terminal<CrosstermBackend<Sixteen<io::Stdout>>>;

/// The terminal as something to draw on.
pub(super) fn screen() -> io::Result<Screen> {
    Terminal::new(CrosstermBackend::new(Sixteen::new(stdout())))
}

/// Whether the terminal is ours now.
static OURS: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is wanted.
static MOUSE: AtomicBool = AtomicBool::new(true);

/// Gives the terminal back when it goes.
#[derive(Debug)]
pub(super) struct Guard(());

impl Guard {
    /// Takes the terminal, and sees to it that a panic gives it back before it speaks.
    ///
    /// `mouse`: clicks and the wheel come here; otherwise the terminal selects text with them.
    pub(super) fn new(mouse: bool) -> io::Result<Self> {
        MOUSE.store(mouse, Ordering::SeqCst);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
        take()?;
        Ok(Self(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the terminal.
pub(super) fn take() -> io::Result<()> {
    OURS.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if MOUSE.load(Ordering::SeqCst) {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Gives the terminal back. What fails on the way is not worth a word: there is nowhere to say it.
pub(super) fn restore() {
    if OURS.swap(false, Ordering::SeqCst) {
        let _ = execute!(
            stdout(),
            DisableBracketedPaste,
            DisableMouseCapture,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

/// Asks to be told of signals that end the process, so that the terminal is given back first.
pub(super) fn signals(over: &Arc<AtomicBool>) -> io::Result<()> {
    #[cfg(unix)]
    for signal in [
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
        signal_hook::consts::SIGINT,
    ] {
        signal_hook::flag::register(signal, Arc::clone(over))?;
    }
    Ok(())
}

/// OSC 52: the terminal puts it on the clipboard, over SSH too, and does not say whether it did.
pub(super) fn copy(bytes: &[u8]) -> io::Result<String> {
    if bytes.len() > COPIED {
        return Ok(format!(
            "{} bytes are too many for the terminal's clipboard: w writes them to a file",
            bytes.len()
        ));
    }
    let mut out = stdout();
    write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(bytes))?;
    out.flush()?;
    Ok(format!(
        "{} bytes sent to the terminal's clipboard, if it lets programs set it",
        bytes.len()
    ))
}

/// Clears the screen, so that all of it is drawn anew.
///
/// `Terminal::clear` would ask the terminal for its cursor: one that does not answer within
/// seconds would end the UI, and keys that are typed meanwhile stand before the answer.
pub(super) fn wipe(screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    screen.resize(Rect::new(0, 0, size.width, size.height))
}
