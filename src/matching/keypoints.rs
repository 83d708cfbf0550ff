//! Keypoints of a heat map: its peaks, where exactly they lie, and how good they are.

use rayon::prelude::*;

use crate::model::xfeat::{CELL, XFeatMaps};

/// Pixels around a peak that are not greater.
const REACH: usize = 2;
/// What a peak must exceed.
const THRESHOLD: f32 = 0.05;

/// A peak of the heat map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keypoint {
    /// The pixel.
    pub at: [usize; 2],
    /// Where between pixels it lies.
    pub exact: [f32; 2],
    pub score: f32,
}

/// The `top_k` best keypoints, best first; equal ones in the order of their pixels. `is_wanted` is asked for each peak's (x, y).
pub fn keypoints(maps: &XFeatMaps, top_k: usize, is_wanted: impl Fn([usize; 2]) -> bool + Sync) -> Vec<Keypoint> {
    let of_row = |y: usize| {
        let peaks = (0..maps.width).map(|x| [x, y]).filter(|&at| is_peak(maps, at) && is_wanted(at));
        peaks.map(|at| Keypoint { at, exact: exact(maps, at), score: score(maps, at) }).collect::<Vec<_>>()
    };
    // Rows one by one and then in their order: the number of threads changes nothing.
    let rows: Vec<Vec<Keypoint>> = (0..maps.height).into_par_iter().map(of_row).collect();
    let mut all: Vec<Keypoint> = rows.into_iter().flatten().filter(|keypoint| keypoint.score > 0.0).collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all.truncate(top_k);
    all
}

/// The heat of the pixels around one, itself among them, and where they lie; outside the picture there are none.
fn around(maps: &XFeatMaps, [x, y]: [usize; 2]) -> impl Iterator<Item = ([usize; 2], f32)> {
    let rows = y.saturating_sub(REACH)..maps.height.min(y + REACH + 1);
    rows.flat_map(move |row| {
        let columns = x.saturating_sub(REACH)..maps.width.min(x + REACH + 1);
        columns.map(move |column| ([column, row], maps.heat[row * maps.width + column]))
    })
}

/// As the network's authors have it, which leaves out the first pixel.
fn is_peak(maps: &XFeatMaps, [x, y]: [usize; 2]) -> bool {
    let heat = maps.heat[y * maps.width + x];
    heat > THRESHOLD && [x, y] != [0, 0] && around(maps, [x, y]).all(|(_, other)| other <= heat)
}

/// The mean of the places around a peak, each counted by its heat. Matches lie a quarter nearer to where they should than on
/// whole pixels: docs/cameras.md has the figures, also of a parabola through the peak's neighbours, which gains less.
fn exact(maps: &XFeatMaps, at: [usize; 2]) -> [f32; 2] {
    let (mut total, mut sums) = (0.0, [0.0; 2]);
    for (place, heat) in around(maps, at) {
        total += heat;
        for (sum, (place, at)) in sums.iter_mut().zip(place.iter().zip(at)) {
            *sum += heat * (*place as f32 - at as f32);
        }
    }
    [0, 1].map(|axis| at[axis] as f32 + sums[axis] / total)
}

/// The heat of a pixel times how reliable its surroundings are.
fn score(maps: &XFeatMaps, [x, y]: [usize; 2]) -> f32 {
    let (width, height) = (maps.width / CELL, maps.height / CELL);
    let reliability = |x: isize, y: isize| {
        let inside = (0..width as isize).contains(&x) && (0..height as isize).contains(&y);
        if inside { maps.reliability[y as usize * width + x as usize] } else { 0.0 }
    };
    let [(left, across), (top, down)] = [on_cells(x, maps.width), on_cells(y, maps.height)];
    let row = |y: isize| (1.0 - across) * reliability(left, y) + across * reliability(left + 1, y);
    maps.heat[y * maps.width + x] * ((1.0 - down) * row(top) + down * row(top + 1))
}

/// Where a pixel of `side` lies among the cells along that side: the cell before, and how far beyond its middle. Two
/// conventions are mixed here, because the network was trained with that.
pub fn on_cells(at: usize, side: usize) -> (isize, f32) {
    let place = at as f32 / (side - 1) as f32 * (side / CELL) as f32 - 0.5;
    let before = place.floor();
    (before as isize, place - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 64×32 pixels with this heat, reliable everywhere.
    fn maps(hot: &[([usize; 2], f32)]) -> XFeatMaps {
        let mut heat = vec![0.01; 64 * 32];
        hot.iter().for_each(|&([x, y], value)| heat[y * 64 + x] = value);
        XFeatMaps { height: 32, width: 64, heat, reliability: vec![1.0; 8 * 4], features: Vec::new() }
    }

    fn found(maps: &XFeatMaps, top_k: usize) -> Vec<[usize; 2]> {
        keypoints(maps, top_k, |_| true).iter().map(|keypoint| keypoint.at).collect()
    }

    #[test]
    fn peaks_come_best_first_and_hide_what_is_near() {
        let maps = maps(&[([20, 10], 0.5), ([22, 12], 0.4), ([23, 10], 0.3), ([40, 20], 0.8), ([50, 20], 0.05)]);
        assert_eq!(found(&maps, 10), [[40, 20], [20, 10]]);
        assert_eq!(found(&maps, 1), [[40, 20]]);
        assert_eq!(keypoints(&maps, 10, |[x, _]| x < 30).len(), 1);
    }

    #[test]
    fn equal_neighbours_both_count_and_the_first_pixel_never_does() {
        let maps = maps(&[([20, 10], 0.5), ([21, 10], 0.5), ([0, 0], 0.9), ([63, 31], 0.2)]);
        assert_eq!(found(&maps, 10)[..2], [[20, 10], [21, 10]]);
        assert_eq!(found(&maps, 10).len(), 3);
    }

    #[test]
    fn a_peak_lies_where_its_heat_does() {
        let mut maps = maps(&[([20, 10], 0.6), ([21, 10], 0.3)]);
        maps.heat.iter_mut().filter(|heat| **heat < 0.1).for_each(|heat| *heat = 0.0);
        let [keypoint] = keypoints(&maps, 1, |_| true)[..] else { panic!("one peak") };
        assert!((keypoint.exact[0] - 20.0 - 1.0 / 3.0).abs() < 1e-5 && keypoint.exact[1] == 10.0, "{keypoint:?}");
    }

    #[test]
    fn what_is_found_again_badly_counts_less_and_beyond_the_rim_is_nothing() {
        let mut maps = maps(&[([20, 10], 0.5), ([63, 16], 0.5)]);
        maps.reliability.fill(0.4);
        let [inside, rim] = keypoints(&maps, 2, |_| true)[..] else { panic!("two peaks") };
        assert!((inside.score - 0.2).abs() < 1e-6);
        // The last column lies half a cell beyond the middle of the last one.
        assert!((rim.score - 0.1).abs() < 1e-6, "{rim:?}");
    }
}
