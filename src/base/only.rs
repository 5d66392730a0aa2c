//! Lists of numbers, as they are typed: which connections, which messages.
//!
//! Job: read `3,7-9,12.5` and answer whether a number is in it. Input: words. Output: [`Numbers`],
//! [`Only`].

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use super::Conversing;

/// Numbers and ranges of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers(Arc<[RangeInclusive<u64>]>);

impl Numbers {
    /// The ranges, as they were typed.
    pub fn ranges(&self) -> &[RangeInclusive<u64>] {
        &self.0
    }

    /// Whether `number` is in it.
    pub fn contains(&self, number: u64) -> bool {
        self.0.iter().any(|range| range.contains(&number))
    }

    /// The number, where it is one alone.
    pub fn single(&self) -> Option<u64> {
        match &*self.0 {
            [one] if one.start() == one.end() => Some(*one.start()),
            _ => None,
        }
    }
}

impl FromStr for Numbers {
    type Err = String;

    /// From `4`, `4-8` or `4,6-8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let ranges: Option<Arc<[_]>> = text.split(',').map(|part| range(part.trim())).collect();
        ranges.map(Self).ok_or_else(|| {
            "expected numbers and ranges from 1 on, such as 4, 4-8 or 4,6-8".to_owned()
        })
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(typed).collect();
        f.write_str(&parts.join(","))
    }
}

fn range(part: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let [first, last] = [first, last].map(|number| number.trim().parse().ok());
    let (first, last) = (first?, last?);
    (1 <= first && first <= last).then_some(first..=last)
}

fn typed(range: &RangeInclusive<u64>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}-{}", range.start(), range.end())
    }
}

/// Which conversations are wanted: whole connections with all their streams, or single streams.
/// The default is all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Only(Option<Arc<[Wanted]>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Connections(RangeInclusive<u64>),
    Conversation(Conversing),
}

impl Only {
    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the conversation is wanted.
    pub fn contains(&self, id: Conversing) -> bool {
        self.any(|wanted| match wanted {
            Wanted::Connections(range) => range.contains(&id.connection),
            Wanted::Conversation(one) => *one == id,
        })
    }

    /// Whether anything on the connection is wanted.
    pub fn has_connection(&self, number: u64) -> bool {
        self.any(|wanted| match wanted {
            Wanted::Connections(range) => range.contains(&number),
            Wanted::Conversation(one) => one.connection == number,
        })
    }

    /// The conversation, where it is one alone.
    pub fn single(&self) -> Option<Conversing> {
        match self.0.as_deref()? {
            [Wanted::Conversation(one)] => Some(*one),
            [Wanted::Connections(range)] if range.start() == range.end() => {
                Some((*range.start()).into())
            }
            _ => None,
        }
    }

    /// A connection with all its streams, or one stream alone.
    pub fn over(one: Conversing) -> Self {
        match one.on_stream() {
            Some(_) => Self::from(one),
            None => Self(Some(
                [Wanted::Connections(one.connection..=one.connection)].into(),
            )),
        }
    }

    fn any(&self, fits: impl Fn(&Wanted) -> bool) -> bool {
        self.0.as_ref().is_none_or(|all| all.iter().any(fits))
    }
}

impl From<Conversing> for Only {
    /// This conversation and no other, not even another stream of its connection.
    fn from(one: Conversing) -> Self {
        Self(Some([Wanted::Conversation(one)].into()))
    }
}

impl FromIterator<Conversing> for Only {
    /// These conversations and no others.
    fn from_iter<I: IntoIterator<Item = Conversing>>(all: I) -> Self {
        Self(Some(all.into_iter().map(Wanted::Conversation).collect()))
    }
}

impl FromStr for Only {
    type Err = String;

    /// From `7`, `7.3`, or `3,7-9,12.5`: a number without a stream is the whole connection.
    fn from_str(text: &str) -> Result<Self, String> {
        let one = |part: &str| match part.split_once('.') {
            Some(_) => part.parse().ok().map(Wanted::Conversation),
            None => range(part).map(Wanted::Connections),
        };
        let all: Option<Arc<[_]>> = text.split(',').map(|part| one(part.trim())).collect();
        all.map(|all| Self(Some(all))).ok_or_else(|| {
            "expected numbers of connections, such as 3, 7-9 or 12.5 (stream 5 of connection 12)"
                .to_owned()
        })
    }
}

impl fmt::Display for Only {
    /// As it can be typed; `all` where nothing is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(all) = &self.0 else {
            return f.write_str("all");
        };
        let parts = all.iter().map(|wanted| match wanted {
            Wanted::Connections(range) => typed(range),
            Wanted::Conversation(one) => one.to_string(),
        });
        f.write_str(&parts.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Conversing {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_has_connections_and_streams() {
        let only: Only = "3, 7-9,12.5".parse().unwrap();
        for (text, wanted) in [
            ("3", true),
            ("3.1", true),
            ("4", false),
            ("8", true),
            ("12", false),
            ("12.5", true),
            ("12.7", false),
        ] {
            assert_eq!(only.contains(id(text)), wanted, "{text}");
        }
        assert!(only.has_connection(12) && !only.has_connection(10));
        assert_eq!(only.to_string(), "3,7-9,12.5");
        assert!(Only::default().contains(id("1.1")) && Only::default().has_connection(1));
        let one = Only::from(id("7"));
        assert!(one.contains(id("7")) && !one.contains(id("7.1")));
        let (all, one) = (Only::over(id("7")), Only::over(id("7.1")));
        assert!(all.contains(id("7")) && all.contains(id("7.1")));
        assert!(one.contains(id("7.1")) && !one.contains(id("7.3")));
    }

    #[test]
    fn numbers_are_numbers_and_ranges() {
        let numbers: Numbers = "4,6-8".parse().unwrap();
        let found: Vec<_> = (1..10).filter(|number| numbers.contains(*number)).collect();
        assert_eq!(found, [4, 6, 7, 8]);
        assert_eq!(
            (numbers.to_string().as_str(), numbers.single()),
            ("4,6-8", None)
        );
        assert_eq!("4".parse::<Numbers>().unwrap().single(), Some(4));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in [
            "", ",", "0", "3-", "-3", "9-7", "a", "1.2-3", "3,,4", "1-2-3",
        ] {
            assert!(text.parse::<Numbers>().is_err(), "{text}");
            assert!(text.parse::<Only>().is_err(), "{text}");
        }
        assert!("7.".parse::<Only>().is_err() && "7.3".parse::<Numbers>().is_err());
    }
}
