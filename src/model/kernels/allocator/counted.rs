//! What large blocks hold, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of large blocks that are in use.
static HEAP: AtomicU64 = AtomicU64::new(0);

/// Bytes that large blocks hold now: weights, and everything else of a megabyte and more that comes from [`super::Recycling`].
/// It is what a model and a run take, as the program itself counts it; elsewhere than on Linux weights alone.
pub fn heap_bytes() -> u64 {
    HEAP.load(Ordering::Relaxed)
}

/// Counts a large block that was made, in the bytes that the system gave for it.
pub(in super::super) fn count_in(bytes: usize) {
    HEAP.fetch_add(bytes as u64, Ordering::Relaxed);
}

/// Counts a large block that is no longer used.
pub(in super::super) fn count_out(bytes: usize) {
    HEAP.fetch_sub(bytes as u64, Ordering::Relaxed);
}
