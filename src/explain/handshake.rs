//! An opening handshake, line by line.
//!
//! Job: say what each line of the request and of the response means, how the Accept value comes
//! about, and what each extension parameter does to each side. Input: a
//! [`ConnectionInfo`](crate::event::ConnectionInfo).
//! Output: a [`HandshakeInfo`], apart from any rendering; [`page`] and [`json`] render it.
//! RFC 6455 §4, RFC 7692 §7.1.

mod extensions;
mod headers;
mod info;
mod page;
mod shape;

pub use extensions::ExtensionParameter;
pub use info::{AcceptInfo, HandshakeInfo, HeadInfo, LineInfo};
pub use page::{extensions, page};
pub use shape::json;
