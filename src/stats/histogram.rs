//! Sizes, counted so that percentiles can be read off.
//!
//! Job: bounded memory for any number of sizes. Sizes below 1,024 are exact, above they are
//! told within 0.2 %. Input: sizes. Output: percentiles.
//!
//! A table of counts is thousands of bytes, of which each size touches a few anywhere, and most
//! connections have few messages: so sizes are first put down in a row, and counted many at once.

/// Sizes below 2 to the power of this have a bucket each; from there on there are half as many
/// to each power of two.
const EXACT_BITS: u32 = 10;

/// Sizes put down before they are counted.
const ROW: usize = 256;

/// Counts by size.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// Buckets of the sizes that are not counted yet.
    row: Vec<u32>,
    /// Counts by bucket, up to the largest; empty until the first row is full.
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Counts one size.
    pub fn add(&mut self, size: u64) {
        self.put(bucket(size));
        self.total += 1;
        self.max = self.max.max(size);
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        for bucket in &other.row {
            self.put(*bucket);
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// Sizes counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The largest size.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The size that `percent` of all do not exceed (nearest rank); 0 where there are none.
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = (u128::from(self.total) * u128::from(percent))
            .div_ceil(100)
            .max(1);
        let mut row = self.row.clone();
        row.sort_unstable();
        let mut row = row.into_iter().peekable();
        let mut seen = 0u128;
        for (bucket, count) in (0..).zip(&self.counts) {
            seen += u128::from(*count);
            while row.next_if(|&other| other <= bucket).is_some() {
                seen += 1;
            }
            if seen >= rank {
                return upper(bucket).min(self.max);
            }
        }
        let left = usize::try_from(rank - seen - 1).unwrap_or(usize::MAX);
        row.nth(left)
            .map_or(self.max, |bucket| upper(bucket).min(self.max))
    }

    /// How many sizes lie in each class of 2^k to 2^(k+1)-1, with its least; zero is a class of
    /// its own. From the first class that has any to the last.
    pub fn octaves(&self) -> Vec<(u64, u64)> {
        let mut classes = [0u64; 65];
        let mut count = |bucket: u32, count: u64| {
            let size = upper(bucket);
            let class = (u64::BITS - size.leading_zeros()) as usize;
            if let Some(place) = classes.get_mut(class) {
                *place += count;
            }
        };
        for (bucket, many) in (0..).zip(&self.counts) {
            count(bucket, *many);
        }
        for bucket in &self.row {
            count(*bucket, 1);
        }
        let least = |class: usize| if class == 0 { 0 } else { 1u64 << (class - 1) };
        let any = |count: &u64| *count > 0;
        let first = classes.iter().position(any).unwrap_or(0);
        let end = classes.iter().rposition(any).map_or(0, |last| last + 1);
        let all = classes.into_iter().enumerate().take(end).skip(first);
        all.map(|(class, count)| (least(class), count)).collect()
    }

    fn put(&mut self, bucket: u32) {
        self.row.push(bucket);
        if self.row.len() >= ROW {
            self.count_row();
        }
    }

    #[cold]
    fn count_row(&mut self) {
        let index = |bucket| usize::try_from(bucket).unwrap_or(usize::MAX);
        let len = self
            .row
            .iter()
            .copied()
            .max()
            .map_or(0, |max| index(max) + 1);
        if self.counts.len() < len {
            self.counts.resize(len, 0);
        }
        for bucket in self.row.drain(..) {
            if let Some(count) = self.counts.get_mut(index(bucket)) {
                *count += 1;
            }
        }
    }
}

/// Buckets without a gap: a size's highest bits, counted on from one power of two to the next.
fn bucket(size: u64) -> u32 {
    let bits = u64::BITS - size.leading_zeros();
    let shift = bits.saturating_sub(EXACT_BITS);
    let mantissa = u32::try_from(size >> shift).unwrap_or(u32::MAX);
    (shift << (EXACT_BITS - 1)) + mantissa
}

/// The largest size in a bucket.
fn upper(bucket: u32) -> u64 {
    let shift = (bucket >> (EXACT_BITS - 1)).saturating_sub(1);
    let mantissa = u64::from(bucket - (shift << (EXACT_BITS - 1)));
    (mantissa << shift) | ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_sizes_are_exact() {
        let mut sizes = Histogram::default();
        for size in 1..=1000 {
            sizes.add(size);
        }
        assert_eq!(sizes.percentile(50), 500);
        assert_eq!(sizes.percentile(99), 990);
        assert_eq!(sizes.percentile(100), 1000);
    }

    #[test]
    fn large_sizes_are_close() {
        for size in [1024u64, 1025, 65_535, 1 << 20, (1 << 40) + 12345] {
            let mut sizes = Histogram::default();
            sizes.add(size);
            sizes.add(u64::MAX >> 1);
            let told = sizes.percentile(50);
            assert!(told >= size && told - size <= size / 500, "{size} {told}");
        }
    }

    #[test]
    fn buckets_adjoin() {
        let mut last = 0;
        for size in (0..5000)
            .chain((1 << 20)..(1 << 20) + 5000)
            .chain(u64::MAX - 9..=u64::MAX)
        {
            let this = bucket(size);
            assert!(this >= last, "{size}");
            assert!(upper(this) >= size);
            assert!(size == 0 || this == 0 || upper(this - 1) < size, "{size}");
            last = this;
        }
        assert_eq!(upper(bucket(u64::MAX)), u64::MAX);
    }

    #[test]
    fn percentiles_are_those_of_all_sizes_counted_or_not() {
        for len in [1, 2, 255, 256, 257, 600, 1000] {
            let mut all: Vec<u64> = (0..len).map(|i| i * 7919 % 1021).collect();
            let mut sizes = Histogram::default();
            for size in &all {
                sizes.add(*size);
            }
            all.sort_unstable();
            for percent in [1, 33, 50, 99, 100] {
                let rank = (len * percent).div_ceil(100).max(1) - 1;
                let expected = all.iter().copied().nth(rank.try_into().unwrap());
                assert_eq!(
                    Some(sizes.percentile(percent)),
                    expected,
                    "{percent} of {len}"
                );
            }
        }
    }

    #[test]
    fn octaves_count_every_size() {
        let mut sizes = Histogram::default();
        assert!(sizes.octaves().is_empty());
        for size in [1, 3, 2, 1024, 1500, 2047] {
            sizes.add(size);
        }
        let octaves = sizes.octaves();
        assert_eq!(octaves[..2], [(1, 1), (2, 2)]);
        assert_eq!(octaves.last(), Some(&(1024, 3)));
        assert_eq!(octaves.len(), 11);
        for size in 0..1000 {
            sizes.add(size);
        }
        assert_eq!(sizes.octaves().iter().map(|(_, n)| n).sum::<u64>(), 1006);
        assert_eq!(sizes.octaves()[0], (0, 1));
    }

    #[test]
    fn order_and_merging_do_not_matter() {
        let sizes = [5, 5, 3, 9000, 5, 0, 3];
        let mut one = Histogram::default();
        for size in sizes {
            one.add(size);
        }
        let (mut left, mut right) = (Histogram::default(), Histogram::default());
        for size in &sizes[..3] {
            left.add(*size);
        }
        for size in &sizes[3..] {
            right.add(*size);
        }
        right.merge(&left);
        for percent in [1, 50, 90, 100] {
            assert_eq!(one.percentile(percent), right.percentile(percent));
        }
        assert_eq!(Histogram::default().percentile(50), 0);
    }
}
