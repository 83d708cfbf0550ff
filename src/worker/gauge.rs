//! What the thread that samples the memory has to know of the worker.

use std::sync::Mutex;

use crate::inference::Card;
use crate::memory::Sample;
use crate::model::kernels::heap_bytes;

/// The model that is loaded: its bytes, and the card it lies on.
#[derive(Default)]
pub(super) struct Gauge(Mutex<(u64, Option<Card>)>);

impl Gauge {
    pub fn set(&self, model_bytes: u64, card: Option<Card>) {
        if let Ok(mut known) = self.0.lock() {
            *known = (model_bytes, card);
        }
    }

    /// Adds to a sample what the system does not tell.
    pub fn complete(&self, sample: Sample) -> Sample {
        let Ok(known) = self.0.lock() else { return sample };
        let card = known.1.as_ref().and_then(Card::memory);
        Sample { model_bytes: known.0, held_bytes: heap_bytes(), card, ..sample }
    }
}
