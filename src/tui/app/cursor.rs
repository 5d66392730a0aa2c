//! Which line of a list is selected, and which is at the top.
//!
//! Job: keep both within the list and the selected one in view. Input: moves. Output: [`Cursor`].

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The selected line.
    pub selected: usize,
    /// The line at the top.
    pub top: usize,
}

impl Cursor {
    /// Brings both back into a list of `len` lines of which `height` are seen.
    pub fn settle(&mut self, len: usize, height: usize) {
        let height = height.max(1);
        self.selected = self.selected.min(len.saturating_sub(1));
        self.top = self.top.min(len.saturating_sub(height));
        if self.selected < self.top {
            self.top = self.selected;
        } else if self.selected >= self.top + height {
            self.top = self.selected + 1 - height;
        }
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize, len: usize, height: usize) {
        self.selected = self.selected.saturating_add_signed(by);
        self.settle(len, height);
    }

    /// Moves what is seen, and the selection only where it would be out of sight.
    pub fn scroll(&mut self, by: isize, len: usize, height: usize) {
        let height = height.max(1);
        self.top = self
            .top
            .saturating_add_signed(by)
            .min(len.saturating_sub(height));
        self.selected = self
            .selected
            .clamp(self.top, self.top.saturating_add(height - 1))
            .min(len.saturating_sub(1));
    }

    /// Selects a line.
    pub fn select(&mut self, line: usize, len: usize, height: usize) {
        self.selected = line;
        self.settle(len, height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_in_sight() {
        let mut cursor = Cursor::default();
        cursor.step(7, 10, 5);
        assert_eq!((cursor.selected, cursor.top), (7, 3));
        cursor.step(-6, 10, 5);
        assert_eq!((cursor.selected, cursor.top), (1, 1));
        cursor.step(isize::MAX, 10, 5);
        assert_eq!((cursor.selected, cursor.top), (9, 5));
        cursor.settle(3, 5);
        assert_eq!((cursor.selected, cursor.top), (2, 0));
        cursor.settle(0, 0);
        assert_eq!((cursor.selected, cursor.top), (0, 0));
    }

    #[test]
    fn scrolling_takes_the_selection_along_only_where_it_must() {
        let mut cursor = Cursor {
            selected: 2,
            top: 0,
        };
        cursor.scroll(1, 10, 5);
        assert_eq!((cursor.selected, cursor.top), (2, 1));
        cursor.scroll(3, 10, 5);
        assert_eq!((cursor.selected, cursor.top), (4, 4));
        cursor.scroll(99, 10, 5);
        assert_eq!((cursor.selected, cursor.top), (5, 5));
    }
}
