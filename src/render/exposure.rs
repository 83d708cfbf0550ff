//! A picture of any size in the making: tile by tile and slice by slice, so that a window stays alive.

use image::RgbaImage;

use super::canvas::Canvas;
use super::frame::Frame;
use super::tile::Tile;

/// What is there of a picture so far. Taken further by `CloudRenderer::expose`; the scene has to stay the same.
pub struct Exposure {
    pub(super) frame: Frame,
    /// Those that are still to be drawn, the next one last; each with its own part of the picture.
    pub(super) tiles: Vec<(Tile, Tile)>,
    /// What the next tile is drawn into, once it is begun.
    pub(super) canvas: Option<Canvas>,
    /// Tasks of the cloud that are done of this tile.
    pub(super) done: usize,
    pub(super) picture: RgbaImage,
}

impl Exposure {
    /// What is there of it, with straight alpha.
    pub fn into_picture(self) -> RgbaImage {
        self.picture
    }

    /// Of `frame` in `size` (width and height, pixels; zero becomes one) on an adapter whose textures have sides up to `limit`.
    pub(super) fn new(frame: Frame, size: [u32; 2], limit: u32) -> Self {
        let [width, height] = size.map(|side| side.max(1));
        let margin = (2.0 * frame.scale).ceil() as u32 + frame.fill_window() as u32 + 1;
        let mut tiles = Tile::cover(size, margin, limit);
        tiles.reverse();
        Self { frame, tiles, canvas: None, done: 0, picture: RgbaImage::new(width, height) }
    }
}
