//! Resampling with the 4-tap cubic kernel, without antialiasing.

use image::RgbImage;
use rayon::prelude::*;

/// The kernel's free parameter: the slope at distance 1.
const SLOPE: f32 = -0.75;

/// Output rows that one task makes; long enough that neighbouring rows share their resampled source rows.
const BAND: usize = 16;

/// The four source cells along one axis (edge cells repeated) and their weights.
struct Taps {
    cells: [usize; 4],
    weights: [f32; 4],
}

/// `image` resampled to `width`×`height`: samples rounded half to even and clamped to 0..=255.
pub fn cubic(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let samples = resample(image, width, height, |value| value.round_ties_even() as u8);
    let mut out = RgbImage::new(width, height);
    out.copy_from_slice(&samples);
    out
}

/// As [`cubic`], but neither rounded nor clamped: interleaved RGB, 3·`width`·`height` values on the scale 0..=255.
pub fn cubic_unrounded(image: &RgbImage, width: u32, height: u32) -> Vec<f32> {
    resample(image, width, height, |value| value)
}

fn resample<T>(image: &RgbImage, width: u32, height: u32, finish: impl Fn(f32) -> T + Sync) -> Vec<T>
where
    T: Copy + Default + Send,
{
    let columns = taps(image.width(), width);
    let rows = taps(image.height(), height);
    let stride = 3 * width as usize;
    let mut out = vec![T::default(); stride * height as usize];
    out.par_chunks_mut(stride * BAND).zip(rows.par_chunks(BAND)).for_each(|(band, rows)| {
        let mut lines = Lines::new(image, &columns);
        for (line, row) in band.chunks_exact_mut(stride).zip(rows) {
            for cell in row.cells {
                lines.fetch(cell);
            }
            let [a, b, c, d] = row.cells.map(|cell| lines.line(cell));
            let [wa, wb, wc, wd] = row.weights;
            for (index, sample) in line.iter_mut().enumerate() {
                *sample = finish(wa * a[index] + wb * b[index] + wc * c[index] + wd * d[index]);
            }
        }
    });
    out
}

/// Source rows resampled to the output's width. The rows of one set of taps are neighbours, so four slots hold them all.
struct Lines<'a> {
    image: &'a RgbImage,
    columns: &'a [Taps],
    slots: [(Option<usize>, Vec<f32>); 4],
}

impl<'a> Lines<'a> {
    fn new(image: &'a RgbImage, columns: &'a [Taps]) -> Self {
        Self { image, columns, slots: std::array::from_fn(|_| (None, vec![0.0; 3 * columns.len()])) }
    }

    fn fetch(&mut self, row: usize) {
        let (held, line) = &mut self.slots[row % 4];
        if *held == Some(row) {
            return;
        }
        *held = Some(row);
        let stride = 3 * self.image.width() as usize;
        let source = &self.image.as_raw()[row * stride..(row + 1) * stride];
        for (pixel, taps) in line.chunks_exact_mut(3).zip(self.columns) {
            for (channel, sample) in pixel.iter_mut().enumerate() {
                let value = |tap: usize| f32::from(source[3 * taps.cells[tap] + channel]) * taps.weights[tap];
                *sample = value(0) + value(1) + value(2) + value(3);
            }
        }
    }

    fn line(&self, row: usize) -> &[f32] {
        &self.slots[row % 4].1
    }
}

fn taps(old: u32, new: u32) -> Vec<Taps> {
    let scale = f64::from(old) / f64::from(new);
    (0..new)
        .map(|index| {
            let centre = (f64::from(index) + 0.5) * scale - 0.5;
            let base = centre.floor();
            let cell = |tap: f64| (base + tap).clamp(0.0, f64::from(old) - 1.0) as usize;
            Taps { cells: [-1.0, 0.0, 1.0, 2.0].map(cell), weights: kernel((centre - base) as f32) }
        })
        .collect()
}

/// Weights of the cells at distances 1+t, t, 1−t and 2−t (Keys' cubic convolution with slope [`SLOPE`]).
fn kernel(t: f32) -> [f32; 4] {
    let near = |x: f32| ((SLOPE + 2.0) * x - (SLOPE + 3.0)) * x * x + 1.0;
    let far = |x: f32| ((SLOPE * x - 5.0 * SLOPE) * x + 8.0 * SLOPE) * x - 4.0 * SLOPE;
    let (a, b, c) = (far(1.0 + t), near(t), near(1.0 - t));
    [a, b, c, 1.0 - a - b - c]
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn kernel_in_the_middle_is_symmetric_and_steep() {
        assert_eq!(kernel(0.0), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(kernel(0.5), [-0.09375, 0.59375, 0.59375, -0.09375]);
    }

    #[test]
    fn an_edge_overshoots_and_is_clamped_in_8_bit_only() {
        let image = RgbImage::from_fn(8, 1, |x, _| Rgb([if x < 4 { 0 } else { 255 }; 3]));
        let unrounded = cubic_unrounded(&image, 32, 1);
        assert!(unrounded.iter().any(|v| *v < -1.0) && unrounded.iter().any(|v| *v > 256.0));
        let rounded = cubic(&image, 32, 1);
        for (a, b) in unrounded.iter().zip(rounded.as_raw()) {
            assert_eq!(a.round_ties_even().clamp(0.0, 255.0) as u8, *b);
        }
    }

    #[test]
    fn bands_do_not_show() {
        // Four output rows per source row: a ramp of 2 per source row climbs by 2 every four rows, in every task's rows.
        let image = RgbImage::from_fn(5, 100, |_, y| Rgb([2 * y as u8; 3]));
        let out = cubic_unrounded(&image, 5, 400);
        for y in 8..388 {
            let climb = out[15 * (y + 4)] - out[15 * y];
            assert!((climb - 2.0).abs() < 1e-3, "row {y}: {climb}");
        }
    }

    #[test]
    fn one_pixel_becomes_a_plain_image() {
        let image = RgbImage::from_pixel(1, 1, Rgb([3, 99, 255]));
        assert!(cubic(&image, 14, 28).pixels().all(|p| p.0 == [3, 99, 255]));
    }
}
