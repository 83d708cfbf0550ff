//! Rows of an image with their border, as convolutions read them.

use super::element::Element;
use super::image::Source;
use super::simd::{Kernel, Simd};

/// Bytes of image rows, with their border, that one task has in a core's second cache.
pub(super) const STRIP_BYTES: usize = 1 << 20;

/// Rows of a source from `top` on, with a border of zeros left and right, and above and below the image.
pub(super) struct Fill<'a, Src, E> {
    pub source: Src,
    pub top: isize,
    pub rows: usize,
    /// Of a row with its border, which may be wider on the right.
    pub length: usize,
    pub strip: &'a mut [E],
    pub between: &'a mut Vec<f32>,
}

impl<Src: Source, E: Element> Kernel for Fill<'_, Src, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { source, top, rows, length, strip, between } = self;
        let [height, width, channels] = source.size();
        for (i, out) in strip.chunks_exact_mut(length).take(rows).enumerate() {
            let y = top + i as isize;
            if y < 0 || y >= height as isize {
                out.fill(E::default());
                continue;
            }
            out[..channels].fill(E::default());
            out[(1 + width) * channels..].fill(E::default());
            source.row(s, y as usize, between, &mut out[channels..(1 + width) * channels]);
        }
    }
}
