//! One segment after the other.
//!
//! Job: begin segments and end them, let the oldest go, write what waits. Input: bytes of pcapng.
//! Output: files.

use std::io;

use super::segment::{self, Place, Segment};
use super::{Inner, Origin, SCRATCH_SEGMENTS, Shared, Target};
use crate::capture::link::LinkType;
use crate::capture::pcapng::write;
use crate::error::Error;

impl Shared {
    /// Begins a segment whose first packet has the number `first`, and lets the oldest go.
    pub(super) fn begin(&self, inner: &mut Inner, first: u64) -> Result<(), Error> {
        inner.begun += 1;
        let place = match &self.target {
            Target::Scratch(_) => Place::unnamed()?,
            Target::File(path) => Place::named(path.clone(), self.overwrite)?,
            Target::Files(name, ..) => {
                Place::named(segment::numbered(name, inner.begun), self.overwrite)?
            }
        };
        let start = inner
            .segments
            .back()
            .map_or(0, |segment| segment.start + segment.len);
        let segment = Segment::new(place, (first, start), inner.drops);
        inner.segments.push_back(segment);
        let most = match self.target {
            Target::Scratch(_) => usize::try_from(SCRATCH_SEGMENTS).ok(),
            Target::File(_) => None,
            Target::Files(_, _, most) => most,
        };
        while most.is_some_and(|most| inner.segments.len() > most.max(1)) {
            if let Some(oldest) = inner.segments.pop_front() {
                inner.gone = oldest.packets_end;
                oldest.remove();
            }
        }
        inner.links.clear();
        inner.counts = write::Counts::default();
        inner.head.clear();
        write::section(&mut inner.head);
        inner.waiting.extend_from_slice(&inner.head);
        self.leave_room(inner);
        if let Some(link) = self.origin.link {
            self.interface(inner, link);
        }
        self.flush(inner)
    }

    pub(super) fn unwritten(&self, cause: io::Error) -> Error {
        Error::Write {
            name: match &self.target {
                Target::Scratch(_) => "the scratch file".to_owned(),
                Target::File(path) | Target::Files(path, ..) => path.display().to_string(),
            },
            cause,
        }
    }

    /// The number of the interface with that link type in the present segment.
    pub(super) fn interface(&self, inner: &mut Inner, link: LinkType) -> u32 {
        let place = inner.links.iter().position(|known| *known == link);
        let place = place.unwrap_or_else(|| {
            let Origin {
                name,
                filter,
                snaplen,
                ..
            } = &self.origin;
            let mut block = Vec::new();
            write::interface(&mut block, link, *snaplen, name, filter);
            inner.head.extend_from_slice(&block);
            inner.waiting.append(&mut block);
            inner.links.push(link);
            inner.links.len() - 1
        });
        u32::try_from(place).unwrap_or(0)
    }

    /// Ends the present segment with what was counted since it began.
    pub(super) fn end(&self, inner: &mut Inner) -> Result<(), Error> {
        let told = inner.segments.back().map(|segment| segment.begun_at);
        let told = told.unwrap_or_default();
        let counts = write::Counts {
            dropped_by_kernel: inner.drops.kernel.saturating_sub(told.kernel),
            dropped_by_interface: inner.drops.interface.saturating_sub(told.interface),
            ..inner.counts
        };
        self.flush(inner)?;
        if let Some(segment) = inner.segments.back_mut() {
            segment.packets_end = segment.start + segment.len;
        }
        if !inner.links.is_empty() {
            write::statistics(&mut inner.waiting, 0, &counts);
        }
        self.flush(inner)?;
        if let Some(segment) = inner.segments.back_mut() {
            segment.close();
        }
        Ok(())
    }

    pub(super) fn flush(&self, inner: &mut Inner) -> Result<(), Error> {
        let Inner {
            segments, waiting, ..
        } = inner;
        let written = match segments.back_mut() {
            Some(segment) => segment.append(waiting),
            None => Ok(()),
        };
        waiting.clear();
        written.map_err(|cause| self.unwritten(cause))?;
        inner.written = inner.last;
        Ok(())
    }
}
