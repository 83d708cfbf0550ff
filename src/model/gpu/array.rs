//! Numbers in a card's memory.

use std::sync::Arc;

use super::arena::Span;
use super::{Gpu, GpuError};

/// Numbers in f32 on a card, or on paper their place. A clone shares them; with the last one their memory is free for what comes
/// next on the card's queue, which does its work in order.
#[derive(Clone, Debug)]
pub struct Numbers {
    held: Arc<Held>,
    /// In numbers.
    first: usize,
    len: usize,
}

#[derive(Debug)]
struct Held {
    gpu: Arc<Gpu>,
    span: Span,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gpu.memory.give(self.span);
    }
}

impl Numbers {
    /// Memory for so many numbers, with nothing in it yet.
    ///
    /// # Errors
    /// As [`super::memory::Memory::take`].
    pub fn new(gpu: &Arc<Gpu>, len: usize) -> Result<Self, GpuError> {
        let span = gpu.memory.take(gpu.card(), 4 * len as u64)?;
        Ok(Self { held: Arc::new(Held { gpu: Arc::clone(gpu), span }), first: 0, len })
    }

    pub fn gpu(&self) -> &Arc<Gpu> {
        &self.held.gpu
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Some of the numbers, where they lie.
    pub fn part(&self, first: usize, len: usize) -> Self {
        assert!(first + len <= self.len, "{first} + {len} of {}", self.len);
        Self { held: Arc::clone(&self.held), first: self.first + first, len }
    }

    /// Where the first number lies in its block, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.held.span.offset + 4 * self.first as u64
    }

    pub(super) fn block(&self) -> Option<wgpu::Buffer> {
        self.held.gpu.memory.block(self.held.span)
    }

    /// Reads them, when all that was asked for before is done. On paper they are zeros.
    ///
    /// # Errors
    /// Whatever has gone wrong on the card since it was last read.
    pub fn read(&self) -> Result<Vec<f32>, GpuError> {
        self.held.gpu.read(self)
    }
}
