//! Fused attention: softmax(q·kᵀ/√d)·v without ever holding more scores than one tile.
//!
//! Keys and values are laid out in panels once. Each task then takes some rows of queries through all keys,
//! block by block, keeping for every row the greatest score, the sum of the exponentials and the weighted values so
//! far (the online softmax of Milakov and Gimelshein, 2018).

mod by_library;
mod by_tiles;
mod heads;
mod softmax;

pub(super) use by_library::chosen as chosen_library;
pub use heads::{Heads, PANEL_BYTES};

use super::apart::Thirds;
use super::element::Element;
use super::lines::Lines;
use super::panel::Runs;
use super::thirds::unit_for;

/// Attention of all tokens that ask over all tokens. Row t of the result, [heads · d], goes to `out[t · stride..]`.
/// `panels` is memory that may be kept for the next.
pub fn attention<E: Element>(heads: &Heads, out: &mut [E], stride: usize, panels: &mut Lines<u8>) {
    if let Some(library) = chosen_library().filter(|_| E::singles(&[]).is_some()) {
        by_library::attend(library, heads, out, stride, panels);
    } else if unit_for::<E>(Runs::one(heads.d), heads.asking()).is_some() {
        by_tiles::attend::<Thirds, E>(heads, out, stride, panels);
    } else {
        by_tiles::attend::<E, E>(heads, out, stride, panels);
    }
}

#[cfg(test)]
mod tests;
