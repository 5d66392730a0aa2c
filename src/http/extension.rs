//! The grammar of `Sec-WebSocket-Extensions`.
//!
//! Job: read the list of extensions with their parameters, keeping order, unknown ones and all
//! that is right in a list that is partly wrong. Input: the values of all its header lines.
//! Output: [`Extension`]s and [`Problem`]s. RFC 6455 §9.1, with the quoted string of RFC 9110
//! §5.6.4.

use std::fmt;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::combinator::{map, opt};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::head::{is_space, is_token};

/// One element of the list: an extension with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The name.
    pub name: String,
    /// The parameters in their order.
    pub params: Vec<Param>,
}

/// A parameter of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The name.
    pub name: String,
    /// The value, where there is one, without quotes and escapes.
    pub value: Option<String>,
    /// Whether the value stood in quotes; it means the same without them.
    pub quoted: bool,
}

impl fmt::Display for Extension {
    /// As a header would say it, quotes only where they are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for param in &self.params {
            write!(f, "; {}", param.name)?;
            match &param.value {
                Some(value) if !value.is_empty() && value.bytes().all(is_token) => {
                    write!(f, "={value}")?;
                }
                Some(value) => write!(f, "={value:?}")?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Where the header breaks the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: &'static str,
    /// The bytes from there on, up to some length.
    pub found: String,
}

impl Problem {
    const SHOWN: usize = 40;

    fn new(what: &'static str, found: &[u8]) -> Self {
        let shown = found.get(..Self::SHOWN).unwrap_or(found);
        Self {
            what,
            found: String::from_utf8_lossy(shown).into_owned(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found.is_empty() {
            write!(f, "{} at the end", self.what)
        } else {
            write!(f, "{} at {:?}", self.what, self.found)
        }
    }
}

/// Reads all header lines as the one list they are.
///
/// What breaks the grammar is a [`Problem`]; reading goes on behind the next comma.
pub fn parse_extensions<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Extension>, Vec<Problem>) {
    let mut list = List::default();
    for line in lines {
        list.line(line);
    }
    (list.extensions, list.problems)
}

#[derive(Default)]
struct List {
    extensions: Vec<Extension>,
    problems: Vec<Problem>,
    /// A quote without an end was met on this line: quotes hide no commas any more.
    unclosed: bool,
}

impl List {
    /// RFC 6455 §9.1: `extension-list = 1#extension`; empty elements count for nothing.
    fn line(&mut self, mut rest: &[u8]) {
        self.unclosed = false;
        loop {
            let problems = self.problems.len();
            rest = skip_space(rest);
            if let Ok((behind, name)) = token(rest) {
                rest = self.extension(name, behind);
            } else if !rest.is_empty() && !rest.starts_with(b",") {
                self.problem("an extension name is missing", rest);
            }
            rest = skip_space(rest);
            if !rest.is_empty() && !rest.starts_with(b",") {
                if self.problems.len() == problems {
                    self.problem("unexpected characters", rest);
                }
                rest = self.skip_element(rest);
            }
            match rest.split_first() {
                Some((_, behind)) => rest = behind,
                None => return,
            }
        }
    }

    /// RFC 6455 §9.1: `extension = extension-token *( ";" extension-param )`.
    fn extension<'a>(&mut self, name: &[u8], mut rest: &'a [u8]) -> &'a [u8] {
        let mut params = Vec::new();
        while let Ok((behind, _)) = separator(b";")(rest) {
            let Ok((behind, name)) = token(behind) else {
                self.problem("a parameter name is missing", behind);
                rest = behind;
                // A `;` too many does no harm to what follows; anything else ends the element.
                if matches!(rest.first(), Some(b';' | b',') | None) {
                    continue;
                }
                break;
            };
            let (behind, param) = self.param(name, behind);
            params.push(param);
            rest = behind;
        }
        let name = text(name);
        self.extensions.push(Extension { name, params });
        rest
    }

    /// RFC 6455 §9.1: `extension-param = token [ "=" ( token | quoted-string ) ]`.
    fn param<'a>(&mut self, name: &[u8], rest: &'a [u8]) -> (&'a [u8], Param) {
        let mut param = Param {
            name: text(name),
            value: None,
            quoted: false,
        };
        let Ok((behind, _)) = separator(b"=")(rest) else {
            return (rest, param);
        };
        if let Ok((behind, (value, quoted))) = value(behind) {
            // RFC 6455 §9.1: a quoted value, once unescaped, must be a token.
            if value.is_empty() || !value.iter().copied().all(is_token) {
                self.problem("a quoted value is no token", &value);
            }
            param.value = Some(text(&value));
            param.quoted = quoted;
            (behind, param)
        } else {
            self.problem("a parameter value is missing or broken", behind);
            (behind, param)
        }
    }

    /// What stands at and behind the next comma that is not inside quotes.
    fn skip_element<'a>(&mut self, mut rest: &'a [u8]) -> &'a [u8] {
        while let Some((&byte, behind)) = rest.split_first()
            && byte != b','
        {
            rest = behind;
            if byte == b'"' && !self.unclosed {
                match quoted_rest(behind) {
                    Ok((behind, _)) => rest = behind,
                    Err(_) => self.unclosed = true,
                }
            }
        }
        rest
    }

    fn problem(&mut self, what: &'static str, found: &[u8]) {
        self.problems.push(Problem::new(what, found));
    }
}

fn token(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while1(is_token).parse(input)
}

fn value(input: &[u8]) -> IResult<&[u8], (Vec<u8>, bool)> {
    alt((
        map(quoted_string, |value| (value, true)),
        map(token, |value| (value.to_vec(), false)),
    ))
    .parse(input)
}

/// RFC 9110 §5.6.4: between double quotes, where a backslash makes the next byte plain.
fn quoted_string(input: &[u8]) -> IResult<&[u8], Vec<u8>> {
    preceded(tag(&b"\""[..]), quoted_rest).parse(input)
}

/// A quoted string behind its first quote.
fn quoted_rest(mut rest: &[u8]) -> IResult<&[u8], Vec<u8>> {
    let mut value = Vec::new();
    loop {
        let (behind, plain) = take_while(|byte| byte != b'"' && byte != b'\\').parse(rest)?;
        value.extend_from_slice(plain);
        let (behind, escaped) = opt(preceded(
            tag(&b"\\"[..]),
            nom::bytes::complete::take(1_usize),
        ))
        .parse(behind)?;
        let Some(escaped) = escaped else {
            let (behind, _) = tag(&b"\""[..]).parse(behind)?;
            return Ok((behind, value));
        };
        value.extend_from_slice(escaped);
        rest = behind;
    }
}

/// A separator with the white space that is allowed around it.
fn separator<'a>(with: &'static [u8]) -> impl Fn(&'a [u8]) -> IResult<&'a [u8], &'a [u8]> {
    move |input| delimited(take_while(is_space), tag(with), take_while(is_space)).parse(input)
}

fn skip_space(input: &[u8]) -> &[u8] {
    let count = input.iter().take_while(|&&byte| is_space(byte)).count();
    input.get(count..).unwrap_or_default()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
