//! What networks say of the rim around a photo in a frame is nobody's: maps are cut to the photo.

use super::prepare::Ready;
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::input::preprocess::PATCH;
use crate::model::{Maps, RawGaussians, Rays};

/// Rays of a patch, across and down.
const RAYS: usize = 8;

/// The maps of the photo itself. Features, which belong to patches, stay those of the whole frame.
pub(super) fn without_rim(maps: Maps, ready: &Ready) -> Maps {
    if ready.framed_size() == ready.size() {
        return maps;
    }
    let part = Part {
        across: ready.framed_size()[0] as usize,
        start: ready.margins().map(|side| side as usize),
        size: ready.size().map(|side| side as usize),
    };
    Maps {
        depth: part.of(&maps.depth, 1),
        confidence: maps.confidence.map(|map| part.of(&map, 1)),
        sky: maps.sky.map(|map| part.of(&map, 1)),
        rays: maps.rays.map(|rays| part.of_rays(rays)),
        gaussians: maps.gaussians.map(|raw| RawGaussians {
            channels: part.of(&raw.channels, GAUSSIAN_CHANNELS),
            opacity: part.of(&raw.opacity, 1),
        }),
        features: maps.features,
    }
}

/// A part of a map that is `across` pixels wide.
struct Part {
    across: usize,
    /// Column and row where it begins, and its width and height.
    start: [usize; 2],
    size: [usize; 2],
}

impl Part {
    fn of(&self, map: &[f32], channels: usize) -> Vec<f32> {
        let ([left, top], [width, height]) = (self.start, self.size);
        let rows = map.chunks_exact(self.across * channels).skip(top).take(height);
        rows.flat_map(|row| &row[left * channels..(left + width) * channels]).copied().collect()
    }

    /// Margins are multiples of half a patch, which are whole rays.
    fn of_rays(&self, rays: Rays) -> Rays {
        let in_rays = |pixels: usize| pixels * RAYS / PATCH as usize;
        let part = Self { across: rays.width, start: self.start.map(in_rays), size: self.size.map(in_rays) };
        let [width, height] = part.size;
        Rays { width, height, rays: part.of(&rays.rays, 6), confidence: part.of(&rays.confidence, 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_cut_out_of_every_channel() {
        let map: Vec<f32> = (0..4 * 3 * 2).map(|i| i as f32).collect();
        let part = Part { across: 4, start: [1, 2], size: [2, 1] };
        assert_eq!(part.of(&map, 2), [18.0, 19.0, 20.0, 21.0]);
        let rays = Rays {
            width: 16,
            height: 8,
            rays: vec![0.0; 16 * 8 * 6],
            confidence: (0..128).map(|i| i as f32).collect(),
        };
        let part = Part { across: 28, start: [7, 0], size: [14, 14] }.of_rays(rays);
        assert_eq!((part.width, part.height, part.rays.len()), (8, 8, 8 * 8 * 6));
        assert_eq!(part.confidence[..9], [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 20.0]);
    }
}
