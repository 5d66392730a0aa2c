//! Whether files are still those that were read.
//!
//! Job: know files by their length and the bytes before their end, so that what is read anew is held
//! against what was read first. Input: inputs, twice. Output: what is wrong with them the second time.
//!
//! A file that has grown is still the same: the bytes before its old end are where they were.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::input::Input;

/// Bytes before the end that are kept.
const TAIL: u64 = 4096;

/// What is kept of inputs; nothing of those that are no regular files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Likeness(Vec<Option<End>>);

/// The end of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    len: u64,
    bytes: Vec<u8>,
}

impl Likeness {
    /// What inputs are like now.
    pub fn of(inputs: &[Input]) -> Self {
        let ends = inputs.iter().map(|input| {
            let path = file(input).filter(|_| input.is_file())?;
            let len = path.metadata().ok()?.len();
            let bytes = before(path, len).ok()?;
            Some(End { len, bytes })
        });
        Self(ends.collect())
    }

    /// The first of the same inputs that is no longer what it was, and why.
    pub fn differs(&self, inputs: &[Input]) -> Option<String> {
        let known = inputs.iter().zip(&self.0);
        known
            .filter_map(|(input, end)| Some((file(input)?, end.as_ref()?)))
            .find_map(|(path, end)| {
                let why = end.differs(path)?;
                let name = path.file_name().unwrap_or(path.as_os_str());
                Some(format!("{}: {why}", name.to_string_lossy()))
            })
    }
}

impl End {
    fn differs(&self, path: &Path) -> Option<String> {
        match before(path, self.len) {
            Err(error) => Some(error.to_string()),
            Ok(bytes) if bytes.len() < self.bytes.len() => {
                Some("is shorter than when it was read".to_owned())
            }
            Ok(bytes) if bytes != self.bytes => {
                Some("is another file than the one that was read".to_owned())
            }
            Ok(_) => None,
        }
    }
}

fn file(input: &Input) -> Option<&Path> {
    match input {
        Input::File(path) => Some(path),
        Input::Stdin | Input::Store(_) | Input::Memory(..) => None,
    }
}

/// The bytes of a file before the place `end`, as far as there are any.
fn before(path: &Path, end: u64) -> io::Result<Vec<u8>> {
    let start = end.saturating_sub(TAIL);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(end - start).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_grow_and_not_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcap");
        let inputs = [Input::File(path.clone()), Input::Stdin];
        assert_eq!(Likeness::of(&inputs), Likeness(vec![None, None]));
        std::fs::write(&path, [7; 10_000]).unwrap();
        let known = Likeness::of(&inputs);
        assert_eq!(known.differs(&inputs), None);
        let mut longer = vec![7; 10_000];
        longer.extend([8; 10_000]);
        std::fs::write(&path, &longer).unwrap();
        assert_eq!(known.differs(&inputs), None);
        std::fs::write(&path, vec![8; 20_000]).unwrap();
        let said = known.differs(&inputs).unwrap();
        assert_eq!(said, "a.pcap: is another file than the one that was read");
        std::fs::write(&path, [7; 9_999]).unwrap();
        let said = known.differs(&inputs).unwrap();
        assert_eq!(said, "a.pcap: is shorter than when it was read");
        std::fs::remove_file(&path).unwrap();
        assert!(known.differs(&inputs).unwrap().starts_with("a.pcap: "));
    }
}
