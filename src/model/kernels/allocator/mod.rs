//! The program's allocator on Linux, and how a program that may not take more memory goes on all the same.
//!
//! Rust ends the program where an allocation fails, and an allocator may not unwind. Under a hard limit (`ulimit -v`,
//! which counts addresses, not resident pages) a run that is larger than was reckoned would end the window with it. So
//! a run sets addresses aside before it starts ([`hold_reserve`]). When memory cannot be had the allocator gives these
//! up, notes that it ran short, and tries again; the run looks at the note ([`take_ran_short`]) between its parts and
//! ends with an error, for which there is memory now.
//!
//! All of this works where [`Recycling`] is the global allocator; elsewhere nothing is held and nothing runs short.

mod counted;
#[cfg(target_os = "linux")]
mod kept;
#[cfg(target_os = "linux")]
mod recycling;
#[cfg(target_os = "linux")]
mod reserve;

pub use counted::heap_bytes;
pub(super) use counted::{count_in, count_out};
#[cfg(target_os = "linux")]
pub use recycling::Recycling;

/// Sets addresses aside for bad times, instead of those set aside before; `false` where they cannot be had. They take
/// no memory, but count under a limit of addresses. 0 bytes are no reserve and can always be had.
///
/// The note that [`take_ran_short`] reads stays as it is.
pub fn hold_reserve(bytes: usize) -> bool {
    #[cfg(target_os = "linux")]
    return reserve::hold(bytes);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = bytes;
        false
    }
}

/// Gives up the addresses set aside.
pub fn release_reserve() {
    #[cfg(target_os = "linux")]
    reserve::release();
}

/// Whether memory could not be had without the reserve since this was last asked.
pub fn take_ran_short() -> bool {
    #[cfg(target_os = "linux")]
    return reserve::take_ran_short();
    #[cfg(not(target_os = "linux"))]
    false
}

/// Gives freed memory that is kept for further use back to the system. For the end of a run and of a model: what comes
/// next may be of other sizes, or not come.
pub fn give_back() {
    #[cfg(target_os = "linux")]
    {
        kept::give_back();
        // SAFETY: takes no pointers, and may be called at any time and from any thread.
        #[cfg(target_env = "gnu")]
        unsafe {
            libc::malloc_trim(0)
        };
    }
}

/// Lets small blocks come from one arena. For the beginning of `main`: otherwise each thread gets an arena of its own,
/// each takes 64 MB of addresses, and one that is made in need would take the whole reserve. Large blocks come from no
/// arena and the smallest from each thread's cache, so that threads hardly wait for each other.
pub fn use_one_arena() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets a number; takes no pointers. Where it is refused everything stays as it was.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1)
    };
}
