//! The softmax of scores that come block by block: for every row the greatest score, the sum of the exponentials and the weighted
//! values so far.

use crate::model::kernels::math::exp2;
use crate::model::kernels::panel::PANEL;
use crate::model::kernels::simd::Simd;

/// Keys whose scores are held at once.
pub(super) const KEY_BLOCK: usize = 256;
/// From one row of scores to the next: rows a power of two apart would fight for the same lines of the first cache.
pub(super) const SCORE_STRIDE: usize = KEY_BLOCK + 32;

/// The softmax of one row as far as it has come.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub greatest: f32,
    pub total: f32,
}

/// Turns the scores of one row into weights relative to the greatest so far, and what was mixed before with them.
#[inline(always)]
pub(super) fn weigh<S: Simd>(s: S, scores: &mut [f32], keys: usize, state: &mut State, mixed: &mut [f32]) {
    // What only fills the last panel up must not count.
    scores[keys..].fill(f32::NEG_INFINITY);
    // Two chains at once, because each step of one waits for the step before.
    let mut most = [s.splat(state.greatest); 2];
    for scores in scores.chunks_exact(PANEL) {
        for lane in (0..PANEL).step_by(S::LANES) {
            let chain = lane / S::LANES % 2;
            most[chain] = s.max(most[chain], s.load(&scores[lane..]));
        }
    }
    let greatest = s.greatest(s.max(most[0], most[1]));
    let mut totals = [s.splat(0.0); 2];
    for scores in scores.chunks_exact_mut(PANEL) {
        for lane in (0..PANEL).step_by(S::LANES) {
            let chain = lane / S::LANES % 2;
            let weight = exp2(s, s.sub(s.load(&scores[lane..]), s.splat(greatest)));
            totals[chain] = s.add(totals[chain], weight);
            s.store(&mut scores[lane..], weight);
        }
    }
    let fade = if state.greatest == greatest { 1.0 } else { (state.greatest - greatest).exp2() };
    *state = State { greatest, total: state.total * fade + s.sum(s.add(totals[0], totals[1])) };
    if fade != 1.0 {
        for mixed in mixed.chunks_exact_mut(PANEL) {
            for lane in (0..PANEL).step_by(S::LANES) {
                let faded = s.mul(s.load(&mixed[lane..]), s.splat(fade));
                s.store(&mut mixed[lane..], faded);
            }
        }
    }
}
