//! A picture in parts, so that it can be larger than what an adapter draws at once.

use glam::{Mat4, Vec4};

/// Longest side of a tile, pixels, where the adapter allows it.
const LONGEST: u32 = 4096;

/// A rectangle of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Width and height of the whole picture, pixels.
    pub picture: [u32; 2],
    /// Left and top.
    pub origin: [u32; 2],
    pub size: [u32; 2],
}

impl Tile {
    /// The whole picture as one tile; sizes of zero become one pixel.
    pub fn whole(size: [u32; 2]) -> Self {
        let size = size.map(|side| side.max(1));
        Self { picture: size, origin: [0, 0], size }
    }

    /// Tiles that cover the picture, row by row, no side longer than `limit` or [`LONGEST`]; each with its part of the picture
    /// that is its own, as a tile. Beyond that a tile reaches `margin` pixels further where the picture goes on, because
    /// lighting looks at neighbours.
    pub fn cover(size: [u32; 2], margin: u32, limit: u32) -> Vec<(Self, Self)> {
        let picture = size.map(|side| side.max(1));
        let most = LONGEST.min(limit);
        let step = most.saturating_sub(2 * margin).max(1);
        let starts = |side: u32| (0..side).step_by(step as usize);
        let mut tiles = Vec::new();
        for (y, x) in starts(picture[1]).flat_map(|y| starts(picture[0]).map(move |x| (y, x))) {
            let origin = [x, y];
            let own = Self { picture, origin, size: [0, 1].map(|axis| step.min(picture[axis] - origin[axis])) };
            let low = origin.map(|at| at.saturating_sub(margin));
            let high = [0, 1].map(|axis: usize| (origin[axis] + own.size[axis] + margin).min(picture[axis]));
            tiles.push((Self { picture, origin: low, size: [high[0] - low[0], high[1] - low[1]] }, own));
        }
        tiles
    }

    /// From the clip space of the picture to that of this tile.
    pub fn clip_from_picture(&self) -> Mat4 {
        let part = |axis: usize| {
            let [whole, origin, size] = [self.picture[axis], self.origin[axis], self.size[axis]].map(|v| v as f32);
            // Pixels from the left become −1..1.
            (whole / size, (whole - 2.0 * origin) / size - 1.0)
        };
        let ((scale_x, shift_x), (scale_y, shift_y)) = (part(0), part(1));
        // Clip space points up, pixels count downwards.
        Mat4::from_cols(
            Vec4::new(scale_x, 0.0, 0.0, 0.0),
            Vec4::new(0.0, scale_y, 0.0, 0.0),
            Vec4::Z,
            Vec4::new(shift_x, -shift_y, 0.0, 1.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_pixel_once() {
        let tiles = Tile::cover([1000, 700], 8, 256);
        let mut covered = vec![0u8; 700_000];
        for (tile, own) in &tiles {
            assert!(tile.size.iter().all(|&side| side <= 256), "{tile:?}");
            for y in own.origin[1]..own.origin[1] + own.size[1] {
                for x in own.origin[0]..own.origin[0] + own.size[0] {
                    covered[(y * 1000 + x) as usize] += 1;
                    assert!(x >= tile.origin[0] && x < tile.origin[0] + tile.size[0]);
                }
            }
        }
        assert!(covered.iter().all(|&times| times == 1));
        assert_eq!(Tile::cover([300, 200], 8, 8192), [(Tile::whole([300, 200]), Tile::whole([300, 200]))]);
    }

    #[test]
    fn a_pixel_keeps_its_place() {
        let tile = Tile { picture: [1000, 700], origin: [200, 100], size: [300, 250] };
        let clip =
            |pixel: [f32; 2], [w, h]: [f32; 2]| Vec4::new(pixel[0] / w * 2.0 - 1.0, 1.0 - pixel[1] / h * 2.0, 0.5, 1.0);
        let expected = clip([40.0, 60.0], [300.0, 250.0]);
        let got = tile.clip_from_picture() * clip([240.0, 160.0], [1000.0, 700.0]);
        assert!((got - expected).length() < 1e-5, "{got} {expected}");
        assert_eq!(Tile::whole([5, 4]).clip_from_picture(), Mat4::IDENTITY);
    }
}
