//! Sizes, counted so that percentiles can be read off.
//!
//! Job: bounded memory for any number of sizes. Sizes below 1,024 are exact, above they are
//! told within 0.2 %. Input: sizes. Output: percentiles.

use std::collections::BTreeMap;

/// Sizes from here on share buckets, 512 to each power of two.
const EXACT_BITS: u32 = 10;

/// Sizes below this have a count each.
const EXACT: u64 = 1 << EXACT_BITS;

/// Counts by size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram {
    /// Of the sizes below [`EXACT`]; empty as long as there are none.
    small: Vec<u64>,
    /// Of the others, by bucket.
    large: BTreeMap<u32, u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Counts one size.
    pub fn add(&mut self, size: u64) {
        if self.small.is_empty() && size < EXACT {
            self.small.resize(1 << EXACT_BITS, 0);
        }
        match usize::try_from(size)
            .ok()
            .and_then(|size| self.small.get_mut(size))
        {
            Some(count) => *count += 1,
            None => *self.large.entry(bucket(size)).or_default() += 1,
        }
        self.total += 1;
        self.max = self.max.max(size);
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        if self.small.len() < other.small.len() {
            self.small.resize(other.small.len(), 0);
        }
        for (count, more) in self.small.iter_mut().zip(&other.small) {
            *count += more;
        }
        for (bucket, count) in &other.large {
            *self.large.entry(*bucket).or_default() += count;
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
        let small = (0..).zip(&self.small);
        let large = self
            .large
            .iter()
            .map(|(bucket, count)| (upper(*bucket), count));
        let mut seen = 0u128;
        for (size, count) in small.chain(large) {
            seen += u128::from(*count);
            if seen >= rank {
                return size.min(self.max);
            }
        }
        self.max
    }
}

fn bucket(size: u64) -> u32 {
    let bits = u64::BITS - size.leading_zeros();
    let shift = bits.saturating_sub(EXACT_BITS);
    let mantissa = u32::try_from(size >> shift).unwrap_or(u32::MAX);
    (shift << EXACT_BITS) | mantissa
}

/// The largest size in a bucket.
fn upper(bucket: u32) -> u64 {
    let shift = bucket >> EXACT_BITS;
    let mantissa = u64::from(bucket & ((1 << EXACT_BITS) - 1));
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
