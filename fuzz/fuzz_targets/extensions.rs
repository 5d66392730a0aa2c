//! `Sec-WebSocket-Extensions` of a request and a response, and what they agree on.
//!
//! Holds that what is read without a problem can be written and read again, that several lines
//! are one list, and that what is said about it is fit for a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::deflate::agree;
use wscope::http::{Extension, parse_extensions};

fn read(text: &[u8]) -> Vec<Extension> {
    let lines: Vec<_> = text.split(|&byte| byte == b'\n').collect();
    let (extensions, problems) = parse_extensions(lines.iter().copied());
    for problem in &problems {
        assert!(!problem.to_string().contains(char::is_control));
    }
    if problems.is_empty() {
        let (joined, none) = parse_extensions(std::iter::once(lines.join(&b", "[..]).as_slice()));
        assert_eq!((&joined, none.len()), (&extensions, 0));
        let written: Vec<_> = extensions.iter().map(ToString::to_string).collect();
        let (again, none) = parse_extensions(std::iter::once(written.join(",").as_bytes()));
        assert_eq!((plain(&again), none.len()), (plain(&extensions), 0));
    }
    extensions
}

/// Without the quotes around values.
fn plain(extensions: &[Extension]) -> Vec<Extension> {
    let mut extensions = extensions.to_vec();
    let params = extensions
        .iter_mut()
        .flat_map(|extension| &mut extension.params);
    params.for_each(|param| param.quoted = false);
    extensions
}

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |&byte| byte == 0xff);
    let offered = read(parts.next().unwrap_or_default());
    let agreed = read(parts.next().unwrap_or_default());
    let (agreement, observations) = agree(&offered, &agreed);
    if let Some(both) = agreement.parameters() {
        for (_, parameters) in both.iter() {
            assert!((8..=15).contains(&parameters.window_bits.get()));
        }
    }
    for observation in observations {
        assert!(
            !observation.text.contains(char::is_control),
            "{}",
            observation.text
        );
    }
});
