//! Words, quoted texts, numbers, signs.
//!
//! Job: cut what was typed into tokens with their places. Input: text. Output: [`Token`]s.

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while1};
use nom::character::complete::{char, multispace0, none_of, one_of};
use nom::combinator::{map, recognize, value};
use nom::multi::many0;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::error::Error;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a number, a bare word.
    Word(String),
    /// Text in quotes, without them.
    Quoted(String),
    /// A pattern between slashes.
    Pattern(String),
    /// An operator or a parenthesis.
    Sign(&'static str),
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its first byte.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
}

impl Token {
    /// The bare word, where it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// All tokens of `source`.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut rest = source;
    loop {
        let space: IResult<&str, &str> = multispace0(rest);
        rest = space.map_or(rest, |(behind, _)| behind);
        if rest.is_empty() {
            return Ok(tokens);
        }
        let start = source.len() - rest.len();
        let Ok((behind, kind)) = token(rest) else {
            return Err(Error {
                offset: start,
                text: match rest.chars().next() {
                    Some('"') => "this quote is not closed".to_owned(),
                    Some('/') => "this pattern has no / at its end".to_owned(),
                    Some('=') => "== compares".to_owned(),
                    Some(other) => format!("{other:?} means nothing here; put text in quotes"),
                    None => "something is missing here".to_owned(),
                },
            });
        };
        tokens.push(Token {
            kind,
            start,
            end: source.len() - behind.len(),
        });
        rest = behind;
    }
}

fn token(input: &str) -> IResult<&str, Kind> {
    alt((
        map(quoted, Kind::Quoted),
        map(pattern, Kind::Pattern),
        map(sign, Kind::Sign),
        map(word, |word: &str| Kind::Word(word.to_owned())),
    ))
    .parse(input)
}

fn sign(input: &str) -> IResult<&str, &'static str> {
    alt((
        value("==", tag("==")),
        value("!=", tag("!=")),
        value("<=", tag("<=")),
        value(">=", tag(">=")),
        value("and", tag("&&")),
        value("or", tag("||")),
        value("<", tag("<")),
        value(">", tag(">")),
        value("not", tag("!")),
        value("(", tag("(")),
        value(")", tag(")")),
    ))
    .parse(input)
}

fn word(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| !c.is_whitespace() && !"\"/()<>=!&|".contains(c)).parse(input)
}

/// A backslash takes a quote or a backslash as it is; \n, \r and \t are what they are in JSON.
fn quoted(input: &str) -> IResult<&str, String> {
    let part = alt((
        map(is_not("\"\\"), str::to_owned),
        map(preceded(char('\\'), none_of("")), |c| match c {
            'n' => "\n".to_owned(),
            'r' => "\r".to_owned(),
            't' => "\t".to_owned(),
            '"' | '\\' => c.to_string(),
            other => format!("\\{other}"),
        }),
    ));
    let (rest, parts) = delimited(char('"'), many0(part), char('"')).parse(input)?;
    Ok((rest, parts.concat()))
}

/// A slash within it stands behind a backslash.
fn pattern(input: &str) -> IResult<&str, String> {
    let part = alt((
        map(is_not("/\\"), str::to_owned),
        map(preceded(char('\\'), char('/')), |_| "/".to_owned()),
        map(recognize((char('\\'), none_of("/"))), |escape: &str| {
            escape.to_owned()
        }),
    ));
    let (rest, parts) = delimited(char('/'), many0(part), char('/')).parse(input)?;
    let (rest, fold) = nom::combinator::opt(one_of("i")).parse(rest)?;
    let prefix = if fold.is_some() { "(?i)" } else { "" };
    Ok((rest, format!("{prefix}{}", parts.concat())))
}
