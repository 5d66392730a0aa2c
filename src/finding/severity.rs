//! How bad a finding is.

use strum::IntoStaticStr;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely trouble.
    Warning,
    /// A MUST was broken, or data is unreadable.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
