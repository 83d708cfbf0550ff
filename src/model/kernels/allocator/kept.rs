//! The freed blocks that are kept for the next allocation of their size.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes and number of the free blocks that are kept.
const MOST_KEPT: usize = 12 << 20;
const KEPT_BLOCKS: usize = 8;

static KEPT: Mutex<Kept> = Mutex::new(Kept([(0, 0); KEPT_BLOCKS]));

/// Free blocks by address and size, oldest first; empty places have size 0.
struct Kept([(usize, usize); KEPT_BLOCKS]);

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

/// Nothing allocates while this is held: the allocator itself takes it.
fn lock() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The newest kept block of this size, which belongs to the caller now.
pub fn take(size: usize) -> Option<usize> {
    lock().take(size)
}

/// Keeps a block, or unmaps it.
///
/// # Safety
/// The block was mapped with this size, and nobody uses it any more.
pub unsafe fn put(address: usize, size: usize) {
    // SAFETY: what leaves the list was put in by a caller who gave it up.
    lock().put(address, size, |old, size| unsafe { unmap(old, size) });
}

/// Unmaps every kept block. The lock is held meanwhile, so that who waits for it finds the memory there.
pub fn give_back() {
    let mut kept = lock();
    for (address, size) in std::mem::replace(&mut kept.0, [(0, 0); KEPT_BLOCKS]) {
        if size > 0 {
            // SAFETY: what is kept was given up by its owner and is in the list once.
            unsafe { unmap(address, size) };
        }
    }
}

/// # Safety
/// The block was mapped with this size, and nobody uses it any more.
unsafe fn unmap(address: usize, size: usize) {
    // SAFETY: the caller's promise is passed on.
    unsafe { libc::munmap(address as *mut libc::c_void, size) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_block_goes_first() {
        const SIZE: usize = 256 << 10;
        let mut kept = Kept([(0, 0); KEPT_BLOCKS]);
        let mut freed = Vec::new();
        for address in 1..=KEPT_BLOCKS + 2 {
            kept.put(address, SIZE, |old, _| freed.push(old));
        }
        assert_eq!(freed, [1, 2]);
        assert_eq!((kept.take(SIZE), kept.take(2 * SIZE)), (Some(KEPT_BLOCKS + 2), None));
        kept.put(99, MOST_KEPT, |old, _| freed.push(old));
        assert_eq!((freed.len(), kept.take(MOST_KEPT), kept.take(SIZE)), (KEPT_BLOCKS + 1, Some(99), None));
    }

    #[test]
    fn no_more_is_kept_than_was_said() {
        let mut kept = Kept([(0, 0); KEPT_BLOCKS]);
        for size in [1 << 20, 5 << 20, 20 << 20, 4 << 20, 8 << 20, 12 << 20, 1 << 20] {
            kept.put(size, size, |_, _| ());
            assert!(kept.0.iter().map(|block| block.1).sum::<usize>() <= MOST_KEPT);
        }
    }
}
