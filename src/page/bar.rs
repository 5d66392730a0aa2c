//! Bars of blocks.

/// A bar of `value` where one of `most` is `width` columns long. Eighths of a column make its end;
/// whatever there is shows.
pub fn bar(value: u64, most: u64, width: usize) -> String {
    let eighths = u128::from(value) * (width as u128 * 8) / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    let eighths = eighths.max(usize::from(value > 0));
    let mut bar = "█".repeat(eighths / 8);
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    bar.push_str(rest.get(eighths % 8).unwrap_or(&""));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_counts() {
        assert_eq!(bar(100, 100, 40).chars().count(), 40);
        assert_eq!(bar(50, 100, 40).chars().count(), 20);
        assert_eq!(bar(1, 1_000_000, 40), "▏");
        assert_eq!(bar(0, 5, 40), "");
    }
}
