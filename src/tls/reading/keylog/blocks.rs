//! A list of secrets.
//!
//! Job: grow without moving what is in it, so that no copy of a secret stays behind and no moment
//! needs the memory twice. Input: values. Output: values by their places.

/// A list in blocks.
#[derive(Clone)]
pub(super) struct Blocks<T> {
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Blocks<T> {
    const EACH: usize = 4096;

    pub(super) fn len(&self) -> u32 {
        let last = self.blocks.last().map_or(0, Vec::len);
        let before = self.blocks.len().saturating_sub(1) * Self::EACH;
        u32::try_from(before + last).unwrap_or(u32::MAX)
    }

    pub(super) fn push(&mut self, value: T) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < Self::EACH => block.push(value),
            _ => {
                let mut block = Vec::with_capacity(Self::EACH);
                block.push(value);
                self.blocks.push(block);
            }
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<&T> {
        let at = usize::try_from(at).ok()?;
        self.blocks.get(at / Self::EACH)?.get(at % Self::EACH)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let at = usize::try_from(at).ok()?;
        self.blocks
            .get_mut(at / Self::EACH)?
            .get_mut(at % Self::EACH)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten()
    }
}
