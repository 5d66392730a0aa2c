//! Heads of HTTP/1 requests and responses.
//!
//! Job: read a start line and its header lines, as leniently as real peers do.
//! Input: bytes from the start of a head. Output: [`Parsed`], with the head's length.
//! RFC 9112 §2–§5.

use std::fmt;

use nom::branch::alt;
use nom::bytes::streaming::{tag, take_while, take_while_m_n, take_while1};
use nom::combinator::map;
use nom::multi::many0_count;
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

/// What came of reading a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed<T> {
    /// It is all there.
    Complete {
        /// The head.
        value: T,
        /// Its length, the empty line at its end included.
        used: usize,
    },
    /// More bytes are needed; so far nothing is wrong.
    Incomplete,
    /// It is no head.
    Invalid(Malformed),
}

/// Why bytes are no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The first line is neither a request line nor a status line.
    StartLine,
    /// A header line has a NUL byte.
    HeaderLine,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartLine => "the first line is no HTTP/1 start line",
            Self::HeaderLine => "a header line has a NUL byte",
        })
    }
}

/// The HTTP version of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The digit before the dot.
    pub major: u8,
    /// The digit behind the dot.
    pub minor: u8,
}

impl Version {
    /// HTTP/1.1, the lowest that knows `Upgrade`.
    pub const HTTP_1_1: Self = Self { major: 1, minor: 1 };
    /// HTTP/2, which has no version in its heads.
    pub const HTTP_2: Self = Self { major: 2, minor: 0 };
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP/{}.{}", self.major, self.minor)
    }
}

/// One header line (with the lines folded into it), as bytes: nothing says that they are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name as sent; compare without regard to case. A line without a colon is all name.
    pub name: Vec<u8>,
    /// The value without the white space around it.
    pub value: Vec<u8>,
}

/// The header lines of a head, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<Header>, usize);

impl Headers {
    /// The same, which lack so many lines.
    #[must_use]
    pub fn lacking(self, lines: usize) -> Self {
        Self(self.0, lines)
    }

    /// Lines that are not known: in HTTP/2 they can refer to what the capture lacks.
    pub fn unknown(&self) -> usize {
        self.1
    }

    /// All lines in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// The values of every line with that name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.0
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|header| header.value.as_slice())
    }

    /// The value of the first line with that name.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The elements of a comma-separated header, over all its lines; empty ones are left out.
    ///
    /// RFC 9110 §5.6.1: a recipient ignores empty list elements.
    pub fn elements<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.all(name)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|element| !element.is_empty())
    }

    /// Whether a comma-separated header has an element, without regard to case.
    pub fn has_element(&self, name: &str, element: &str) -> bool {
        self.elements(name)
            .any(|found| found.eq_ignore_ascii_case(element.as_bytes()))
    }

    /// All lines of one name as one list, joined by `, `; `None` where there is no such line.
    pub fn joined(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self.all(name).map(String::from_utf8_lossy).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }
}

impl FromIterator<Header> for Headers {
    fn from_iter<I: IntoIterator<Item = Header>>(headers: I) -> Self {
        Self(headers.into_iter().collect(), 0)
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The method, a token.
    pub method: Vec<u8>,
    /// The request target as sent.
    pub target: Vec<u8>,
    /// The version.
    pub version: Version,
    /// The header lines.
    pub headers: Headers,
}

/// The head of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The version.
    pub version: Version,
    /// The status code.
    pub status: u16,
    /// The reason phrase, often empty.
    pub reason: Vec<u8>,
    /// The header lines.
    pub headers: Headers,
}

impl ResponseHead {
    /// Whether the server takes the WebSocket that was asked for, or another protocol. RFC 9110
    /// §15.2.2: with 101; RFC 8441 §4: over HTTP/2 with any 2xx.
    pub fn switches(&self) -> bool {
        if self.version == Version::HTTP_2 {
            (200..300).contains(&self.status)
        } else {
            self.status == 101
        }
    }
}

/// Reads a request's head, leading empty lines included.
pub fn parse_request(input: &[u8]) -> Parsed<RequestHead> {
    parse(input, request_line, |(method, target, version), headers| {
        RequestHead {
            method: method.to_vec(),
            target: target.to_vec(),
            version,
            headers,
        }
    })
}

/// Reads a response's head, leading empty lines included.
pub fn parse_response(input: &[u8]) -> Parsed<ResponseHead> {
    parse(input, status_line, |(version, status, reason), headers| {
        ResponseHead {
            version,
            status,
            reason: reason.to_vec(),
            headers,
        }
    })
}

fn parse<'a, Start, Head>(
    input: &'a [u8],
    start_line: fn(&'a [u8]) -> IResult<&'a [u8], Start>,
    head: impl FnOnce(Start, Headers) -> Head,
) -> Parsed<Head> {
    // RFC 9112 §2.2: a recipient ignores empty lines before the start line.
    let (rest, start) = match preceded(many0_count(line_end), start_line).parse(input) {
        Ok(done) => done,
        Err(nom::Err::Incomplete(_)) => return Parsed::Incomplete,
        Err(_) => return Parsed::Invalid(Malformed::StartLine),
    };
    match header_lines(rest) {
        Ok((rest, headers)) => Parsed::Complete {
            value: head(start, headers),
            used: input.len() - rest.len(),
        },
        Err(nom::Err::Incomplete(_)) => Parsed::Incomplete,
        Err(_) => Parsed::Invalid(Malformed::HeaderLine),
    }
}

type RequestLine<'a> = (&'a [u8], &'a [u8], Version);
type StatusLine<'a> = (Version, u16, &'a [u8]);

/// RFC 9112 §3: method SP request-target SP HTTP-version.
pub(super) fn request_line(input: &[u8]) -> IResult<&[u8], RequestLine<'_>> {
    let parts = (
        terminated(take_while1(is_token), spaces),
        terminated(take_while1(|byte| byte > b' ' && byte != 0x7f), spaces),
        terminated(version, (take_while(is_space), line_end)),
    );
    map(parts, |parts| parts).parse(input)
}

/// RFC 9112 §4: HTTP-version SP status-code SP \[ reason-phrase \]; the last SP is often missing.
pub(super) fn status_line(input: &[u8]) -> IResult<&[u8], StatusLine<'_>> {
    let (rest, version) = terminated(version, spaces).parse(input)?;
    let (rest, digits) = take_while_m_n(3, 3, |byte: u8| byte.is_ascii_digit()).parse(rest)?;
    let status = digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let with_reason = preceded(spaces, take_while(is_text));
    let (rest, reason) =
        terminated(alt((with_reason, take_while_m_n(0, 0, is_text))), line_end).parse(rest)?;
    Ok((rest, (version, status, reason.trim_ascii())))
}

fn version(input: &[u8]) -> IResult<&[u8], Version> {
    let digit = || {
        map(
            take_while_m_n(1, 1, |byte: u8| byte.is_ascii_digit()),
            |digit: &[u8]| digit.first().map_or(0, |digit| digit - b'0'),
        )
    };
    map(
        preceded(tag("HTTP/"), (terminated(digit(), tag(".")), digit())),
        |(major, minor)| Version { major, minor },
    )
    .parse(input)
}

/// Header lines up to the empty line, which is taken too.
fn header_lines(mut input: &[u8]) -> IResult<&[u8], Headers> {
    let mut headers: Vec<Header> = Vec::new();
    loop {
        let (rest, line) = terminated(take_while(|byte| byte != b'\n'), tag("\n")).parse(input)?;
        input = rest;
        let line = without_cr(line);
        if line.is_empty() {
            return Ok((input, Headers(headers, 0)));
        }
        if line.contains(&0) {
            let kind = nom::error::ErrorKind::Verify;
            return Err(nom::Err::Error(nom::error::Error::new(line, kind)));
        }
        match headers.last_mut() {
            // RFC 9112 §5.2: a line that begins with white space continues the value before it.
            Some(last) if line.first().copied().is_some_and(is_space) => {
                last.value.push(b' ');
                last.value.extend_from_slice(line.trim_ascii());
            }
            _ => headers.push(header(line)),
        }
    }
}

fn header(line: &[u8]) -> Header {
    let colon = line.iter().position(|&byte| byte == b':');
    let (name, value) = colon
        .and_then(|at| line.split_at_checked(at))
        .unwrap_or((line, b""));
    Header {
        name: name.to_vec(),
        value: value
            .strip_prefix(b":")
            .unwrap_or(value)
            .trim_ascii()
            .to_vec(),
    }
}

/// RFC 9112 §2.2: a line ends with CRLF; a bare LF is accepted.
fn line_end(input: &[u8]) -> IResult<&[u8], &[u8]> {
    alt((tag("\r\n"), tag("\n"))).parse(input)
}

fn spaces(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while1(is_space).parse(input)
}

/// The line without the CR that stands before its LF.
pub(super) fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// RFC 9110 §5.6.3: white space within a line.
pub(super) fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn is_text(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || byte == b'\t'
}

/// RFC 9110 §5.6.2: what a token is made of.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Bytes of a head as text: what is no UTF-8 shows as U+FFFD.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
