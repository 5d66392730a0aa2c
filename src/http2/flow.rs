//! How much may be sent.
//!
//! Job: keep the windows of a connection and its streams. Input: lengths of DATA frames, settings, window
//! updates. Output: what was sent beyond a window, and how long one was closed. RFC 9113 §5.2, §6.9.

use super::frame::Settings;
use crate::base::Stamp;

/// RFC 9113 §6.9.2: the size at first, of the connection and, without a setting, of a stream.
pub(super) const INITIAL: u32 = 65_535;

/// Packets that were captured in the wrong order are no further apart.
const MIXED_UP_NANOS: i64 = 1_000_000;

/// What one sender may still send, on the connection or on a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    left: i64,
    /// Since when nothing is left.
    closed: Option<Stamp>,
    /// More was sent than was allowed: so many bytes, from that packet on. It may be allowed by what the
    /// capture shows too late.
    beyond: Option<(u64, Stamp)>,
}

impl Window {
    /// A window of that size.
    pub(super) fn new(size: u32) -> Self {
        Self {
            left: size.into(),
            closed: None,
            beyond: None,
        }
    }

    /// A frame of `length` bytes of payload is sent. Padding counts. RFC 9113 §6.9.1.
    pub(super) fn sent(&mut self, length: u32, at: Stamp) {
        self.left -= i64::from(length);
        if length > 0 && self.left <= 0 {
            self.closed.get_or_insert(at);
        }
        if length > 0 && self.left < 0 {
            let beyond = self.left.unsigned_abs();
            let (bytes, _) = self.beyond.get_or_insert((beyond, at));
            *bytes = beyond.max(*bytes);
        }
    }

    /// So much more is allowed, or less where a setting says so. Returns since when nothing was left, where
    /// now something is.
    pub(super) fn change(&mut self, more: i64, at: Stamp) -> Option<Stamp> {
        self.left = self.left.saturating_add(more);
        // RFC 9113 §6.9.2: a setting can make a window negative, which is no fault of the sender.
        if let Some((_, since)) = self.beyond
            && (self.left >= 0 && at.time.since(since.time) <= MIXED_UP_NANOS)
        {
            self.beyond = None;
        }
        if self.left > 0 {
            self.closed.take()
        } else {
            None
        }
    }

    /// How much was sent beyond the window, and where that began.
    pub(super) fn beyond(&self) -> Option<(u64, Stamp)> {
        self.beyond
    }
}

/// The size at which windows of streams begin, as one end sets it for what the other sends.
#[derive(Debug, Clone, Default)]
pub(super) struct InitialWindow {
    /// What holds at the latest.
    size: Option<u32>,
    /// What was said and not yet answered, in order.
    said: Vec<Option<u32>>,
}

/// Frames of settings that wait for an answer at most.
const UNANSWERED: usize = 64;

impl InitialWindow {
    /// What holds.
    pub(super) fn size(&self) -> u32 {
        self.size.unwrap_or(INITIAL)
    }

    /// A frame of settings. Says by how much open windows grow: a sender may use more as soon as it knows, and
    /// must do with less once it has answered. RFC 9113 §6.5.3, §6.9.2.
    pub(super) fn settings(&mut self, settings: Settings) -> i64 {
        let said = settings.initial_window_size;
        if self.said.len() < UNANSWERED {
            self.said.push(said);
        }
        match said {
            Some(size) if size > self.size() => self.set(size),
            _ => 0,
        }
    }

    /// The sender answers the oldest frame of settings.
    pub(super) fn answered(&mut self) -> i64 {
        if self.said.is_empty() {
            return 0;
        }
        match self.said.remove(0) {
            // A larger one that was said later holds already.
            Some(size) if !self.said.iter().flatten().any(|later| *later > size) => self.set(size),
            _ => 0,
        }
    }

    fn set(&mut self, size: u32) -> i64 {
        let before = self.size();
        self.size = Some(size);
        i64::from(size) - i64::from(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;

    fn at(millis: u64) -> Stamp {
        Stamp {
            time: Timestamp::new(1, u32::try_from(millis * 1_000_000).unwrap()),
            ..Stamp::START
        }
    }

    fn initial(size: u32) -> Settings {
        Settings {
            initial_window_size: Some(size),
            ..Settings::default()
        }
    }

    #[test]
    fn a_closed_window_tells_since_when() {
        let mut window = Window::new(10);
        window.sent(10, at(1));
        assert_eq!(window.change(0, at(2)), None);
        assert_eq!(window.change(5, at(3)), Some(at(1)));
        assert_eq!(window.beyond(), None);
    }

    #[test]
    fn beyond_the_window_counts_unless_more_was_allowed_by_then() {
        let mut window = Window::new(10);
        window.sent(12, at(1));
        // The capture shows it a little too late.
        window.change(5, at(2));
        assert_eq!(window.beyond(), None);
        window.sent(4, at(10));
        window.change(5, at(20));
        assert_eq!(window.beyond(), Some((1, at(10))));
    }

    #[test]
    fn settings_grow_windows_at_once_and_shrink_them_when_answered() {
        let mut first = InitialWindow::default();
        assert_eq!(first.settings(initial(100_000)), 34_465);
        assert_eq!(first.settings(initial(10)), 0);
        assert_eq!((first.answered(), first.size()), (0, 100_000));
        assert_eq!((first.answered(), first.size()), (-99_990, 10));
        assert_eq!(first.answered(), 0);
    }

    #[test]
    fn a_smaller_setting_is_no_fault() {
        let mut window = Window::new(10);
        window.sent(8, at(1));
        window.change(-5, at(2));
        assert_eq!(window.beyond(), None);
    }
}
