//! Shrinking by averaging the exact area that each new pixel covers.

use image::RgbImage;
use rayon::prelude::*;

/// Source cells that cover less than this of an output pixel are left out, as the reference does.
const SMALLEST_COVERAGE: f64 = 1e-3;

/// The source cells along one axis that one output pixel covers; the weights add up to 1.
struct Coverage {
    first: usize,
    weights: Vec<f32>,
}

/// `image` shrunk to `width`×`height` by averaging covered areas; neither side may grow.
///
/// Samples are averaged in f32 and rounded half to even; an exact halving of both sides rounds halves up instead, as the
/// reference's integer path does.
pub fn area(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (old_width, old_height) = image.dimensions();
    debug_assert!(width <= old_width && height <= old_height, "area averaging only shrinks");
    if old_width == 2 * width && old_height == 2 * height {
        return halve(image);
    }
    let columns = coverage(old_width, width);
    let rows = coverage(old_height, height);
    let (source, source_stride) = (image.as_raw(), 3 * old_width as usize);
    let mut out = RgbImage::new(width, height);
    let stride = 3 * width as usize;
    out.par_chunks_exact_mut(stride).zip(&rows).for_each_init(
        || vec![0f32; stride],
        |sums, (line, row)| {
            sums.fill(0.0);
            for (offset, &weight) in row.weights.iter().enumerate() {
                let start = (row.first + offset) * source_stride;
                add_shrunk_row(&source[start..start + source_stride], &columns, weight, sums);
            }
            for (sample, sum) in line.iter_mut().zip(sums.iter()) {
                *sample = sum.round_ties_even() as u8;
            }
        },
    );
    out
}

/// Adds `weight` times one source row, shrunk to the output's width, to `sums`.
fn add_shrunk_row(row: &[u8], columns: &[Coverage], weight: f32, sums: &mut [f32]) {
    for (sum, column) in sums.chunks_exact_mut(3).zip(columns) {
        let mut mean = [0f32; 3];
        for (pixel, &share) in row[3 * column.first..].chunks_exact(3).zip(&column.weights) {
            for (total, &sample) in mean.iter_mut().zip(pixel) {
                *total += f32::from(sample) * share;
            }
        }
        for (total, value) in sum.iter_mut().zip(mean) {
            *total += value * weight;
        }
    }
}

fn coverage(old: u32, new: u32) -> Vec<Coverage> {
    let scale = f64::from(old) / f64::from(new);
    let last = f64::from(old) - 1.0;
    (0..new)
        .map(|index| {
            let start = f64::from(index) * scale;
            let end = start + scale;
            let length = scale.min(f64::from(old) - start);
            let last_full = end.floor().min(last);
            let first_full = start.ceil().min(last_full);
            let (before, after) = (first_full - start, end - last_full);
            let mut first = first_full as usize;
            let mut weights = Vec::with_capacity(scale as usize + 2);
            if before > SMALLEST_COVERAGE {
                first -= 1;
                weights.push((before / length) as f32);
            }
            weights.extend((first_full as usize..last_full as usize).map(|_| (1.0 / length) as f32));
            if after > SMALLEST_COVERAGE {
                weights.push((after.min(1.0).min(length) / length) as f32);
            }
            Coverage { first, weights }
        })
        .collect()
}

fn halve(image: &RgbImage) -> RgbImage {
    let mut out = RgbImage::new(image.width() / 2, image.height() / 2);
    let stride = 3 * out.width() as usize;
    let pairs = image.as_raw().par_chunks_exact(4 * stride);
    out.par_chunks_exact_mut(stride).zip(pairs).for_each(|(line, pair)| {
        let (upper, lower) = pair.split_at(2 * stride);
        for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
            for (channel, sample) in pixel.iter_mut().enumerate() {
                let (left, right) = (6 * x + channel, 6 * x + 3 + channel);
                let sum: u16 = [upper[left], upper[right], lower[left], lower[right]].map(u16::from).iter().sum();
                *sample = ((sum + 2) >> 2) as u8;
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn grey(values: &[&[u8]]) -> RgbImage {
        RgbImage::from_fn(values[0].len() as u32, values.len() as u32, |x, y| Rgb([values[y as usize][x as usize]; 3]))
    }

    #[test]
    fn weights_add_up_to_one() {
        for (old, new) in [(640, 504), (505, 504), (7, 3), (5, 5), (3000, 1), (1208, 504)] {
            for cover in coverage(old, new) {
                let sum: f32 = cover.weights.iter().sum();
                assert!((sum - 1.0).abs() < 1e-3, "{old} → {new}: {sum}");
                assert!(cover.first + cover.weights.len() <= old as usize);
            }
        }
    }

    #[test]
    fn fractions_of_a_pixel_count_by_their_share() {
        // 3 → 2: the outputs are (2·10 + 40) / 3 and (40 + 2·100) / 3.
        let out = area(&grey(&[&[10, 40, 100]]), 2, 1);
        assert_eq!(out.as_raw(), &[20, 20, 20, 80, 80, 80]);
    }

    #[test]
    fn exact_halves_round_up_where_both_sides_halve_and_to_even_elsewhere() {
        let image = grey(&[&[0, 1], &[0, 1]]);
        assert_eq!(area(&image, 1, 1).get_pixel(0, 0).0, [1; 3]);
        assert_eq!(area(&image, 1, 2).get_pixel(0, 0).0, [0; 3]);
    }

    #[test]
    fn same_size_is_the_same_image() {
        let image = RgbImage::from_fn(13, 7, |x, y| Rgb([x as u8 * 19, y as u8 * 31, 77]));
        assert_eq!(area(&image, 13, 7), image);
    }
}
