//! From code lengths to canonical codes to the tree.
//!
//! Job: lay out the code that a step was read in: how many codes each length has and which is the
//! first, and the tree with the path of the step's code. Input: a step. Output: lines.
//! RFC 1951 §3.2.2, §3.2.6, §3.2.7.

use super::steps::{Says, What};
use super::symbols::{alphabet, code_bits};
use crate::deflate::trace::{Block, Body, Code, Dynamic, SymbolKind, TableCode, fixed_codes};
use crate::page::{Kind, Line};

/// A code, and the one of its codes that a step has.
#[derive(Debug, Clone)]
pub struct CodeOf {
    /// `code_lengths`, `literals` or `distances`.
    pub name: &'static str,
    /// Its codes, from left to right in the tree.
    codes: Vec<Code>,
    /// The code that was read, by its place among them.
    read: Option<usize>,
}

/// The codes that a step was read in, or gives a length to: none, one, or of a copy two.
pub fn codes_of(says: &Says<'_>, block: &Block) -> Vec<CodeOf> {
    match &says.what {
        What::CodeLength { length, of, .. } => {
            vec![code_lengths(of, length.symbol.into())]
        }
        What::Length { run, of, .. } => vec![code_lengths(of, run.code.symbol)],
        What::Symbol(symbol, _) => {
            let (literals, distances) = match &block.body {
                Body::Dynamic(Some(of)) => (plain(&of.literals), plain(&of.distances)),
                Body::Fixed => {
                    let [literals, distances] = fixed_codes();
                    (literals, distances)
                }
                _ => return Vec::new(),
            };
            let mut all = vec![CodeOf::new("literals", literals, symbol.code().symbol)];
            if let SymbolKind::Match(copy) = symbol.kind {
                let symbol = copy.distance_code.symbol;
                all.push(CodeOf::new("distances", distances, symbol));
            }
            all
        }
        _ => Vec::new(),
    }
}

fn code_lengths(of: &Dynamic, symbol: u16) -> CodeOf {
    CodeOf::new("code_lengths", plain(&of.code_length_codes), symbol)
}

fn plain(codes: &[TableCode]) -> Vec<Code> {
    codes.iter().map(|one| one.code).collect()
}

/// Bit `depth` of a code, in the order in which its bits are read.
fn bit(code: Code, depth: u8) -> u16 {
    let behind = u32::from(code.len.saturating_sub(depth + 1));
    code.value.checked_shr(behind).unwrap_or(0) & 1
}

/// How many bits two codes have in common from the first one on.
fn common(one: Code, other: Code) -> u8 {
    let most = one.len.min(other.len);
    let differs = (0..most).find(|depth| bit(one, *depth) != bit(other, *depth));
    differs.unwrap_or(most)
}

impl CodeOf {
    fn new(name: &'static str, mut codes: Vec<Code>, symbol: u16) -> Self {
        // With zeros after it to one length, a code's number is its place in the tree.
        codes.sort_by_key(|code| u32::from(code.value) << (16 - u32::from(code.len.min(16))));
        let read = codes.iter().position(|code| code.symbol == symbol);
        Self { name, codes, read }
    }

    /// What it is for.
    pub fn title(&self) -> &'static str {
        match self.name {
            "code_lengths" => "code length code",
            "distances" => "distance code",
            _ => "literal/length code",
        }
    }

    fn current(&self) -> Option<Code> {
        self.codes.get(self.read?).copied()
    }

    /// RFC 1951 §3.2.2: how many codes have each length, and how the first of each comes of those
    /// before.
    pub fn by_length(&self) -> Vec<Line> {
        let head = "bits codes, the first of them";
        let mut lines = vec![Line::of(Kind::Note, head)];
        let mut before: Option<(u8, u32, u32)> = None;
        for len in 1..=15 {
            let count = self.codes.iter().filter(|code| code.len == len).count();
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let Some(first) = self.codes.iter().find(|code| code.len == len) else {
                continue;
            };
            let value = u32::from(first.value);
            let how = before.map_or_else(String::new, |(shorter, value, count)| {
                let times = 1_u32 << (len - shorter);
                format!(" = ({value}+{count})×{times}")
            });
            let text = format!("{len:>4} {count:>5}  {}{how}", code_bits(*first));
            let chosen = self.current().is_some_and(|code| code.len == len);
            let kind = if chosen { Kind::Lit } else { Kind::Plain };
            lines.push(Line::of(kind, text));
            before = Some((len, value, count));
        }
        lines
    }

    /// The part of the tree around the code that was read, in so many lines: each leaf a line,
    /// the path to it marked.
    pub fn tree(&self, height: usize) -> Vec<Line> {
        let last = self.codes.len().saturating_sub(height);
        let read = self.read.unwrap_or(0);
        let top = read.saturating_sub(height / 2).min(last);
        let shown = self.codes.iter().enumerate().skip(top).take(height);
        shown
            .map(|(at, code)| self.leaf(at, *code, at == top))
            .collect()
    }

    /// A leaf with what leads to it and to no leaf before.
    fn leaf(&self, at: usize, code: Code, is_first: bool) -> Line {
        let before = at.checked_sub(1).and_then(|at| self.codes.get(at));
        let shared = before.map_or(0, |before| common(code, *before));
        let on_path = self.current().map_or(0, |read| common(code, read));
        let mut line = Line::new();
        for depth in 0..code.len {
            let bit = bit(code, depth);
            let is_new = is_first || depth >= shared;
            let branch = match (is_new, bit) {
                // What was drawn above; its other side is below.
                (false, 0) => "│ ".to_owned(),
                (false, _) => "  ".to_owned(),
                (true, 0) => "┬0".to_owned(),
                (true, _) if depth > shared => "─1".to_owned(),
                (true, _) => "└1".to_owned(),
            };
            let lit = is_new && depth < on_path;
            line.put(if lit { Kind::Lit } else { Kind::Note }, branch);
        }
        let meaning = alphabet(self.name, code.symbol);
        let chosen = self.read == Some(at);
        let kind = if chosen { Kind::Chosen } else { Kind::Plain };
        line.plain(" ").with(kind, meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(symbol: u16, value: u16, len: u8) -> Code {
        Code { symbol, value, len }
    }

    /// RFC 1951 §3.2.2: the alphabet ABCDEFGH with lengths 3, 3, 3, 3, 3, 2, 4, 4.
    fn of_the_rfc(read: u16) -> CodeOf {
        let codes = [
            (65, 0b010, 3),
            (66, 0b011, 3),
            (67, 0b100, 3),
            (68, 0b101, 3),
            (69, 0b110, 3),
            (70, 0b00, 2),
            (71, 0b1110, 4),
            (72, 0b1111, 4),
        ];
        let codes = codes.map(|(symbol, value, len)| code(symbol, value, len));
        CodeOf::new("literals", codes.to_vec(), read)
    }

    #[test]
    fn codes_come_of_their_lengths() {
        let lines = of_the_rfc(71).by_length();
        let texts: Vec<_> = lines.iter().map(Line::text).collect();
        assert_eq!(
            texts,
            [
                "bits codes, the first of them",
                "   2     1  00",
                "   3     5  010 = (0+1)×2",
                "   4     2  1110 = (2+5)×2",
            ]
        );
        assert!(lines[3].has(Kind::Lit) && !lines[2].has(Kind::Lit));
    }

    #[test]
    fn the_tree_has_each_branch_once_and_the_path_is_marked() {
        let code = of_the_rfc(71);
        let texts: Vec<_> = code.tree(8).iter().map(Line::text).collect();
        assert_eq!(
            texts,
            [
                "┬0┬0 'F'",
                "│ └1┬0 'A'",
                "│   └1 'B'",
                "└1┬0┬0 'C'",
                "  │ └1 'D'",
                "  └1┬0 'E'",
                "    └1┬0 'G'",
                "      └1 'H'",
            ]
        );
        let lit: String = code
            .tree(8)
            .iter()
            .flat_map(|line| line.spans().to_vec())
            .filter(|span| span.kind == Kind::Lit)
            .map(|span| span.text().to_owned())
            .collect();
        assert_eq!(lit, "└1└1└1┬0");
        // Where the tree is cut, the path is there all the same.
        let cut = code.tree(3);
        assert_eq!(cut[0].text(), "└1└1┬0 'E'");
        assert_eq!(cut[1].text(), "    └1┬0 'G'");
    }
}
