//! Bilinear resizing of a single-channel map with aligned corners.

use rayon::prelude::*;

/// `map` (row-major, `old` = [width, height]) resized to `new` = [width, height] so that the corner samples coincide.
///
/// Source coordinates are index·((in−1)/(out−1)) in f32: the reference's rounding, which exact coordinates would miss.
///
/// # Panics
/// When `map` does not hold `old`[0]·`old`[1] values, or none.
pub fn bilinear(map: &[f32], old: [u32; 2], new: [u32; 2]) -> Vec<f32> {
    let [width, height] = old.map(|side| side as usize);
    assert!(!map.is_empty() && map.len() == width * height, "{} values for {width}×{height}", map.len());
    let columns = neighbours(width, new[0] as usize);
    let rows = neighbours(height, new[1] as usize);
    let mut out = vec![0f32; columns.len() * rows.len()];
    out.par_chunks_mut(columns.len().max(1)).zip(&rows).for_each(|(line, row)| {
        let (upper, lower) = (&map[row.before * width..][..width], &map[row.after * width..][..width]);
        for (sample, column) in line.iter_mut().zip(&columns) {
            let across = |line: &[f32]| (1.0 - column.share) * line[column.before] + column.share * line[column.after];
            *sample = (1.0 - row.share) * across(upper) + row.share * across(lower);
        }
    });
    out
}

/// The two source cells around one output cell, and the share of the second.
struct Neighbours {
    before: usize,
    after: usize,
    share: f32,
}

fn neighbours(old: usize, new: usize) -> Vec<Neighbours> {
    let step = if new > 1 { (old - 1) as f32 / (new - 1) as f32 } else { 0.0 };
    (0..new)
        .map(|index| {
            let position = index as f32 * step;
            let before = (position as usize).min(old - 1);
            Neighbours { before, after: (before + 1).min(old - 1), share: position - before as f32 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_coincide_and_the_middle_is_between() {
        let out = bilinear(&[0.0, 10.0, 20.0, 50.0], [2, 2], [3, 3]);
        assert_eq!(out, [0.0, 5.0, 10.0, 10.0, 20.0, 30.0, 20.0, 35.0, 50.0]);
    }

    #[test]
    fn same_size_is_the_same_map_and_one_sample_is_the_first() {
        let map: Vec<f32> = (0..35).map(|i| (i * i) as f32).collect();
        assert_eq!(bilinear(&map, [7, 5], [7, 5]), map);
        assert_eq!(bilinear(&map, [7, 5], [1, 1]), [0.0]);
        assert_eq!(bilinear(&[3.5], [1, 1], [4, 2]), [3.5; 8]);
    }

    #[test]
    fn a_plane_stays_a_plane() {
        let map: Vec<f32> = (0..6 * 11).map(|i| (i % 6) as f32 + 2.0 * (i / 6) as f32).collect();
        let out = bilinear(&map, [6, 11], [51, 101]);
        for (i, value) in out.iter().enumerate() {
            let (x, y) = ((i % 51) as f32, (i / 51) as f32);
            assert!((value - (x / 10.0 + 0.2 * y)).abs() < 1e-4);
        }
    }
}
