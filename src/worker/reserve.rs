//! Addresses that a run sets aside where they have a limit, so that the allocation that meets it succeeds, and the run hears
//! of it before the next one.

use crate::memory::address_space;
use crate::model::kernels::{hold_reserve, take_ran_short};

/// As much is set aside at most.
const MOST: u64 = 256 << 20;

/// Sets aside half of what a run that takes `need_bytes` leaves of the addresses.
pub(super) fn set_aside(need_bytes: u64) {
    let left = left().map(|left| left.saturating_sub(need_bytes));
    hold(left.map(|left| left / 2));
}

/// The same after what was set aside had to be given up: a quarter of what the end of a pass has left.
pub(super) fn set_aside_again() {
    hold(left().map(|left| left / 4));
}

fn left() -> Option<u64> {
    let space = address_space()?;
    Some(space.limit_bytes.saturating_sub(space.used_bytes))
}

fn hold(bytes: Option<u64>) {
    take_ran_short();
    if let Some(bytes) = bytes {
        hold_reserve(bytes.min(MOST) as usize);
    }
}
