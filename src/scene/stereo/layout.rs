//! Two pictures as one, as screens and glasses take them.

use std::sync::LazyLock;

use image::imageops::{FilterType, replace, resize};
use image::{ImageBuffer, Pixel};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::StereoPair;
use crate::scene::{linear_from_srgb, srgb_from_linear};

/// How a pair becomes one picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StereoLayout {
    /// The left eye's picture on the left, each as wide as the photo.
    #[default]
    SideBySide,
    /// The same squeezed to the width of one, as televisions take it.
    HalfSideBySide,
    /// The left eye's picture above.
    OverUnder,
    /// For red–cyan glasses, red before the left eye.
    Anaglyph,
}

/// What red–cyan glasses let through of a screen, by least squares: rows are red, green and blue of the anaglyph, columns those of
/// the left eye's picture, in linear light. E. Dubois, "A projection method to generate anaglyph stereo images", ICASSP 2001;
/// figures for LCD screens as in McAllister, Zhou and Sullivan, "Methods for computing color anaglyphs", SPIE 7524, 2010.
const LEFT: [[f32; 3]; 3] = [
    [0.456_1, 0.500_484, 0.176_381],
    [-0.040_082_2, -0.037_824_6, -0.015_758_9],
    [-0.015_216_1, -0.020_597_1, -0.005_468_56],
];
/// The same for the right eye.
const RIGHT: [[f32; 3]; 3] = [
    [-0.043_470_6, -0.087_938_8, -0.001_555_29],
    [0.378_476, 0.733_64, -0.018_450_3],
    [-0.072_152_7, -0.112_961, 1.226_4],
];

/// Of linear light, fine enough for the darkest two bytes to differ.
const STEPS: f32 = 16384.0;

impl StereoLayout {
    pub const ALL: [Self; 4] = [Self::SideBySide, Self::HalfSideBySide, Self::OverUnder, Self::Anaglyph];

    /// What players and viewers look for at the end of a file's name; with the eyes swapped they must not find that.
    pub fn tag(self, swap: bool) -> &'static str {
        match (self, swap) {
            (Self::SideBySide, false) => "sbs",
            (Self::SideBySide, true) => "rl",
            (Self::HalfSideBySide, false) => "hsbs",
            (Self::HalfSideBySide, true) => "hrl",
            (Self::OverUnder, false) => "ou",
            (Self::OverUnder, true) => "uo",
            (Self::Anaglyph, _) => "anaglyph",
        }
    }

    /// Width and height of the whole, of pictures of `size`.
    pub fn size(self, [width, height]: [u32; 2]) -> [u32; 2] {
        match self {
            Self::SideBySide => [2 * width, height],
            Self::HalfSideBySide => [2 * (width / 2).max(1), height],
            Self::OverUnder => [width, 2 * height],
            Self::Anaglyph => [width, height],
        }
    }

    /// Both pictures as one. `swap` changes the eyes: to look at two pictures with crossed eyes, or for glasses with cyan on the left.
    /// An anaglyph is as opaque as the first picture. Pixels are red, green and blue, with or without alpha.
    pub fn arrange<P: Pixel<Subpixel = u8> + 'static>(
        self,
        pair: &StereoPair<ImageBuffer<P, Vec<u8>>>,
        swap: bool,
    ) -> ImageBuffer<P, Vec<u8>> {
        let (first, second) = if swap { (&pair.right, &pair.left) } else { (&pair.left, &pair.right) };
        let [width, height] = self.size(first.dimensions().into());
        let mut whole = ImageBuffer::new(width, height);
        match self {
            Self::Anaglyph => return anaglyph(first, second),
            Self::OverUnder => {
                replace(&mut whole, first, 0, 0);
                replace(&mut whole, second, 0, i64::from(height / 2));
            }
            Self::SideBySide => {
                replace(&mut whole, first, 0, 0);
                replace(&mut whole, second, i64::from(width / 2), 0);
            }
            Self::HalfSideBySide => {
                let half = |picture| resize(picture, width / 2, height, FilterType::Triangle);
                replace(&mut whole, &half(first), 0, 0);
                replace(&mut whole, &half(second), i64::from(width / 2), 0);
            }
        }
        whole
    }
}

fn anaglyph<P: Pixel<Subpixel = u8> + 'static>(
    left: &ImageBuffer<P, Vec<u8>>,
    right: &ImageBuffer<P, Vec<u8>>,
) -> ImageBuffer<P, Vec<u8>> {
    let (channels, tables) = (usize::from(P::CHANNEL_COUNT), &*TABLES);
    let row = channels * (left.width() as usize).max(1);
    let mut mixed = left.clone();
    mixed.par_chunks_exact_mut(row).zip(right.par_chunks_exact(row)).for_each(|(to, from)| {
        for (to, from) in to.chunks_exact_mut(channels).zip(from.chunks_exact(channels)) {
            let [l, r] = [[to[0], to[1], to[2]], [from[0], from[1], from[2]]]
                .map(|bytes| bytes.map(|byte| tables.linear[usize::from(byte)]));
            for (channel, ([a, b, c], [d, e, f])) in to.iter_mut().zip(LEFT.into_iter().zip(RIGHT)) {
                let light = a * l[0] + b * l[1] + c * l[2] + d * r[0] + e * r[1] + f * r[2];
                *channel = tables.srgb[(light.clamp(0.0, 1.0) * STEPS + 0.5) as usize];
            }
        }
    });
    mixed
}

/// Powers would take longer than all the rest.
struct Tables {
    linear: [f32; 256],
    srgb: Vec<u8>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    linear: std::array::from_fn(|byte| linear_from_srgb(byte as u8)),
    srgb: (0..=STEPS as usize).map(|step| srgb_from_linear(step as f32 / STEPS)).collect(),
});
