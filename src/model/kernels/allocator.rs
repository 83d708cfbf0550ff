//! Memory that was freed and that the allocator keeps for later, given back to the system.

/// To be called between the parts of a run, where much memory was freed that what follows does not need: then the parts
/// do not add up to the peak.
pub fn give_back_freed_memory() {
    #[cfg(feature = "mimalloc")]
    {
        // From mimalloc's C interface, which the allocator of the program is linked with.
        unsafe extern "C" {
            fn mi_collect(force: bool);
        }
        // SAFETY: collects what is free; it has no other condition.
        unsafe { mi_collect(true) }
    }
}
