//! What a certificate says of names and dates.
//!
//! Job: walk the DER of a certificate to the few fields that are reported of it; nothing is verified.
//! Input: bytes. Output: [`Certificate`]. RFC 5280 §4.1 and §4.2.1.6, X.690 §8.1, RFC 9525 §6.3.

/// What is reported of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The DNS names it is for; where it lists none, the common name of its subject.
    pub names: Vec<String>,
    /// The second since the epoch from which on it holds; negative before 1970.
    pub not_before: i64,
    /// The last second of its validity.
    pub not_after: i64,
}

/// Names that are kept.
const MOST_NAMES: usize = 64;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// RFC 5280 §4.1: the version is in front, the extensions at the end, each under a tag.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// RFC 5280 §4.2.1.6: `dNSName` in a list of alternative names.
const DNS_NAME: u8 = 0x82;
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// 2.5.29.17
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

impl Certificate {
    /// Reads a certificate as far as its dates and names; `None` where it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut whole = Der(Der(der).expect(SEQUENCE)?);
        let mut body = Der(whole.expect(SEQUENCE)?);
        if body.peek() == Some(VERSION) {
            body.next()?;
        }
        // Serial number, algorithm, issuer.
        for _ in 0..3 {
            body.next()?;
        }
        let mut validity = Der(body.expect(SEQUENCE)?);
        let not_before = time(validity.next()?)?;
        let not_after = time(validity.next()?)?;
        let subject = body.expect(SEQUENCE)?;
        let mut names = None;
        while let Some((tag, value)) = body.next() {
            if tag == EXTENSIONS {
                names = alternative_names(value);
            }
        }
        Some(Self {
            names: names.unwrap_or_else(|| common_name(subject).into_iter().collect()),
            not_before,
            not_after,
        })
    }

    /// Whether it is for the host of that name. RFC 9525 §6.3: names are compared without case,
    /// and `*` stands for one whole label, the first.
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        let parent = host.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|name| {
            let wild = name.strip_prefix("*.");
            let matches = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
            matches(name, host)
                || wild
                    .zip(parent)
                    .is_some_and(|(one, other)| matches(one, other))
        })
    }
}

/// Values one after the other, each with a tag and a length before it.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&length, mut rest) = rest.split_first()?;
        let mut bytes = usize::from(length);
        // X.690 §8.1.3.5: with the highest bit set, it says how many bytes the length takes.
        if length & 0x80 != 0 {
            let (long, after) = rest.split_at_checked(usize::from(length & 0x7f))?;
            if long.is_empty() || long.len() > 4 {
                return None;
            }
            rest = after;
            bytes = long
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        }
        let (value, after) = rest.split_at_checked(bytes)?;
        self.0 = after;
        Some((tag, value))
    }

    fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next()
            .and_then(|(tag, value)| (tag == wanted).then_some(value))
    }
}

/// The DNS names of the extension that lists them, where it is there.
fn alternative_names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut list = Der(Der(extensions).expect(SEQUENCE)?);
    while let Some((_, extension)) = list.next() {
        let mut extension = Der(extension);
        if extension.expect(OBJECT) != Some(ALTERNATIVE_NAMES) {
            continue;
        }
        // A flag may stand between.
        while let Some((tag, value)) = extension.next() {
            if tag == OCTET_STRING {
                let mut names = Der(Der(value).expect(SEQUENCE)?);
                let names = std::iter::from_fn(|| names.next());
                let names = names.filter(|(tag, _)| *tag == DNS_NAME);
                let names = names.map(|(_, name)| text(name)).take(MOST_NAMES).collect();
                return Some(names);
            }
        }
    }
    None
}

fn common_name(subject: &[u8]) -> Option<String> {
    let mut parts = Der(subject);
    let mut found = None;
    while let Some(part) = parts.expect(SET) {
        let mut attribute = Der(Der(part).expect(SEQUENCE)?);
        if attribute.expect(OBJECT) == Some(COMMON_NAME) {
            found = attribute.next().map(|(_, name)| text(name));
        }
    }
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..bytes.len().min(256)).unwrap_or_default()).into_owned()
}

/// RFC 5280 §4.1.2.5: in UTC, to the second. Seconds since the epoch.
fn time((tag, value): (u8, &[u8])) -> Option<i64> {
    let digits = value.strip_suffix(b"Z")?;
    let (year, rest) = match tag {
        // Two digits from 1950 to 2049.
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year = number(year)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (number(year)?, rest)
        }
        _ => return None,
    };
    let (pairs, []) = rest.as_chunks::<2>() else {
        return None;
    };
    let [month, day, hour, minute, second] = pairs else {
        return None;
    };
    let (month, day) = (number(month)?, number(day)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March have their odd day at the end.
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + number(hour)?) * 60 + number(minute)?) * 60 + number(second)?)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_since_the_epoch() {
        let utc = |text: &str| time((UTC_TIME, text.as_bytes()));
        let long = |text: &str| time((GENERALIZED_TIME, text.as_bytes()));
        assert_eq!(utc("700101000000Z"), Some(0));
        assert_eq!(utc("691231235959Z"), Some(-1));
        assert_eq!(utc("000229120000Z"), Some(951_825_600));
        assert_eq!(utc("491231235959Z"), Some(2_524_607_999));
        assert_eq!(utc("500101000000Z"), Some(-631_152_000));
        assert_eq!(long("99991231235959Z"), Some(253_402_300_799));
        for wrong in [
            "7001010000Z",
            "700101000000",
            "701301000000Z",
            "70010100000xZ",
        ] {
            assert_eq!(utc(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_star_stands_for_one_label() {
        let certificate = |names: &[&str]| Certificate {
            names: names.iter().map(ToString::to_string).collect(),
            not_before: 0,
            not_after: 0,
        };
        let wild = certificate(&["*.example.org", "other.test"]);
        assert!(wild.is_for("A.Example.ORG"));
        assert!(wild.is_for("other.test."));
        for host in ["example.org", "a.b.example.org", "b.other.test", "org"] {
            assert!(!wild.is_for(host), "{host}");
        }
    }

    #[test]
    fn what_is_cut_is_no_certificate() {
        let whole = include_bytes!("../../tests/tls/certificate.der");
        let read = Certificate::read(whole).unwrap();
        assert_eq!(read.names, ["localhost", "*.example.org"]);
        assert_eq!(
            (read.not_before, read.not_after),
            (1_704_067_200, 1_735_689_599)
        );
        for end in 0..whole.len() {
            let _ = Certificate::read(&whole[..end]);
        }
        assert_eq!(Certificate::read(&whole[..100]), None);
        // Nor does any other byte do harm.
        for place in 0..whole.len() {
            for byte in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut other = whole.to_vec();
                other[place] = byte;
                let _ = Certificate::read(&other);
            }
        }
    }

    #[test]
    fn the_common_name_counts_where_there_is_no_list() {
        let read = Certificate::read(include_bytes!("../../tests/tls/common.der")).unwrap();
        assert_eq!(read.names, ["common.test"]);
    }
}
