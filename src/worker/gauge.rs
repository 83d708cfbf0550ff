//! What the thread that samples the memory has to know of the worker.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::inference::Devices;
use crate::memory::Sample;
use crate::model::kernels::heap_bytes;

/// The model that is loaded, and the card that may hold it.
pub(super) struct Gauge {
    model_bytes: AtomicU64,
    devices: Devices,
}

impl Gauge {
    pub fn new(devices: Devices) -> Self {
        Self { model_bytes: AtomicU64::new(0), devices }
    }

    /// Bytes of the model that is loaded; 0 for none.
    pub fn set(&self, model_bytes: u64) {
        self.model_bytes.store(model_bytes, Ordering::Relaxed);
    }

    /// Adds to a sample what the system does not tell.
    pub fn complete(&self, sample: Sample) -> Sample {
        let (model_bytes, card) = (self.model_bytes.load(Ordering::Relaxed), self.devices.card_memory());
        Sample { model_bytes, held_bytes: heap_bytes(), card, ..sample }
    }
}
