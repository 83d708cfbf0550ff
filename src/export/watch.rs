//! How far an export is, and the word that ends it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared between who exports and who looks on.
#[derive(Debug, Default)]
pub struct ExportWatch {
    written: AtomicU64,
    is_stopped: AtomicBool,
}

impl ExportWatch {
    /// Bytes that were written so far.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Ends the export soon; nothing of it is left then.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }
}
