//! A card's memory: the blocks that arrays lie in, as large as was reckoned, and weights beside them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::arena::{Arena, Span};
use super::{Card, Fault, GpuError};

/// The blocks of arrays.
#[derive(Debug, Default)]
pub struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    arena: Arena,
    /// Made when somebody first lies in it.
    blocks: Vec<Option<wgpu::Buffer>>,
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a pass: how large blocks are to be, from [`Self::high_water`] of the same pass on paper. Blocks that are large enough stay,
    /// and what is smaller, or of no use any more, goes. While anything lies there, all stays as it is.
    pub fn prepare(&self, planned: &[u64]) {
        let mut inner = self.inner();
        if inner.arena.is_empty() {
            inner.arena = Arena::planned(planned);
            let needed = |block: usize| planned.get(block).copied().unwrap_or(u64::MAX);
            for (i, block) in inner.blocks.iter_mut().enumerate() {
                // Twice as much as is needed would be missed elsewhere.
                *block =
                    block.take().filter(|made| made.size() >= needed(i) && made.size() <= needed(i).saturating_mul(2));
            }
        }
    }

    /// `card`: `None` on paper, where nothing is made.
    ///
    /// # Errors
    /// [`GpuError::TooLarge`], [`GpuError::OutOfMemory`].
    pub fn take(&self, card: Option<&Card>, bytes: u64) -> Result<Span, GpuError> {
        let mut inner = self.inner();
        let span = inner.arena.take(bytes);
        if let Some(card) = card
            && let Err(error) = inner.make(card, span)
        {
            inner.arena.give(span);
            return Err(error);
        }
        Ok(span)
    }

    pub fn give(&self, span: Span) {
        self.inner().arena.give(span);
    }

    /// The block of a span; there is none on paper.
    pub fn block(&self, span: Span) -> Option<wgpu::Buffer> {
        self.inner().blocks.get(span.block)?.clone()
    }

    /// By block, the bytes that were ever used.
    pub fn high_water(&self) -> Vec<u64> {
        self.inner().arena.high_water()
    }

    /// Bytes of all blocks that were made.
    pub fn made(&self) -> u64 {
        self.inner().blocks.iter().flatten().map(wgpu::Buffer::size).sum()
    }
}

impl Inner {
    fn make(&mut self, card: &Card, span: Span) -> Result<(), GpuError> {
        if span.bytes > card.most {
            return Err(GpuError::TooLarge { bytes: span.bytes, most: card.most });
        }
        if self.blocks.len() <= span.block {
            self.blocks.resize(span.block + 1, None);
        }
        if self.blocks[span.block].is_none() {
            let size = self.arena.size(span.block).min(card.most);
            self.blocks[span.block] = Some(buffer(card, size)?);
        }
        Ok(())
    }
}

/// Memory of the card that kernels work on.
///
/// # Errors
/// [`GpuError::OutOfMemory`].
pub fn buffer(card: &Card, size: u64) -> Result<wgpu::Buffer, GpuError> {
    if card.faults.meets(Fault::NoMemory) {
        return Err(GpuError::OutOfMemory { bytes: size });
    }
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
    let descriptor = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
    card.with_room(size, |device| device.create_buffer(&descriptor))
}
