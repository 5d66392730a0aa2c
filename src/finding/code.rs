//! The table of findings.
//!
//! Job: give every deviation a stable code, a title, a severity, the rule it breaks and an advice.
//! Input and output: none; a table, in parts by layer. Titles and advices are for a reader who knows
//! HTTP and TCP and has never seen a WebSocket.

mod carriers;
mod messages;
mod opening;
mod operations;
mod subprotocols;

use std::fmt;

use super::severity::Severity;
use carriers::carriers;
use messages::messages;
use opening::opening;
use operations::operations;
use subprotocols::subprotocols;

macro_rules! codes {
    (| $(#[doc = $title:literal] $variant:ident = $name:literal, $severity:ident, $rule:literal, $advice:literal;)*) => {
        /// The stable code of a finding. `docs/findings.md` lists them all.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in the order of the layers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is printed, for instance `rsv1-on-continuation`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title.trim_ascii(),)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The rule it cites: RFC and section.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule,)* }
            }

            /// What to do about it, in one sentence.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

// Each part hands those before it and its own entries to the next one, the last all of them to `codes`.
carriers! { opening messages subprotocols operations codes | }

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Code {
    /// Whether it stands for other findings, which it explains.
    pub fn is_cause(self) -> bool {
        self.name().starts_with("cause-")
    }

    /// The code of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}
