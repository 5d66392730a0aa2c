//! From tokens to an expression.
//!
//! Job: precedence, and an error that says what would be right where it is wrong. Input: tokens.
//! Output: an [`Expr`].
//!
//! ```text
//! or      = and *("or" and)
//! and     = not *("and" not)
//! not     = ["not"] atom
//! atom    = "(" or ")" | "has" field | field [operator value] | quoted
//! ```

use regex::RegexBuilder;

use super::ast::{Compare, Expr};
use super::error::Error;
use super::field::{Field, Kind};
use super::name::Name;
use super::token::{Kind as TokenKind, Token};

/// How deep parentheses may stand in each other.
const DEEPEST: usize = 64;

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES: usize = 1 << 20;

/// Whether tokens are plain words: no signs, and the first is no word of the language.
pub(super) fn are_words(tokens: &[Token]) -> bool {
    let plain = tokens
        .iter()
        .all(|token| matches!(token.kind, TokenKind::Word(_) | TokenKind::Quoted(_)));
    let ours = |token: &Token| {
        token
            .word()
            .is_some_and(|word| word == "has" || Name::of(word).is_some())
    };
    let mut tokens = tokens
        .iter()
        .skip_while(|token| token.word() == Some("not"));
    let first = tokens.next();
    let joined =
        tokens.any(|token| matches!(token.word(), Some("and" | "or" | "contains" | "matches")));
    plain && !joined && first.is_none_or(|token| !ours(token))
}

/// All of the words must be there.
pub(super) fn words(tokens: &[Token]) -> Expr {
    let words = tokens.iter().map(|token| match &token.kind {
        TokenKind::Word(word) | TokenKind::Quoted(word) | TokenKind::Pattern(word) => {
            Expr::Word(word.to_ascii_lowercase())
        }
        TokenKind::Sign(sign) => Expr::Word((*sign).to_owned()),
    });
    Expr::And(words.collect())
}

/// Reads an expression; `end` is where the input ends.
pub(super) fn expression(tokens: &[Token], end: usize) -> Result<Expr, Error> {
    let mut reader = Reader {
        tokens,
        at: 0,
        end,
        depth: 0,
    };
    let expr = reader.or()?;
    match reader.peek() {
        None => Ok(expr),
        Some(_) => Err(reader.wrong("expected and, or, or the end")),
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    end: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    /// An error at the next token.
    fn wrong(&self, text: impl Into<String>) -> Error {
        Error {
            offset: self.peek().map_or(self.end, |token| token.start),
            text: text.into(),
        }
    }

    /// Takes the next token where it is this word or sign.
    fn take(&mut self, name: &str) -> bool {
        let found = self.peek().is_some_and(|token| match &token.kind {
            TokenKind::Word(word) => word == name,
            TokenKind::Sign(sign) => *sign == name,
            _ => false,
        });
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Expr, Error> {
        let mut all = vec![self.and()?];
        while self.take("or") {
            all.push(self.and()?);
        }
        Ok(one_or(all, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, Error> {
        let mut all = vec![self.not()?];
        while self.take("and") {
            all.push(self.not()?);
        }
        Ok(one_or(all, Expr::And))
    }

    fn not(&mut self) -> Result<Expr, Error> {
        let mut turned = false;
        while self.take("not") {
            turned = !turned;
        }
        let atom = self.atom()?;
        Ok(if turned {
            Expr::Not(Box::new(atom))
        } else {
            atom
        })
    }

    fn atom(&mut self) -> Result<Expr, Error> {
        if self.take("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.wrong("too many parentheses"));
            }
            let inner = self.or()?;
            self.depth -= 1;
            if !self.take(")") {
                return Err(self.wrong("expected )"));
            }
            return Ok(inner);
        }
        if self.take("has") {
            return self.field().map(Expr::Has);
        }
        if let Some(TokenKind::Quoted(word)) = self.peek().map(|token| &token.kind) {
            self.at += 1;
            return Ok(Expr::Word(word.to_ascii_lowercase()));
        }
        let field = self.field()?;
        self.condition(field)
    }

    fn field(&mut self) -> Result<Name, Error> {
        let Some(word) = self.peek().and_then(Token::word) else {
            return Err(self.wrong("expected a field, such as opcode or payload_bytes"));
        };
        let Some(name) = Name::of(word) else {
            return Err(self.wrong(unknown(word).unwrap_or_else(|| {
                format!("no field is called {word}; words to look for go in quotes here")
            })));
        };
        self.at += 1;
        Ok(name)
    }

    fn condition(&mut self, name: Name) -> Result<Expr, Error> {
        let signs = [
            ("==", Compare::Equal),
            ("!=", Compare::Unequal),
            ("<=", Compare::AtMost),
            (">=", Compare::AtLeast),
            ("<", Compare::Less),
            (">", Compare::More),
        ];
        for (sign, compare) in signs {
            let place = self.at;
            if self.take(sign) {
                return self.comparison(name, compare, place);
            }
        }
        let textual = matches!(name.kind(), None | Some(Kind::Text | Kind::Name(_)));
        let place = self.at;
        if self.take("contains") {
            self.needs(textual, place, &name, "text")?;
            let text = self.text(&name)?;
            return Ok(Expr::Contains(name, text));
        }
        if self.take("matches") {
            self.needs(textual, place, &name, "text")?;
            return self.pattern(name);
        }
        if name.kind() == Some(Kind::Truth) {
            return Ok(Expr::Has(name));
        }
        Err(self.wrong(format!(
            "expected a comparison: {name} {}",
            match name.kind() {
                Some(Kind::Number) => "== 1, > 1 and so on",
                _ => "== \"…\", contains \"…\" or matches /…/",
            }
        )))
    }

    fn needs(&self, holds: bool, at: usize, name: &Name, what: &str) -> Result<(), Error> {
        let offset = self.tokens.get(at).map_or(self.end, |token| token.start);
        let kind = name.kind().map_or("text", Kind::name);
        let text = format!("{name} is a {kind}, not {what}");
        if holds {
            Ok(())
        } else {
            Err(Error { offset, text })
        }
    }

    fn comparison(&mut self, name: Name, compare: Compare, at: usize) -> Result<Expr, Error> {
        let equality = matches!(compare, Compare::Equal | Compare::Unequal);
        match name.kind() {
            None => {
                let text = self.text(&name)?;
                Ok(Expr::Loose(name, compare, text))
            }
            Some(Kind::Number) => {
                let number = self.peek().and_then(Token::word).and_then(number);
                let Some(number) = number else {
                    return Err(self.wrong("expected a number, such as 200, 1.5 or 64k"));
                };
                self.at += 1;
                Ok(Expr::Number(name, compare, number))
            }
            Some(Kind::Text) => {
                let text = self.text(&name)?;
                Ok(Expr::Text(name, compare, text))
            }
            Some(Kind::Name(_)) => {
                self.needs(equality, at, &name, "something with an order")?;
                let text = self.text(&name)?;
                Ok(Expr::Text(name, compare, text))
            }
            Some(Kind::Truth) => {
                self.needs(equality, at, &name, "something with an order")?;
                let truth = match self.peek().and_then(Token::word) {
                    Some("true" | "yes") => true,
                    Some("false" | "no") => false,
                    _ => return Err(self.wrong("expected true or false")),
                };
                self.at += 1;
                let has = Expr::Has(name);
                Ok(if truth == (compare == Compare::Equal) {
                    has
                } else {
                    Expr::Not(Box::new(has))
                })
            }
        }
    }

    /// A text in quotes or as a bare word; of a field with names, one of them.
    fn text(&mut self, name: &Name) -> Result<String, Error> {
        let text = match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Word(word) | TokenKind::Quoted(word)) => word.clone(),
            _ => return Err(self.wrong("expected a text in quotes")),
        };
        if let Some(Kind::Name(names)) = name.kind()
            && !names.contains(&text.as_str())
        {
            return Err(self.wrong(format!("{name} is one of {}", few(names))));
        }
        self.at += 1;
        Ok(text)
    }

    fn pattern(&mut self, name: Name) -> Result<Expr, Error> {
        let Some(TokenKind::Pattern(pattern)) = self.peek().map(|token| &token.kind) else {
            return Err(self.wrong("expected a pattern: /…/, or /…/i to ignore case"));
        };
        let built = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).build();
        let regex = built.map_err(|error| {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ").trim();
            self.wrong(format!("this pattern cannot be read: {reason}"))
        })?;
        self.at += 1;
        Ok(Expr::Matches(name, regex))
    }
}

fn few(names: &[&str]) -> String {
    let shown = names.get(..6).unwrap_or(names).join(", ");
    if names.len() > 6 {
        shown + " …"
    } else {
        shown
    }
}

fn one_or(mut all: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            all.extend(last);
            join(all)
        }
    }
}

/// A number; `k`, `M` and `G` are powers of 1,000.
fn number(word: &str) -> Option<f64> {
    let (digits, factor) = match word.char_indices().next_back()? {
        (at, 'k') => (word.get(..at)?, 1e3),
        (at, 'M') => (word.get(..at)?, 1e6),
        (at, 'G') => (word.get(..at)?, 1e9),
        _ => (word, 1.0),
    };
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    let first = digits.strip_prefix('-').unwrap_or(&digits);
    if !first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    digits.parse::<f64>().ok().map(|number| number * factor)
}

/// That no field has this name, but one has nearly.
pub(super) fn unknown(word: &str) -> Option<String> {
    let name = nearest(word)?;
    Some(format!("no field is called {word}; {name} is"))
}

/// The field whose name is most like a word.
fn nearest(word: &str) -> Option<&'static str> {
    // Nothing that long is a name typed wrongly.
    let word: String = word.chars().take(32).collect();
    let names = Field::ALL.iter().map(|field| field.name());
    names
        .map(|name| (strsim::osa_distance(&word, name), name))
        .min()
        // Of short names most words are two letters away.
        .filter(|(distance, name)| *distance <= (name.len() / 4).clamp(1, 3))
        .map(|(_, name)| name)
}
