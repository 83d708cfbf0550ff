//! A card with its memory and its work; or paper, on which a run is reckoned that needs no card.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cost::{Cost, Reckoned};
use super::kernels::{Checks, Kernels};
use super::memory::{Memory, buffer};
use super::shader::{Template, Values};
use super::submit::{Pending, Ready};
use super::{Card, Fault, GpuError};

/// Operations of one dispatch, at most: less than a hundredth of a second on the slowest card that is worth it.
const LONGEST: usize = 20_000_000_000;

/// Bytes that may wait for the card beside where they go.
const MOST_UNSENT: u64 = 64 << 20;

/// Where the networks' operations are asked for.
#[derive(Debug)]
pub struct Gpu {
    card: Option<Card>,
    pub(super) memory: Memory,
    kernels: Kernels,
    pending: Mutex<Pending>,
    /// Bytes of weights that were uploaded, or would be.
    weight_bytes: AtomicU64,
    longest: usize,
    /// Bytes of weights that were written since something was sent.
    unsent: AtomicU64,
}

/// An array of a dispatch: which memory, from where, how much; there is none on paper.
#[derive(Clone, Debug)]
pub struct Operand {
    pub buffer: Option<wgpu::Buffer>,
    pub from: u64,
    pub bytes: u64,
}

/// Numbers that stay: read by kernels and never written.
#[derive(Clone, Debug)]
pub struct Weights {
    /// `None` on paper.
    buffer: Option<wgpu::Buffer>,
    pub bytes: u64,
}

impl Weights {
    pub(super) fn operand(&self) -> Operand {
        Operand { buffer: self.buffer.clone(), from: 0, bytes: self.bytes }
    }

    pub(super) fn into_buffer(self) -> Option<wgpu::Buffer> {
        self.buffer
    }
}

/// What a kernel is asked for.
#[derive(Debug)]
pub struct Dispatch<'a> {
    pub template: &'a Template,
    pub values: Values<'a>,
    /// By binding, from 1 on.
    pub arrays: &'a [(u32, Operand)],
    pub parameters: &'a [u32],
    pub groups: [usize; 3],
    pub cost: Cost,
}

impl Gpu {
    pub fn new(card: Card, checks: Checks) -> Arc<Self> {
        Arc::new(Self::of(Some(card), checks))
    }

    /// Nothing is calculated, and everything is written down.
    pub fn on_paper() -> Arc<Self> {
        Arc::new(Self::of(None, Checks::default()))
    }

    fn of(card: Option<Card>, checks: Checks) -> Self {
        let (memory, kernels) = (Memory::default(), Kernels::new(checks));
        Self {
            card,
            memory,
            kernels,
            pending: Mutex::default(),
            weight_bytes: AtomicU64::new(0),
            longest: LONGEST,
            unsent: AtomicU64::new(0),
        }
    }

    /// With other limits for one dispatch, for tests.
    #[cfg(test)]
    pub fn with_longest(card: Card, checks: Checks, longest: usize) -> Arc<Self> {
        Arc::new(Self { longest, ..Self::of(Some(card), checks) })
    }

    /// Operations that one dispatch may take.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    pub fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a pass: how large blocks are to be, from [`Self::high_water`] of the same pass on paper.
    pub fn prepare(&self, high_water: &[u64]) {
        self.memory.prepare(high_water);
    }

    /// On paper, before another pass is reckoned: what the last one took is forgotten.
    pub fn turn_page(&self) -> Reckoned {
        self.memory.prepare(&[]);
        self.reckoned()
    }

    /// By block, the bytes that arrays ever took.
    pub fn high_water(&self) -> Vec<u64> {
        self.memory.high_water()
    }

    /// Bytes of arrays that the card was asked for.
    pub fn made(&self) -> u64 {
        self.memory.made()
    }

    /// Bytes of weights that were ever given to the card.
    pub fn weight_bytes(&self) -> u64 {
        self.weight_bytes.load(Ordering::Relaxed)
    }

    /// What was asked for since this was last called.
    pub fn reckoned(&self) -> Reckoned {
        std::mem::take(&mut self.pending().reckoned)
    }

    /// On paper: names and texts of the kernels that a card would be given.
    pub fn noted(&self) -> Vec<(&'static str, String)> {
        self.kernels.noted()
    }

    /// Numbers that stay on the card, exactly these bytes.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`].
    pub fn weights(&self, bytes: &[u8]) -> Result<Weights, GpuError> {
        let reckoned = self.reckoned_weights(bytes.len() as u64);
        let Some(card) = &self.card else { return Ok(reckoned) };
        let made = buffer(card, reckoned.bytes)?;
        written(card, &made, 0, bytes)?;
        // What is written lies twice in memory until something is submitted.
        if self.unsent.fetch_add(reckoned.bytes, Ordering::Relaxed) + reckoned.bytes > MOST_UNSENT {
            self.unsent.store(0, Ordering::Relaxed);
            self.pending().send(card)?;
        }
        Ok(Weights { buffer: Some(made), ..reckoned })
    }

    /// Their place on paper.
    pub(super) fn reckoned_weights(&self, bytes: u64) -> Weights {
        let bytes = bytes.next_multiple_of(16);
        self.weight_bytes.fetch_add(bytes, Ordering::Relaxed);
        Weights { buffer: None, bytes }
    }

    /// Writes numbers into a block.
    ///
    /// # Errors
    /// Whatever was heard of the card.
    pub(super) fn write(&self, block: Option<wgpu::Buffer>, offset: u64, values: &[f32]) -> Result<(), GpuError> {
        if let (Some(card), Some(block)) = (&self.card, block) {
            // What is written comes before all that is submitted later, so that what waits must go: its arrays may lie there.
            self.pending().submit(Some(card))?;
            written(card, &block, offset, bytemuck::cast_slice(values))?;
        }
        Ok(())
    }

    /// Asks for work; it is done in the order in which it was asked for.
    ///
    /// # Errors
    /// [`GpuError::Kernel`], and whatever was heard of the card.
    pub fn run(&self, dispatch: Dispatch<'_>) -> Result<(), GpuError> {
        let ready = match &self.card {
            Some(card) => Some(self.ready(card, &dispatch)?),
            None => {
                self.kernels.note(dispatch.template, dispatch.values)?;
                None
            }
        };
        let mut pending = self.pending();
        if pending.is_full(dispatch.cost) {
            pending.submit(self.card())?;
        }
        pending.add(dispatch.template.name, ready, dispatch.cost);
        Ok(())
    }

    fn ready(&self, card: &Card, dispatch: &Dispatch<'_>) -> Result<Ready, GpuError> {
        let kernel = self.kernels.get(card, dispatch.template, dispatch.values)?;
        let nowhere = || GpuError::Driver { reason: "an array has no memory".into() };
        let array = |(place, Operand { buffer, from, bytes }): &(u32, Operand)| {
            Ok((*place, buffer.clone().ok_or_else(nowhere)?, *from, *bytes))
        };
        let arrays = dispatch.arrays.iter().map(array).collect::<Result<_, GpuError>>()?;
        let groups = dispatch.groups.map(|groups| groups as u32);
        debug_assert!(groups.iter().all(|groups| (1..=65_535).contains(groups)), "{groups:?}");
        Ok(Ready { kernel, arrays, parameters: dispatch.parameters.to_vec(), groups })
    }

    /// Sends on its way what was asked for.
    ///
    /// # Errors
    /// Whatever was heard of the card.
    pub fn submit(&self) -> Result<(), GpuError> {
        self.pending().submit(self.card())
    }

    /// Waits until all is done that was asked for.
    ///
    /// # Errors
    /// Whatever has gone wrong on the card since it was last read or waited for.
    pub fn wait(&self) -> Result<(), GpuError> {
        self.card.as_ref().map_or(Ok(()), |card| self.pending().wait(card))
    }

    /// For tests: lets something go wrong.
    pub fn suffer(&self, fault: Fault) {
        self.card.iter().for_each(|card| card.suffer(fault));
    }

    /// Reads so many numbers of a block, when all that was asked for before is done; zeros on paper.
    ///
    /// # Errors
    /// Whatever has gone wrong on the card since it was last read.
    pub(super) fn read(&self, block: Option<wgpu::Buffer>, offset: u64, len: usize) -> Result<Vec<f32>, GpuError> {
        let mut pending = self.pending();
        let (Some(card), Some(block)) = (&self.card, block) else {
            pending.submit(None)?;
            return Ok(vec![0.0; len]);
        };
        let bytes = pending.read(card, &block, offset, 4 * len as u64)?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect())
    }
}

/// Writes bytes, which takes as many again until something is submitted.
fn written(card: &Card, buffer: &wgpu::Buffer, offset: u64, bytes: &[u8]) -> Result<(), GpuError> {
    card.with_room(bytes.len() as u64, |_| card.queue.write_buffer(buffer, offset, bytes))
}
