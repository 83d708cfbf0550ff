//! A large picture in tiles, each of which is drawn with about as many pixels as the screen shows of it.

use egui::{Color32, ColorImage, Pos2, Rect, Vec2, pos2};
use image::RgbImage;

/// Pixels along the side of a tile.
const SIDE: u32 = 512;
/// Pixels of its neighbours that a tile has around it, so that no seam shows where colours run into each other.
const RIM: u32 = 1;
/// From so many points of the screen per pixel on, pixels are shown as the squares that they are.
const CRISP: f32 = 3.0;

/// How finely a picture is cut: each pixel of level n stands for 2ⁿ by 2ⁿ pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fineness {
    pub level: u32,
    /// Single pixels are large enough to be told apart.
    pub is_crisp: bool,
}

impl Fineness {
    /// For a picture of which one pixel takes so many dots of the screen.
    pub fn for_dots(dots: f32) -> Self {
        Self { level: (1.0 / dots).max(1.0).log2().floor() as u32, is_crisp: dots >= CRISP }
    }

    /// The tiles in which a part of a picture of `size` lies; `part` is in 0..1 of the picture.
    pub fn tiles(self, size: [u32; 2], part: Rect) -> impl Iterator<Item = Tile> {
        let last = size.map(|side| side.div_ceil(1 << self.level).saturating_sub(1) / SIDE);
        let at = |share: f32, side: u32, last: u32| {
            ((share.clamp(0.0, 1.0) * side as f32) as u32 / (SIDE << self.level)).min(last)
        };
        let columns = at(part.left(), size[0], last[0])..=at(part.right(), size[0], last[0]);
        let rows = at(part.top(), size[1], last[1])..=at(part.bottom(), size[1], last[1]);
        rows.flat_map(move |y| columns.clone().map(move |x| Tile { fineness: self, x, y }))
    }
}

/// One tile of a picture, by its column and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    pub fineness: Fineness,
    x: u32,
    y: u32,
}

impl Tile {
    /// Where it lies on the screen when the whole picture lies at `shown`, and what of its texture is seen there.
    pub fn place(self, size: [u32; 2], shown: Rect) -> [Rect; 2] {
        let scale = (1u32 << self.fineness.level) as f32;
        let [across, down] = self.axes(size);
        let ends = |axis: Axis, side: u32| [axis.start as f32 * scale, (axis.end as f32 * scale).min(side as f32)];
        let ([left, right], [top, bottom]) = (ends(across, size[0]), ends(down, size[1]));
        let whole = Vec2::new(size[0] as f32, size[1] as f32);
        let on_screen = |x: f32, y: f32| shown.min + Vec2::new(x, y) / whole * shown.size();
        let in_texture = |x: f32, y: f32| {
            let inside = |at: f32, axis: Axis| (at / scale - axis.start as f32 + RIM as f32) / axis.length() as f32;
            pos2(inside(x, across), inside(y, down))
        };
        let rect = |at: &dyn Fn(f32, f32) -> Pos2| Rect::from_min_max(at(left, top), at(right, bottom));
        [rect(&on_screen), rect(&in_texture)]
    }

    /// Its pixels, each the mean of those that it stands for.
    pub fn cut(self, picture: &RgbImage) -> ColorImage {
        let step = 1u32 << self.fineness.level;
        let (width, height) = picture.dimensions();
        self.pixels([width, height], |x, y| {
            let (right, bottom) = ((x + step).min(width), (y + step).min(height));
            let mut sum = [0u32; 3];
            for y in y..bottom {
                let row = &picture.as_raw()[3 * (y * width + x) as usize..3 * (y * width + right) as usize];
                for pixel in row.chunks_exact(3) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                }
            }
            let number = (right - x) * (bottom - y);
            sum.map(|sum| ((sum + number / 2) / number) as u8)
        })
    }

    /// Its pixels in the colours of single values of a map of `size`: between two depths there is none.
    pub fn cut_map(self, map: &[f32], size: [u32; 2], colour: impl Fn(f32) -> [u8; 3]) -> ColorImage {
        let half = (1u32 << self.fineness.level) / 2;
        self.pixels(size, |x, y| {
            let [x, y] = [(x + half).min(size[0] - 1), (y + half).min(size[1] - 1)];
            colour(map[y as usize * size[0] as usize + x as usize])
        })
    }

    /// Calls `colour` with the first pixel of the picture that each of the tile's stands for.
    fn pixels(self, size: [u32; 2], colour: impl Fn(u32, u32) -> [u8; 3]) -> ColorImage {
        let level = self.fineness.level;
        let [across, down] = self.axes(size);
        let mut pixels = Vec::with_capacity((across.length() * down.length()) as usize);
        for y in 0..down.length() {
            for x in 0..across.length() {
                let [r, g, b] = colour(across.pixel(x) << level, down.pixel(y) << level);
                pixels.push(Color32::from_rgb(r, g, b));
            }
        }
        ColorImage::new([across.length() as usize, down.length() as usize], pixels)
    }

    fn axes(self, size: [u32; 2]) -> [Axis; 2] {
        let axis = |number: u32, side: u32| {
            let side = side.div_ceil(1 << self.fineness.level);
            Axis { start: number * SIDE, end: ((number + 1) * SIDE).min(side), side }
        };
        [axis(self.x, size[0]), axis(self.y, size[1])]
    }
}

/// Which pixels of its level a tile shows along one axis.
#[derive(Clone, Copy)]
struct Axis {
    start: u32,
    end: u32,
    /// Pixels of the whole level.
    side: u32,
}

impl Axis {
    /// With the rim.
    fn length(self) -> u32 {
        self.end - self.start + 2 * RIM
    }

    /// The level's pixel at a place in the tile; beyond the picture its last ones go on.
    fn pixel(self, at: u32) -> u32 {
        (self.start + at).saturating_sub(RIM).min(self.side - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Rect = Rect { min: Pos2::ZERO, max: Pos2::new(1.0, 1.0) };

    fn fineness(level: u32) -> Fineness {
        Fineness { level, is_crisp: false }
    }

    #[test]
    fn the_screen_has_a_pixel_for_each_of_the_level() {
        assert_eq!(Fineness::for_dots(10.0), Fineness { level: 0, is_crisp: true });
        assert_eq!(Fineness::for_dots(1.0), fineness(0));
        assert_eq!(Fineness::for_dots(0.6), fineness(0));
        assert_eq!(Fineness::for_dots(0.24), fineness(2));
    }

    #[test]
    fn tiles_cover_the_picture_without_gap_or_overlap() {
        for (size, level) in [([1500, 700], 0), ([1501, 703], 1), ([40, 3], 3)] {
            let shown = Rect::from_min_size(pos2(10.0, 20.0), Vec2::new(size[0] as f32, size[1] as f32));
            let tiles: Vec<Tile> = fineness(level).tiles(size, WHOLE).collect();
            let area: f32 = tiles.iter().map(|tile| tile.place(size, shown)[0].area()).sum();
            assert_eq!(area, shown.area(), "{size:?} at {level}");
            assert!(tiles.iter().all(|tile| shown.contains_rect(tile.place(size, shown)[0])));
        }
        let corner = Rect::from_min_max(Pos2::ZERO, pos2(0.1, 0.1));
        assert_eq!(fineness(0).tiles([1500, 700], corner).count(), 1, "what is out of sight is left out");
    }

    #[test]
    fn a_tile_has_the_pictures_own_pixels_and_means_of_them() {
        let picture = RgbImage::from_fn(1030, 6, |x, y| image::Rgb([(x % 251) as u8, y as u8, 9]));
        let tiles: Vec<Tile> = fineness(0).tiles([1030, 6], WHOLE).collect();
        assert_eq!(tiles.len(), 3);
        let last = tiles[2].cut(&picture);
        assert_eq!(last.size, [6 + 2, 6 + 2]);
        let rgb = |x: u32, y: u32| Color32::from_rgb((x % 251) as u8, y as u8, 9);
        assert_eq!(last[(0, 1)], rgb(1023, 0), "the rim is the neighbour's");
        assert_eq!(last[(6, 6)], rgb(1029, 5));
        assert_eq!(last[(7, 7)], rgb(1029, 5), "and goes on beyond the picture");
        let halved = fineness(1).tiles([1030, 6], WHOLE).next().expect("one").cut(&picture);
        assert_eq!(halved[(1, 1)], Color32::from_rgb(1, 1, 9), "0.5 and 0.5, rounded");
        let map: Vec<f32> = (0..4).map(|at| at as f32).collect();
        let of_map = fineness(1).tiles([4, 1], WHOLE).next().expect("one").cut_map(&map, [4, 1], |v| [v as u8; 3]);
        assert_eq!(of_map[(2, 1)], Color32::from_rgb(3, 3, 3), "no depth that is not in the map");
    }

    #[test]
    fn what_is_seen_of_a_texture_leaves_its_rim_out() {
        let tile = fineness(0).tiles([1030, 6], WHOLE).last().expect("one");
        let [_, seen] = tile.place([1030, 6], WHOLE);
        assert_eq!((seen.left() * 8.0, seen.right() * 8.0), (1.0, 7.0));
    }
}
