//! A table on the screen.
//!
//! Job: which line is selected, what it is sorted by and which columns are shown. Input: moves and
//! choices. Output: [`Table`]; what its columns are is told by [`Column`].

use std::cmp::Ordering;

use ratatui::layout::Alignment;
use strum::VariantArray;

use super::cursor::Cursor;

/// The columns of a table, from left to right.
pub trait Column: VariantArray + Copy + Eq {
    /// What stands over it, and how it behaves.
    fn head(self) -> Head;

    /// Whether it is shown in so many columns of the terminal, where nobody has chosen.
    fn fits(self, _width: u16) -> bool {
        true
    }
}

/// What stands over a column, and how it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub title: &'static str,
    /// What it tells, for menus.
    pub about: &'static str,
    /// At which end of the column its cells stand.
    pub alignment: Alignment,
    /// Whether lines are sorted backwards at first; nothing where they cannot be sorted by it.
    pub backwards: Option<bool>,
}

impl Head {
    /// Words: at the left, and sorted from the first.
    pub fn words(title: &'static str, about: &'static str) -> Self {
        Self {
            title,
            about,
            alignment: Alignment::Left,
            backwards: Some(false),
        }
    }

    /// A figure: at the right, and sorted from the largest.
    pub fn figure(title: &'static str, about: &'static str) -> Self {
        Self {
            alignment: Alignment::Right,
            backwards: Some(true),
            ..Self::words(title, about)
        }
    }

    /// A place in an order: at the right, and sorted from the first.
    pub fn place(title: &'static str, about: &'static str) -> Self {
        Self {
            alignment: Alignment::Right,
            ..Self::words(title, about)
        }
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table<C> {
    /// Which line is selected.
    pub cursor: Cursor,
    /// What it is sorted by, and whether backwards.
    pub sort: (C, bool),
    /// Columns after the first one that are scrolled away.
    pub scrolled: usize,
    /// A column in which nothing would stand; it is shown only where it is chosen.
    pub blank: Option<C>,
    chosen: Option<Vec<C>>,
}

impl<C: Column> Table<C> {
    /// A table that is sorted by a column.
    pub fn new(column: C) -> Self {
        Self {
            cursor: Cursor::default(),
            sort: (column, column.head().backwards.unwrap_or(false)),
            scrolled: 0,
            blank: None,
            chosen: None,
        }
    }

    /// Shows these columns, from left to right; or those that fit, where none are chosen.
    pub fn choose(&mut self, columns: Option<Vec<C>>) {
        self.chosen = columns;
    }

    /// The columns that are chosen, or else those for a terminal of this width.
    pub fn columns(&self, width: u16) -> Vec<C> {
        let all = C::VARIANTS.iter().copied();
        match &self.chosen {
            Some(chosen) => chosen.clone(),
            // Who scrolls wants to see what there is no room for.
            None => all
                .filter(|column| self.blank != Some(*column))
                .filter(|column| self.scrolled > 0 || column.fits(width))
                .collect(),
        }
    }
}

/// A table whose lines are ordered at once.
#[derive(Debug, Clone)]
pub struct Listed<C> {
    /// Its selected line, order and columns.
    pub table: Table<C>,
    /// The lines: places in the index's list.
    pub order: Vec<usize>,
    /// How much of the index's list they were made of.
    pub known: usize,
}

impl<C: Column> Listed<C> {
    /// No lines yet, sorted by a column.
    pub fn new(column: C) -> Self {
        Self {
            table: Table::new(column),
            order: Vec::new(),
            known: 0,
        }
    }

    /// The same, where a column is still empty.
    #[must_use]
    pub fn without(mut self, column: C) -> Self {
        self.table.blank = Some(column);
        self
    }

    /// Lists what is `shown` of all there is, as the table is sorted; equals stay in their order.
    pub fn arrange<T>(
        &mut self,
        all: &[T],
        shown: impl Fn(&T) -> bool,
        compare: impl Fn(C, &T, &T) -> Ordering,
    ) {
        let lines = all.iter().enumerate();
        let lines = lines.filter(|(_, one)| shown(one));
        self.order = lines.map(|(place, _)| place).collect();
        self.known = all.len();
        sort(&mut self.order, self.table.sort, all, &compare);
    }

    /// Lists after each line what is `under` it, sorted as the table is.
    pub fn unfold<T>(
        &mut self,
        all: &[T],
        under: impl Fn(&T) -> Vec<usize>,
        compare: impl Fn(C, &T, &T) -> Ordering,
    ) {
        for place in std::mem::take(&mut self.order) {
            self.order.push(place);
            let mut lines = all.get(place).map(&under).unwrap_or_default();
            sort(&mut lines, self.table.sort, all, &compare);
            self.order.append(&mut lines);
        }
    }
}

/// Sorts places of `all`; equals stay in their order.
fn sort<C: Copy, T>(
    lines: &mut [usize],
    (column, backwards): (C, bool),
    all: &[T],
    compare: impl Fn(C, &T, &T) -> Ordering,
) {
    lines.sort_by(|a, b| match (all.get(*a), all.get(*b)) {
        (Some(a), Some(b)) => directed(compare(column, a, b), backwards),
        _ => Ordering::Equal,
    });
}

/// The order of two in a list that is sorted backwards or not.
pub(super) fn directed(order: Ordering, backwards: bool) -> Ordering {
    if backwards { order.reverse() } else { order }
}

/// A column in a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its place among all columns.
    pub column: usize,
    /// What stands over it.
    pub head: Head,
    /// It is shown.
    pub shown: bool,
    /// The table is sorted by it, backwards or not.
    pub sorted: Option<bool>,
}

/// What keys, mouse and menus do with any table.
pub trait AnyTable {
    /// The selected line.
    fn cursor(&mut self) -> &mut Cursor;

    /// All columns, on a terminal of this width.
    fn entries(&self, width: u16) -> Vec<Entry>;

    /// Sorts by a column, or the other way where it is sorted by it.
    fn sort_by(&mut self, column: usize);

    /// Sorts the other way.
    fn reverse(&mut self);

    /// Shows a column, or hides it.
    fn toggle(&mut self, column: usize, width: u16);

    /// Scrolls columns.
    fn scroll(&mut self, by: isize);
}

impl<C: Column> AnyTable for Table<C> {
    fn cursor(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn entries(&self, width: u16) -> Vec<Entry> {
        let shown = self.columns(width);
        let (sorted, backwards) = self.sort;
        let all = C::VARIANTS.iter().enumerate();
        all.map(|(at, column)| Entry {
            column: at,
            head: column.head(),
            shown: shown.contains(column),
            sorted: (sorted == *column).then_some(backwards),
        })
        .collect()
    }

    fn sort_by(&mut self, column: usize) {
        let Some(column) = C::VARIANTS.get(column) else {
            return;
        };
        if self.sort.0 == *column {
            self.reverse();
        } else if let Some(backwards) = column.head().backwards {
            self.sort = (*column, backwards);
        }
    }

    fn reverse(&mut self) {
        self.sort.1 = !self.sort.1;
    }

    fn toggle(&mut self, column: usize, width: u16) {
        let mut columns = self.columns(width);
        if let Some(column) = C::VARIANTS.get(column) {
            if columns.contains(column) {
                columns.retain(|shown| shown != column);
            } else {
                let order = |one: &C| C::VARIANTS.iter().position(|other| other == one);
                let at = columns.iter().position(|one| order(one) > order(column));
                columns.insert(at.unwrap_or(columns.len()), *column);
            }
            // A table without columns would tell nothing.
            if !columns.is_empty() {
                self.chosen = Some(columns);
            }
        }
    }

    fn scroll(&mut self, by: isize) {
        let all = self.chosen.as_ref().map_or(C::VARIANTS.len(), Vec::len);
        let to = self.scrolled.saturating_add_signed(by);
        self.scrolled = to.min(all.saturating_sub(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::ConnectionColumn;

    #[test]
    fn the_largest_figure_comes_first_and_again_the_smallest() {
        let mut table = Table::new(ConnectionColumn::Number);
        let at = |wanted| {
            let mut all = ConnectionColumn::VARIANTS.iter();
            all.position(|column| *column == wanted).unwrap()
        };
        table.sort_by(at(ConnectionColumn::Ratio));
        assert_eq!(table.sort, (ConnectionColumn::Ratio, true));
        table.sort_by(at(ConnectionColumn::Ratio));
        assert_eq!(table.sort, (ConnectionColumn::Ratio, false));
        table.sort_by(at(ConnectionColumn::Target));
        assert_eq!(table.sort, (ConnectionColumn::Target, false));
    }

    #[test]
    fn columns_are_chosen_and_never_all_hidden() {
        let mut table = Table::new(ConnectionColumn::Number);
        assert!(!table.columns(80).contains(&ConnectionColumn::Server));
        for (at, column) in ConnectionColumn::VARIANTS.iter().enumerate() {
            if *column != ConnectionColumn::Server {
                table.toggle(at, 120);
            }
        }
        assert_eq!(table.columns(80), [ConnectionColumn::Server]);
        table.toggle(2, 80);
        assert_eq!(table.columns(80), [ConnectionColumn::Server]);
    }
}
