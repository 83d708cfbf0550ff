//! Addresses that are set aside, and the note that they were needed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static RESERVE: Mutex<Reserve> = Mutex::new(Reserve { address: 0, size: 0 });
static RAN_SHORT: AtomicBool = AtomicBool::new(false);

/// A mapping that nobody may touch; none where its size is 0.
struct Reserve {
    address: usize,
    size: usize,
}

impl Reserve {
    fn release(&mut self) {
        if self.size > 0 {
            // SAFETY: the range was mapped in `hold`, is unmapped once, and nobody has a pointer into it.
            unsafe { libc::munmap(self.address as *mut libc::c_void, self.size) };
            self.size = 0;
        }
    }
}

/// Nothing allocates while this is held: the allocator itself takes it.
fn lock() -> MutexGuard<'static, Reserve> {
    RESERVE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn hold(bytes: usize) -> bool {
    let mut reserve = lock();
    reserve.release();
    if bytes == 0 {
        return true;
    }
    // SAFETY: an anonymous private mapping at a place of the system's choice touches nothing that exists.
    let block = unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0)
    };
    if block == libc::MAP_FAILED {
        return false;
    }
    *reserve = Reserve { address: block as usize, size: bytes };
    true
}

pub fn release() {
    lock().release();
}

/// Notes that memory could not be had, and gives up the reserve. Two threads may come here together: the second waits
/// for the lock, and so until what it will try again for is there.
pub fn fall_back_on() {
    RAN_SHORT.store(true, Ordering::Relaxed);
    lock().release();
}

pub fn take_ran_short() -> bool {
    RAN_SHORT.swap(false, Ordering::Relaxed)
}
