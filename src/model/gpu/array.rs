//! Numbers in a card's memory.

use std::sync::Arc;

use super::arena::{STEP, Span};
use super::runner::Operand;
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
    place: Place,
}

#[derive(Debug)]
enum Place {
    Arena(Span),
    /// Memory of its own, for what outlives a pass; there is none on paper.
    Own(Option<wgpu::Buffer>),
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Place::Arena(span) = self.place {
            self.gpu.memory.give(span);
        }
    }
}

/// Rows of numbers, `stride` from one to the next.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub numbers: &'a Numbers,
    pub count: usize,
    pub stride: usize,
}

impl Numbers {
    /// Memory for so many numbers, with nothing in it yet.
    ///
    /// # Errors
    /// As [`super::memory::Memory::take`].
    pub fn new(gpu: &Arc<Gpu>, len: usize) -> Result<Self, GpuError> {
        let span = gpu.memory.take(gpu.card(), 4 * len as u64)?;
        Ok(Self::at(gpu, Place::Arena(span), len))
    }

    fn at(gpu: &Arc<Gpu>, place: Place, len: usize) -> Self {
        Self { held: Arc::new(Held { gpu: Arc::clone(gpu), place }), first: 0, len }
    }

    /// Numbers that stay for later passes: tables, and what of a network is no matrix.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`].
    pub fn kept(gpu: &Arc<Gpu>, values: &[f32]) -> Result<Self, GpuError> {
        let own = gpu.weights(bytemuck::cast_slice(values))?.into_buffer();
        Ok(Self::at(gpu, Place::Own(own), values.len()))
    }

    /// Numbers that a pass begins with.
    ///
    /// # Errors
    /// As [`Self::new`], and whatever was heard of the card.
    pub fn upload(gpu: &Arc<Gpu>, values: &[f32]) -> Result<Self, GpuError> {
        let numbers = Self::new(gpu, values.len())?;
        gpu.write(numbers.block(), numbers.offset(), values)?;
        Ok(numbers)
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
    fn offset(&self) -> u64 {
        let begin = if let Place::Arena(span) = self.held.place { span.offset } else { 0 };
        begin + 4 * self.first as u64
    }

    fn block(&self) -> Option<wgpu::Buffer> {
        match &self.held.place {
            Place::Arena(span) => self.held.gpu.memory.block(*span),
            Place::Own(own) => own.clone(),
        }
    }

    /// What a kernel is shown of them. What stands before a number that cannot be bound is bound as well: see [`Self::skipped`].
    pub(super) fn operand(&self) -> Operand {
        let from = self.offset() - self.offset() % STEP;
        let to = (self.offset() + 4 * self.len as u64).next_multiple_of(16);
        Operand { buffer: self.block(), from, bytes: to - from }
    }

    /// Numbers that a kernel must skip in what it is shown.
    pub(super) fn skipped(&self) -> u32 {
        (self.offset() % STEP / 4) as u32
    }

    /// Reads them, when all that was asked for before is done. On paper they are zeros.
    ///
    /// # Errors
    /// Whatever has gone wrong on the card since it was last read.
    pub fn read(&self) -> Result<Vec<f32>, GpuError> {
        self.held.gpu.read(self.block(), self.offset(), self.len)
    }
}
