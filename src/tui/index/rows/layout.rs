//! Figures in as few bytes as their chunk allows.
//!
//! Job: write rows of figures as records of one size, and read any of them back. Input: figures.
//! Output: bytes. Of each column the least figure is kept beside the records, and a record has by how
//! much its own is greater, in as many bytes as the greatest difference takes: often none.

/// Bytes behind the records that must be there, so that each figure is read as eight bytes.
pub(super) const BEHIND: usize = size_of::<u64>();

/// How the records of a chunk lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout<const N: usize> {
    /// The least figure of each column.
    least: [u64; N],
    /// Bytes that each takes in a record.
    widths: [u8; N],
    /// Bytes of a record.
    size: usize,
}

impl<const N: usize> Layout<N> {
    /// The tightest layout for these rows.
    pub(super) fn of(rows: &[[u64; N]]) -> Self {
        let (mut least, mut most) = ([u64::MAX; N], [0; N]);
        for row in rows {
            for ((least, most), figure) in least.iter_mut().zip(&mut most).zip(row) {
                *least = (*least).min(*figure);
                *most = (*most).max(*figure);
            }
        }
        let mut widths = [0; N];
        for ((width, least), most) in widths.iter_mut().zip(&least).zip(&most) {
            let bits = u64::BITS - most.saturating_sub(*least).leading_zeros();
            *width = u8::try_from(bits.div_ceil(8)).unwrap_or(8);
        }
        Self {
            least,
            widths,
            size: widths.iter().copied().map(usize::from).sum(),
        }
    }

    /// Bytes of so many records.
    pub(super) fn bytes(&self, records: usize) -> usize {
        records.saturating_mul(self.size)
    }

    /// The records of rows, which must be those that the layout was made for.
    pub(super) fn write(&self, rows: &[[u64; N]]) -> Vec<u8> {
        let bytes = self.bytes(rows.len());
        let mut out = vec![0; bytes + BEHIND];
        let mut at = 0;
        for row in rows {
            for ((figure, least), width) in row.iter().zip(&self.least).zip(&self.widths) {
                // What is too much is written over by the next figure.
                if let Some(space) = out.get_mut(at..at + BEHIND) {
                    space.copy_from_slice(&figure.wrapping_sub(*least).to_le_bytes());
                }
                at += usize::from(*width);
            }
        }
        out.truncate(bytes);
        out
    }

    /// The row of a record. Behind `records` there must be [`BEHIND`] bytes, whatever they are.
    pub(super) fn read(&self, records: &[u8], number: usize) -> Option<[u64; N]> {
        let mut at = self.bytes(number);
        let mut row = self.least;
        for (figure, width) in row.iter_mut().zip(&self.widths) {
            let more = u64::from_le_bytes(*records.get(at..)?.first_chunk()?);
            let unused = u64::BITS - 8 * u32::from(*width);
            *figure = figure.wrapping_add(more & u64::MAX.checked_shr(unused).unwrap_or(0));
            at += usize::from(*width);
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figure() -> impl Strategy<Value = u64> {
        let near = 1_700_000_000_000_000_000..1_700_000_100_000_000_000_u64;
        prop_oneof![Just(0), Just(u64::MAX), 0..300_u64, near, any::<u64>()]
    }

    proptest! {
        #[test]
        fn figures_come_back(rows in prop::collection::vec(prop::array::uniform5(figure()), 0..40)) {
            let layout = Layout::of(&rows);
            let mut bytes = layout.write(&rows);
            prop_assert_eq!(bytes.len(), layout.bytes(rows.len()));
            bytes.extend([0xff; BEHIND]);
            for (number, row) in rows.iter().enumerate() {
                prop_assert_eq!(layout.read(&bytes, number), Some(*row));
            }
        }
    }

    #[test]
    fn what_is_the_same_everywhere_takes_nothing() {
        let rows: Vec<_> = (0..100)
            .map(|number| [7_u64 << 60, 1000 + number])
            .collect();
        let layout = Layout::of(&rows);
        assert_eq!(layout.write(&rows).len(), 100);
    }
}
