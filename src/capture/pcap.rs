//! The classic capture file.
//!
//! Job: find the packets. Input: windows of the file from its first byte on.
//! Output: packet records, warnings.
//! Source: "PCAP Capture File Format", draft-ietf-opsawg-pcap §4 (file header) and §5 (packet
//! record); the magic number a1b2cd34 is that of A. Kuznetsov's patches to libpcap, whose records
//! have eight more bytes (interface, protocol, direction).

mod resync;
mod rules;

use self::rules::{RECORD_HEADER, Rules, USUAL_PACKET};
use super::bytes::{index, offset};
use super::packet::LinkType;
use super::record::{End, Lost, Out, Step, Window};
use super::warning::WarningKind;
use crate::base::Limits;
use crate::error::Error;

pub(super) use self::rules::Variant;

/// Bytes of the file header.
const FILE_HEADER: usize = 24;

/// What to do next.
#[derive(Debug, Clone)]
enum State {
    /// The file header is to come.
    Header,
    /// A packet record is to come.
    Records(Rules),
    /// The next record is searched for.
    Searching(Rules, Lost),
}

/// How a run over records ended.
enum Stop {
    /// At an unfinished record that begins at `at`.
    Need { at: usize, need: usize },
    /// At bytes that are no record.
    Fault { at: usize, cause: String },
}

/// Reads a pcap file.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    variant: Variant,
    limits: Limits,
    state: State,
    /// Seconds of the last packet, by which a record found again is judged.
    last: Option<u32>,
}

impl Reader {
    pub(super) fn new(variant: Variant, limits: Limits) -> Self {
        Self {
            variant,
            limits,
            state: State::Header,
            last: None,
        }
    }

    /// Whether it stands in front of a record.
    pub(super) fn is_at_record(&self) -> bool {
        matches!(self.state, State::Records(_))
    }

    /// Takes what the window holds.
    pub(super) fn parse(&mut self, window: &Window<'_>, out: &mut Out<'_>) -> Result<Step, Error> {
        let mut at = 0;
        loop {
            match std::mem::replace(&mut self.state, State::Header) {
                State::Header => match self.file_header(window, out)? {
                    Some(rules) => {
                        self.state = State::Records(rules);
                        at = FILE_HEADER;
                    }
                    None => {
                        return Ok(Step {
                            consumed: 0,
                            need: FILE_HEADER,
                        });
                    }
                },
                State::Records(rules) => match self.records(&rules, window, at, out) {
                    Stop::Need { at, need } => {
                        self.state = State::Records(rules);
                        return Ok(Step { consumed: at, need });
                    }
                    Stop::Fault { at: bad, cause } => {
                        let mut lost = Lost::new(window.offset(bad), cause);
                        // From the next byte on: a search makes progress, whatever it finds.
                        at = bad.saturating_add(1);
                        lost.pass(window.bytes.get(bad..at).unwrap_or_default());
                        self.state = State::Searching(rules, lost);
                    }
                },
                State::Searching(rules, mut lost) => {
                    let search = resync::search(&rules, window, at, self.last);
                    lost.pass(window.bytes.get(at..search.at()).unwrap_or_default());
                    match search {
                        resync::Search::Found(next) => {
                            out.warn(lost.found(window.offset(next)));
                            self.state = State::Records(rules);
                            at = next;
                        }
                        resync::Search::Need { at, need } => {
                            self.state = State::Searching(rules, lost);
                            return Ok(Step { consumed: at, need });
                        }
                        resync::Search::Nothing { at } => {
                            out.warn(lost.ended(window.offset(at)));
                            self.state = State::Records(rules);
                            return Ok(Step {
                                consumed: at,
                                need: 0,
                            });
                        }
                    }
                }
            }
        }
    }

    /// §4. `None` where it is not whole yet.
    fn file_header(&self, window: &Window<'_>, out: &mut Out<'_>) -> Result<Option<Rules>, Error> {
        let endian = self.variant.endian;
        let Some([_, _, _, _, snaplen, link]) = endian.words(window.bytes) else {
            return match window.end {
                End::Open => Ok(None),
                End::Reached | End::Failed => Err(Error::CutHeader {
                    name: out.notes.name().to_string(),
                    format: "pcap",
                    have: offset(window.bytes.len()),
                    need: offset(FILE_HEADER),
                }),
            };
        };
        if let Some([major, minor]) = endian.halves(window.rest(4))
            && (major, minor) != (2, 4)
        {
            out.warn(WarningKind::Version {
                format: "pcap",
                major,
                minor,
            });
        }
        let bound = u32::try_from(self.limits.packet_bytes).unwrap_or(u32::MAX);
        Ok(Some(Rules {
            variant: self.variant,
            max: snaplen.max(USUAL_PACKET).min(bound),
            link: LinkType::from_file(link),
            nanos: 1_000_000_000 / self.variant.unit,
        }))
    }

    /// §5: records from `at` on, until one is not whole or not one.
    fn records(
        &mut self,
        rules: &Rules,
        window: &Window<'_>,
        mut at: usize,
        out: &mut Out<'_>,
    ) -> Stop {
        let header = rules.variant.header;
        loop {
            let rest = window.rest(at);
            let Some(record) = rules.record(rest) else {
                return Self::unfinished_header(rules, window, at, out);
            };
            // A length of zero is part of the check for a record of zeros.
            if (record.captured > rules.max || record.captured == 0)
                && let Some(cause) = rules.fault(&record)
            {
                return Stop::Fault { at, cause };
            }
            let start = at.saturating_add(header);
            let next = start.saturating_add(index(record.captured));
            let suspicious = rules.suspicious(&record, self.last);
            if next > window.bytes.len() {
                return Self::unfinished(window, at, next, suspicious, out);
            }
            if suspicious && let Some(stop) = Self::doubt(rules, window, at, next) {
                return stop;
            }
            self.last = Some(record.seconds);
            out.packet(window, rules.found(&record, start));
            at = next;
        }
    }

    /// The bytes end inside the header of the record at `at`, or right before it.
    #[cold]
    fn unfinished_header(rules: &Rules, window: &Window<'_>, at: usize, out: &mut Out<'_>) -> Stop {
        let rest = window.rest(at);
        let need = rules.variant.header;
        if window.end == End::Open {
            return Stop::Need { at, need };
        }
        if window.end == End::Reached && !rest.is_empty() {
            let mut lost = Lost::new(window.offset(at), String::new());
            lost.pass(rest);
            let all_zero = rest.iter().all(|&byte| byte == 0);
            out.warn(if all_zero {
                lost.ended(window.offset(window.bytes.len()))
            } else {
                WarningKind::CutOff {
                    missing: offset(need.saturating_sub(rest.len())),
                }
            });
        }
        Stop::Need {
            at: window.bytes.len(),
            need: 0,
        }
    }

    /// The bytes end inside the record at `at`, which claims to reach to `next`.
    #[cold]
    fn unfinished(
        window: &Window<'_>,
        at: usize,
        next: usize,
        suspicious: bool,
        out: &mut Out<'_>,
    ) -> Stop {
        match window.end {
            End::Open => {
                return Stop::Need {
                    at,
                    need: next.saturating_sub(at),
                };
            }
            End::Reached if suspicious => {
                return Stop::Fault {
                    at,
                    cause: "the packet record makes little sense and reaches past the end".into(),
                };
            }
            End::Reached => out.warn(WarningKind::CutOff {
                missing: offset(next.saturating_sub(window.bytes.len())),
            }),
            End::Failed => {}
        }
        Stop::Need {
            at: window.bytes.len(),
            need: 0,
        }
    }

    /// Whether a suspicious record is damaged: the one after it tells. `None`: it may pass.
    #[cold]
    fn doubt(rules: &Rules, window: &Window<'_>, at: usize, next: usize) -> Option<Stop> {
        let after = window.rest(next);
        match rules.record(after) {
            Some(record) if rules.fault(&record).is_none() => None,
            None if window.end != End::Open => None,
            None => Some(Stop::Need {
                at,
                need: next.saturating_add(RECORD_HEADER).saturating_sub(at),
            }),
            Some(_) => Some(Stop::Fault {
                at,
                cause: "the packet record makes little sense, and none follows it".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
