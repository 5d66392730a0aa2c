//! Rust source as tokens, and the paths in them. Comments, strings and tests are left out.

/// One file: its `use` trees and every other path in it.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) imports: Vec<Import>,
    pub(crate) paths: Vec<Place>,
    /// Names of items that the file defines.
    pub(crate) defined: Vec<String>,
    /// Names of the modules that are files of their own.
    pub(crate) modules: Vec<String>,
}

/// A path, and the modules inside the file that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) inside: Vec<String>,
    pub(crate) path: Vec<String>,
}

/// One leaf of a `use` tree.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) place: Place,
    /// The name it has here; none for `*`.
    pub(crate) name: Option<String>,
    pub(crate) is_public: bool,
}

const ITEMS: [&str; 8] = [
    "struct", "enum", "fn", "trait", "type", "const", "static", "union",
];

impl Source {
    pub(crate) fn read(text: &str) -> Self {
        let tokens = without_tests(&tokens(text));
        let mut source = Self::default();
        let (mut inside, mut depth, mut at) = (Vec::<(String, usize)>::new(), 0_usize, 0);
        let mut is_public = false;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1).map_or("", String::as_str);
            let names = || -> Vec<_> { inside.iter().map(|(name, _)| name.clone()).collect() };
            match token.as_str() {
                "pub" => {
                    is_public = true;
                    if next == "(" {
                        at = closing(&tokens, at + 1);
                    }
                }
                "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                    inside.push((next.to_owned(), depth));
                    is_public = false;
                    at += 1;
                }
                "mod" => {
                    source.modules.push(next.to_owned());
                    is_public = false;
                    at += 1;
                }
                "use" if next != "<" => {
                    at = source.import(&tokens, at, &names(), is_public);
                    is_public = false;
                }
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inside.pop_if(|(_, outer)| *outer == depth);
                }
                word if is_name(word) && !follows_dot_or_path(&tokens, at) => {
                    is_public &= ITEMS.contains(&word);
                    if ITEMS.contains(&word) && is_name(next) && inside.is_empty() {
                        source.defined.push(next.to_owned());
                    }
                    let (path, end) = path(&tokens, at);
                    source.paths.push(Place {
                        inside: names(),
                        path,
                    });
                    at = end - 1;
                }
                _ => {}
            }
            at += 1;
        }
        source
    }

    /// Reads the `use` at `at`; the index of its end.
    fn import(
        &mut self,
        tokens: &[String],
        at: usize,
        inside: &[String],
        is_public: bool,
    ) -> usize {
        let end = (at..tokens.len()).find(|&end| tokens[end] == ";").unwrap();
        let mut leaves = Vec::new();
        tree(&tokens[at + 1..end], &mut Vec::new(), &mut leaves);
        for (path, name) in leaves {
            let inside = inside.to_vec();
            self.imports.push(Import {
                place: Place { inside, path },
                name,
                is_public,
            });
        }
        end
    }
}

/// Whether the name at `at` is a field, a method or the rest of a path.
fn follows_dot_or_path(tokens: &[String], at: usize) -> bool {
    let before = at
        .checked_sub(1)
        .map_or("", |before| tokens[before].as_str());
    [".", "::"].contains(&before)
}

/// The path that begins at `at`, and the index after it.
fn path(tokens: &[String], at: usize) -> (Vec<String>, usize) {
    let (mut path, mut end) = (vec![tokens[at].clone()], at + 1);
    while let [colons, name, ..] = &tokens[end..]
        && colons == "::"
        && is_name(name)
    {
        path.push(name.clone());
        end += 2;
    }
    (path, end)
}

/// The leaves of a `use` tree after `before`: each path with the name that it gives.
fn tree(
    tokens: &[String],
    before: &mut Vec<String>,
    leaves: &mut Vec<(Vec<String>, Option<String>)>,
) {
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {}
        ["::", ..] => tree(&tokens[1..], before, leaves),
        ["*"] => leaves.push((before.clone(), None)),
        ["self"] if !before.is_empty() => leaves.push((before.clone(), before.last().cloned())),
        ["self", "as", name] if !before.is_empty() => {
            leaves.push((before.clone(), Some((*name).to_owned())));
        }
        ["{", .., "}"] => {
            let (mut depth, mut from) = (0, 1);
            for at in 1..tokens.len() {
                match words[at] {
                    "{" => depth += 1,
                    "," | "}" if depth == 0 => {
                        tree(&tokens[from..at], before, leaves);
                        from = at + 1;
                    }
                    "}" => depth -= 1,
                    _ => {}
                }
            }
        }
        [name, rest @ ..] => {
            before.push((*name).to_owned());
            match rest {
                [] => leaves.push((before.clone(), Some((*name).to_owned()))),
                ["as", other] => leaves.push((before.clone(), Some((*other).to_owned()))),
                _ => tree(&tokens[1..], before, leaves),
            }
            before.pop();
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The index of what closes the bracket at `open`.
fn closing(tokens: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

/// The tokens without items that exist in tests only.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let (mut kept, mut at) = (Vec::with_capacity(tokens.len()), 0);
    while at < tokens.len() {
        if !(tokens[at] == "#" && tokens.get(at + 1).is_some_and(|token| token == "[")) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        // Attributes name nothing of ours.
        let end = closing(tokens, at + 1);
        let attribute = &tokens[at + 2..end];
        let says = |word: &str| attribute.iter().any(|token| token == word);
        let is_test = attribute == ["test"] || (says("cfg") && says("test") && !says("not"));
        at = end + 1;
        if is_test {
            while tokens.get(at).is_some_and(|token| token == "#") {
                at = closing(tokens, at + 1) + 1;
            }
            while ![";", "{"].contains(&tokens[at].as_str()) {
                at = match tokens[at].as_str() {
                    "(" | "[" => closing(tokens, at) + 1,
                    _ => at + 1,
                };
            }
            at = closing(tokens, at).max(at) + 1;
        }
    }
    kept
}

/// Names, `::` and single signs; no comments, literals and lifetimes.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if let Some(len) = raw_string(rest) {
            len
        } else if first == '"' || rest.starts_with("b\"") || rest.starts_with("c\"") {
            string(rest)
        } else if first == '\'' {
            quote(rest)
        } else if is_name(rest) {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let len = len.unwrap_or(rest.len());
            tokens.push(rest[..len].to_owned());
            len
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            // A digit and what follows it: a number with its suffix is no name.
            let len = first.len_utf8();
            if first.is_ascii_digit() {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len())
            } else {
                if !first.is_whitespace() {
                    tokens.push(first.to_string());
                }
                len
            }
        };
        rest = &rest[len..];
    }
    tokens
}

/// The length of a block comment, with those inside it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length of `r"…"`, `r#"…"#` and the like, if it is one.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r').or_else(|| text.strip_prefix("br"))?;
    let begin = text.len() - after.len();
    let quoted = after.trim_start_matches('#').strip_prefix('"')?;
    let hashes = after.len() - quoted.len() - 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let len = quoted.find(&end)?;
    Some(begin + hashes + 1 + len + end.len())
}

/// The length of a string, with its quotes.
fn string(text: &str) -> usize {
    let open = text.find('"').unwrap();
    let mut bytes = text.bytes().enumerate().skip(open + 1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character in quotes, or of a lifetime.
fn quote(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let first = chars.next().map(|(_, c)| c);
    let second = chars.next();
    match (first, second) {
        (Some('\\'), Some(_)) => {
            let end = chars.find(|&(_, c)| c == '\'');
            end.map_or(text.len(), |(at, _)| at + 1)
        }
        (_, Some((at, '\''))) => at + 1,
        _ => {
            let name = text[1..].find(|c: char| !c.is_alphanumeric() && c != '_');
            1 + name.unwrap_or(text.len() - 1)
        }
    }
}
