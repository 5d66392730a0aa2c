//! What several objects have.
//!
//! Job: values as JSON writes them. Input: values. Output: their JSON.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::base::PerPeer;

/// A value for each sender.
#[derive(Debug, Clone, Serialize)]
pub struct PerPeerLine<T> {
    /// What the client sends.
    pub client: T,
    /// What the server sends.
    pub server: T,
}

impl<T> PerPeerLine<T> {
    /// The JSON shape of `both`.
    pub fn of<S>(both: &PerPeer<S>, shape: impl Fn(&S) -> T) -> Self {
        Self {
            client: shape(&both.client),
            server: shape(&both.server),
        }
    }
}

pub(super) fn display<S: serde::Serializer>(
    value: &impl std::fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Bytes that are written in base64.
pub(crate) struct Base64<'a>(pub(crate) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(crate) fn is_zero(value: &u32) -> bool {
    *value == 0
}
