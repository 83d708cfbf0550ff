//! The program's allocator on Linux: large blocks come from the system and a few of them are used again.
//!
//! A run allocates and frees maps of some megabytes again and again. A general allocator either keeps what is freed,
//! which for a while doubles the peak of a run, or gives it back at once, and then every new map is paid for in page
//! faults. Here the latest few are kept, up to [`MOST_KEPT`] bytes in all, and everything else is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, PoisonError};

/// Blocks of at least this size are handled here.
const LARGE: usize = 1 << 20;
/// Large blocks come in multiples of this, so that a block of nearly the same size can serve again.
const STEP: usize = 256 << 10;
/// Bytes and number of the free blocks that are kept.
const MOST_KEPT: usize = 12 << 20;
const KEPT_BLOCKS: usize = 8;

/// The system's allocator for small blocks, mappings of their own for large ones.
pub struct Recycling {
    kept: Mutex<Kept>,
}

/// Free blocks by address and size, oldest first; empty places have size 0.
struct Kept([(usize, usize); KEPT_BLOCKS]);

impl Recycling {
    pub const fn new() -> Self {
        Self { kept: Mutex::new(Kept([(0, 0); KEPT_BLOCKS])) }
    }
}

impl Default for Recycling {
    fn default() -> Self {
        Self::new()
    }
}

impl Kept {
    /// Takes out the newest block of this size.
    fn take(&mut self, size: usize) -> Option<usize> {
        let at = self.0.iter().rposition(|block| block.1 == size)?;
        let address = self.0[at].0;
        self.remove(at);
        Some(address)
    }

    /// Puts in a block and says which must go: first the ones that were asked to wait longest.
    fn put(&mut self, address: usize, size: usize, mut free: impl FnMut(usize, usize)) {
        if size > MOST_KEPT {
            return free(address, size);
        }
        while self.0[KEPT_BLOCKS - 1].1 != 0 || self.0.iter().map(|block| block.1).sum::<usize>() + size > MOST_KEPT {
            let (oldest, its_size) = self.0[0];
            self.remove(0);
            free(oldest, its_size);
        }
        let empty = self.0.iter().position(|block| block.1 == 0).unwrap_or(KEPT_BLOCKS - 1);
        self.0[empty] = (address, size);
    }

    fn remove(&mut self, at: usize) {
        self.0.copy_within(at + 1.., at);
        self.0[KEPT_BLOCKS - 1] = (0, 0);
    }
}

impl Recycling {
    /// Size of the block that serves this layout, or `None` where it is small.
    fn block_of(layout: Layout) -> Option<usize> {
        (layout.size() >= LARGE && layout.align() <= 4096).then(|| layout.size().next_multiple_of(STEP))
    }

    /// A block, and whether it is known to be zero.
    fn block(&self, size: usize) -> (*mut u8, bool) {
        if let Some(address) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take(size) {
            return (address as *mut u8, false);
        }
        // SAFETY: an anonymous private mapping of a size that is not zero touches nothing that exists.
        let block = unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(std::ptr::null_mut(), size, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        if block == libc::MAP_FAILED {
            return (std::ptr::null_mut(), true);
        }
        // SAFETY: advice about the mapping just made: filled with large pages, it costs fewer page faults.
        unsafe { libc::madvise(block, size, libc::MADV_HUGEPAGE) };
        (block.cast(), true)
    }
}

// SAFETY: small layouts go to the system's allocator and come back to it, because which are small follows from the
// layout alone. Large ones get a mapping of their own of at least their size, aligned to a page, that nobody else has
// until it is freed.
unsafe impl GlobalAlloc for Recycling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(size) = Self::block_of(layout) {
            return self.block(size).0;
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if let Some(size) = Self::block_of(layout) {
            let (block, is_zero) = self.block(size);
            if !is_zero {
                // SAFETY: the block has at least the layout's size.
                unsafe { block.write_bytes(0, layout.size()) };
            }
            return block;
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(size) = Self::block_of(layout) {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            // SAFETY: what is given back was mapped here with this size, and nobody uses it any more.
            return kept.put(block as usize, size, |old, size| unsafe {
                libc::munmap(old as *mut libc::c_void, size);
            });
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: `size` is not zero and does not overflow, as the caller promised.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if Self::block_of(layout).is_some() || Self::block_of(wanted).is_some() {
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
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(block, layout, wanted.size()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_blocks_are_zero_when_asked_and_come_back_within_the_limit() {
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
            let kept = allocator.kept.lock().expect("no panic while it is held");
            assert!(kept.0.iter().map(|block| block.1).sum::<usize>() <= MOST_KEPT);
        }
    }

    #[test]
    fn the_oldest_block_goes_first() {
        let mut kept = Kept([(0, 0); KEPT_BLOCKS]);
        let mut freed = Vec::new();
        for address in 1..=KEPT_BLOCKS + 2 {
            kept.put(address, STEP, |old, _| freed.push(old));
        }
        assert_eq!(freed, [1, 2]);
        assert_eq!((kept.take(STEP), kept.take(2 * STEP)), (Some(KEPT_BLOCKS + 2), None));
        kept.put(99, MOST_KEPT, |old, _| freed.push(old));
        assert_eq!((freed.len(), kept.take(MOST_KEPT), kept.take(STEP)), (KEPT_BLOCKS + 1, Some(99), None));
    }
}
