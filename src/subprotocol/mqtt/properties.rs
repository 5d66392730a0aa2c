//! Properties of MQTT 5, and the reader of all fields.
//!
//! Job: read numbers, texts and properties. Input: bytes of a packet. Output: values by name, and
//! whether the bytes were there. MQTT 5 §1.5, §2.2.2.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::stream::{Variable, variable};

/// What is wrong with a packet, or where it ends too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault(pub(super) &'static str);

const SHORT: Fault = Fault("it ends before its fields do");

/// Bytes that are read from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        self.take(1)?.first().copied().ok_or(SHORT)
    }

    pub(super) fn short(&mut self) -> Result<u16, Fault> {
        Ok(u16::from(self.byte()?) << 8 | u16::from(self.byte()?))
    }

    fn long(&mut self) -> Result<u32, Fault> {
        Ok(u32::from(self.short()?) << 16 | u32::from(self.short()?))
    }

    pub(super) fn variable(&mut self) -> Result<u64, Fault> {
        match variable(self.0) {
            Variable::Whole(number, used) => {
                self.take(used)?;
                Ok(number)
            }
            Variable::Open => Err(SHORT),
            Variable::Wrong => Err(Fault("a number has more than four bytes")),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.short()?;
        self.take(usize::from(length))
    }

    /// MQTT 5 §1.5.4: UTF-8 without U+0000.
    pub(super) fn text(&mut self) -> Result<&'a str, Fault> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| Fault("a text is not UTF-8"))?;
        if text.contains('\0') {
            return Err(Fault("a text has a NUL"));
        }
        Ok(text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Byte,
    Short,
    Long,
    Variable,
    Text,
    Bytes,
    Pair,
}

/// MQTT 5 §2.2.2.2.
fn property(number: u64) -> Option<(&'static str, Form)> {
    Some(match number {
        1 => ("payload_format_indicator", Form::Byte),
        2 => ("message_expiry_interval", Form::Long),
        3 => ("content_type", Form::Text),
        8 => ("response_topic", Form::Text),
        9 => ("correlation_data", Form::Bytes),
        11 => ("subscription_identifier", Form::Variable),
        17 => ("session_expiry_interval", Form::Long),
        18 => ("assigned_client_identifier", Form::Text),
        19 => ("server_keep_alive", Form::Short),
        21 => ("authentication_method", Form::Text),
        22 => ("authentication_data", Form::Bytes),
        23 => ("request_problem_information", Form::Byte),
        24 => ("will_delay_interval", Form::Long),
        25 => ("request_response_information", Form::Byte),
        26 => ("response_information", Form::Text),
        28 => ("server_reference", Form::Text),
        31 => ("reason_string", Form::Text),
        33 => ("receive_maximum", Form::Short),
        34 => ("topic_alias_maximum", Form::Short),
        35 => ("topic_alias", Form::Short),
        36 => ("maximum_qos", Form::Byte),
        37 => ("retain_available", Form::Byte),
        38 => ("user_property", Form::Pair),
        39 => ("maximum_packet_size", Form::Long),
        40 => ("wildcard_subscription_available", Form::Byte),
        41 => ("subscription_identifier_available", Form::Byte),
        42 => ("shared_subscription_available", Form::Byte),
        _ => return None,
    })
}

/// Reads properties with their length before them.
pub(super) fn read(reader: &mut Reader<'_>, into: &mut Map<String, Value>) -> Result<(), Fault> {
    let length = usize::try_from(reader.variable()?).map_err(|_| SHORT)?;
    let mut own = Reader(reader.take(length)?);
    while !own.is_empty() {
        let number = own.variable()?;
        let (name, form) = property(number).ok_or(Fault("a property does not exist"))?;
        let value: Value = match form {
            Form::Byte => own.byte()?.into(),
            Form::Short => own.short()?.into(),
            Form::Long => own.long()?.into(),
            Form::Variable => own.variable()?.into(),
            Form::Text => own.text()?.into(),
            // Tokens travel in such data: the length says enough.
            Form::Bytes if name == "authentication_data" => own.bytes()?.len().into(),
            Form::Bytes => hex(own.bytes()?).into(),
            Form::Pair => {
                let pair = (own.text()?, own.text()?);
                let user = into
                    .entry("user_properties")
                    .or_insert_with(|| Map::new().into());
                if let Value::Object(user) = user {
                    user.insert(pair.0.to_owned(), pair.1.into());
                }
                continue;
            }
        };
        // MQTT 5 §2.2.2.2: all but user properties and subscription identifiers stand once.
        if into.insert(name.to_owned(), value).is_some() && number != 11 {
            return Err(Fault("a property stands twice"));
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
