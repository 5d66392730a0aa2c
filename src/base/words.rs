//! Figures as people read them, for the sentences of findings and for pages.

/// A number with a comma before every third digit from the right.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 byte`, `1,482 bytes`.
pub fn count(number: u64, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {word}{ending}", grouped(number))
}

/// A time span in a unit that reads well: `250 µs`, `12 ms`, `1.84 s`, `60.0 s`, `12.5 min`.
pub fn span(nanos: i64) -> String {
    let nanos = nanos.unsigned_abs();
    let (micros, millis) = (nanos / 1_000, nanos / 1_000_000);
    match millis {
        0 => format!("{micros} µs"),
        1..1_000 => format!("{millis} ms"),
        1_000..10_000 => format!("{}.{:02} s", millis / 1_000, millis % 1_000 / 10),
        10_000..600_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        600_000..7_200_000 => format!("{}.{} min", millis / 60_000, millis / 6_000 % 10),
        _ => format!("{}.{} h", millis / 3_600_000, millis / 360_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let shown = [0, 12, 999, 1000, 65_536, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "12", "999", "1,000", "65,536", "1,234,567"]);
        assert_eq!(
            [count(1, "byte"), count(1482, "byte")],
            ["1 byte", "1,482 bytes"]
        );
    }

    #[test]
    fn spans_have_units() {
        let spans = [
            250_999,
            12_000_000,
            1_849_000_000,
            60_000_000_000,
            750_000_000_000,
        ];
        assert_eq!(
            spans.map(span),
            ["250 µs", "12 ms", "1.84 s", "60.0 s", "12.5 min"]
        );
        assert_eq!(span(3_600_000_000_000 * 7 / 2), "3.5 h");
    }
}
