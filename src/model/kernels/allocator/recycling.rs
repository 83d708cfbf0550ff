//! The allocator: large blocks come from the system and a few of them are used again.
//!
//! A run allocates and frees maps of some megabytes again and again. A general allocator either keeps what is freed,
//! which for a while doubles the peak of a run, or gives it back at once, and then every new map is paid for in page
//! faults. Here the latest few are kept ([`kept`]), and everything else is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;

use super::counted::{count_in, count_out};
use super::{kept, reserve};

/// Blocks of at least this size are handled here.
const LARGE: usize = 1 << 20;
/// Large blocks come in multiples of this, so that a block of nearly the same size can serve again.
const STEP: usize = 256 << 10;

/// The system's allocator for small blocks, mappings of their own for large ones. What it keeps, holds and counts is
/// the program's, not the value's: a program has one.
#[derive(Default)]
pub struct Recycling;

impl Recycling {
    pub const fn new() -> Self {
        Self
    }
}

/// Size of the block that serves this layout, or `None` where it is small.
fn block_of(layout: Layout) -> Option<usize> {
    (layout.size() >= LARGE && layout.align() <= 4096).then(|| layout.size().next_multiple_of(STEP))
}

/// Where `get` gets nothing it tries again without the kept blocks, then without the reserve.
fn insist(get: impl Fn() -> *mut u8) -> *mut u8 {
    let block = get();
    if block.is_null() { insist_in_need(get) } else { block }
}

#[cold]
fn insist_in_need(get: impl Fn() -> *mut u8) -> *mut u8 {
    kept::give_back();
    let block = get();
    if !block.is_null() {
        return block;
    }
    reserve::fall_back_on();
    get()
}

/// A large block, and whether it is known to be zero.
fn block(size: usize) -> (*mut u8, bool) {
    let (block, is_zero) = match kept::take(size) {
        Some(address) => (address as *mut u8, false),
        None => (insist(|| map(size)), true),
    };
    if !block.is_null() {
        count_in(size);
    }
    (block, is_zero)
}

/// Zeros from the system; null where there are none.
fn map(size: usize) -> *mut u8 {
    // SAFETY: an anonymous private mapping of a size that is not zero touches nothing that exists.
    let block = unsafe {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        libc::mmap(null_mut(), size, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
    if block == libc::MAP_FAILED {
        return null_mut();
    }
    // SAFETY: advice about the mapping just made: filled with large pages, it costs fewer page faults.
    unsafe { libc::madvise(block, size, libc::MADV_HUGEPAGE) };
    block.cast()
}

// SAFETY: small layouts go to the system's allocator and come back to it, because which are small follows from the
// layout alone. Large ones get a mapping of their own of at least their size, aligned to a page, that nobody else has
// until it is freed. Nothing here allocates or unwinds.
unsafe impl GlobalAlloc for Recycling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(size) = block_of(layout) {
            return block(size).0;
        }
        // SAFETY: the caller's promise is passed on.
        insist(|| unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if let Some(size) = block_of(layout) {
            let (block, is_zero) = block(size);
            if !is_zero {
                // SAFETY: the block has at least the layout's size.
                unsafe { block.write_bytes(0, layout.size()) };
            }
            return block;
        }
        // SAFETY: the caller's promise is passed on.
        insist(|| unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(size) = block_of(layout) {
            count_out(size);
            // SAFETY: what is given back was mapped here with this size, and nobody uses it any more.
            return unsafe { kept::put(block as usize, size) };
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: `size` is not zero and does not overflow, as the caller promised.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if block_of(layout).is_some() || block_of(wanted).is_some() {
            // SAFETY: a new block, which does not overlap the old one; the smaller size fits both.
            unsafe {
                let new = self.alloc(wanted);
                if !new.is_null() {
                    new.copy_from_nonoverlapping(block, layout.size().min(size));
                    self.dealloc(block, layout);
                }
                return new;
            }
        }
        // SAFETY: the caller's promise is passed on; where this fails the old block stays as it was.
        insist(|| unsafe { System.realloc(block, layout, wanted.size()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_blocks_are_zero_when_asked_and_keep_what_is_in_them() {
        let allocator = Recycling::new();
        let layout = |bytes: usize| Layout::from_size_align(bytes, 64).expect("a layout");
        for bytes in [100, LARGE - 1, LARGE, LARGE + 1, 3 * LARGE + 5, LARGE, 20 << 20, 3 * LARGE] {
            // SAFETY: blocks are used within their size and freed with their layout.
            unsafe {
                let block = allocator.alloc_zeroed(layout(bytes));
                let numbers = std::slice::from_raw_parts_mut(block, bytes);
                assert!(numbers.iter().all(|&byte| byte == 0), "{bytes}");
                numbers.fill(0xff);
                allocator.dealloc(block, layout(bytes));
            }
            // SAFETY: as above; the block grows and shrinks across the border between small and large.
            unsafe {
                let block = allocator.alloc(layout(8));
                block.write_bytes(7, 8);
                let block = allocator.realloc(block, layout(8), bytes);
                let block = allocator.realloc(block, layout(bytes), 16);
                assert!(std::slice::from_raw_parts(block, 8).iter().all(|&byte| byte == 7));
                allocator.dealloc(block, layout(16));
            }
        }
    }
}
