//! What neither the photo nor an eye shows: holes beside things that are nearer, and at the picture's sides.
//!
//! A hole belongs to what lies behind. So it is filled from that of its two ends which is farther away, with the surface there
//! mirrored: its texture goes on, where repeating its last pixel would draw streaks. Nothing nearer gets in. Next to what is
//! nearer a photo mixes both colours, and an edge of depth may lie beside that of the photo: so a few pixels of that end are
//! made anew as well, where mirroring would show them twice.

use super::row::Row;

/// Surfaces whose parallax differs by less, pixels, are one.
const SAME: f32 = 1.0;

/// At the end of what lies behind, one pixel in so many of the picture's width is not trusted.
const TRUST: usize = 250;

/// Fills the holes of a row; `photo` is what it was made from.
pub(super) fn fill(row: &mut Row, photo: &[[f32; 3]]) {
    let is_hole: Vec<bool> = row.parallax.iter().map(|parallax| *parallax == f32::NEG_INFINITY).collect();
    let mut start = 0;
    while let Some(first) = (start..is_hole.len()).find(|&at| is_hole[at]) {
        let end = (first..is_hole.len()).find(|&at| !is_hole[at]).unwrap_or(is_hole.len());
        fill_one(row, &is_hole, first..end, photo);
        start = end;
    }
}

fn fill_one(row: &mut Row, is_hole: &[bool], hole: std::ops::Range<usize>, photo: &[[f32; 3]]) {
    let left = hole.start.checked_sub(1);
    let right = (hole.end < is_hole.len()).then_some(hole.end);
    let depth = |side: Option<usize>| side.map_or(f32::INFINITY, |at| row.parallax[at]);
    let from_left = depth(left) <= depth(right);
    let Some(side) = (if from_left { left } else { right }) else {
        // Everything has left the picture.
        hole.for_each(|at| row.colours[at] = photo[at]);
        return;
    };
    // Away from the hole, as long as it is the same surface or one behind it.
    let inwards = |step: usize| if from_left { side.checked_sub(step) } else { Some(side + step) };
    let doubt = if left.is_some() && right.is_some() { hole.len().min(is_hole.len() / TRUST) } else { 0 };
    let mut behind = row.parallax[side];
    let surface: Vec<[f32; 3]> = (0..hole.len() + 2 * doubt)
        .map_while(|step| {
            let at = inwards(step).filter(|&at| at < is_hole.len() && !is_hole[at])?;
            (row.parallax[at] <= behind + SAME).then(|| {
                behind = row.parallax[at];
                row.colours[at]
            })
        })
        .collect();
    // A surface that is as narrow as that is better than none.
    let doubt = if surface.len() > 2 * doubt { doubt } else { 0 };
    let sure = &surface[doubt..];
    let whole = if from_left { hole.start - doubt..hole.end } else { hole.start..hole.end + doubt };
    let count = whole.len();
    for (place, at) in whole.enumerate() {
        let step = if from_left { place } else { count - 1 - place };
        row.colours[at] = sure[mirrored(step, sure.len())];
    }
}

/// The place of step number `step` in so many that are walked to and fro.
fn mirrored(step: usize, count: usize) -> usize {
    let step = step % (2 * count);
    step.min(2 * count - 1 - step)
}
