//! Pictures that are too large to be held for every view: the photo itself, and depth at its size.

use std::path::PathBuf;
use std::sync::Arc;

use egui::ColorImage;
use image::RgbImage;

use super::layers::Look;
use super::tile::Tile;
use crate::export::{full_size_depth, part_of_photo};
use crate::geometry::BentLens;
use crate::inference::ViewPrediction;
use crate::input::{Limits, ViewId, load_view};

/// What a photo's pixels are read from.
#[derive(Clone, Debug)]
pub struct Photo {
    path: PathBuf,
    /// The whole photo as it is shown, in pixels.
    size: [u32; 2],
    /// What is shown of it: left, top, width and height.
    part: [u32; 4],
    bent: Option<BentLens>,
    /// The result that is looked at, where there is one.
    view: Option<Arc<ViewPrediction>>,
    /// Which reading of the file by a run this is from: the file may have been another one before.
    reading: u64,
}

impl Photo {
    /// A photo that has no result.
    pub fn new(path: PathBuf, size: [u32; 2], reading: u64) -> Self {
        Self { path, size, part: [0, 0, size[0], size[1]], bent: None, view: None, reading }
    }

    /// What a result shows of its photo.
    pub fn of(view: &Arc<ViewPrediction>, reading: u64) -> Self {
        let (size, bent, path) = (view.photo_size, view.bent, view.path.clone());
        let part = view.photo_part.pixels(size);
        Self { path, size, part, bent, view: Some(Arc::clone(view)), reading }
    }

    fn read(&self) -> Result<RgbImage, String> {
        if let Some(view) = &self.view {
            return part_of_photo(view).map_err(|error| error.to_string());
        }
        let photo = load_view(ViewId(0), &self.path, &Limits::default()).map_err(|error| error.to_string())?.image;
        if photo.dimensions() != (self.size[0], self.size[1]) {
            return Err("it is another picture than it was".into());
        }
        Ok(photo)
    }
}

/// The same pixels come of both: a result does not change what its photo shows, as long as no run has read the file anew.
impl PartialEq for Photo {
    fn eq(&self, other: &Self) -> bool {
        let key = |photo: &Self| (photo.size, photo.part, photo.bent, photo.reading);
        self.path == other.path && key(self) == key(other)
    }
}

/// What is known of the file that a result was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoRead {
    /// Counts when a run has read it.
    pub reading: u64,
    /// It is another one by now.
    pub is_other: bool,
}

/// What a large picture is of.
#[derive(Clone, Debug)]
pub enum Source {
    Photo(Box<Photo>),
    /// Depth at the size of what is shown of the photo, in colours.
    Depth(Arc<ViewPrediction>, Look),
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Photo(one), Self::Photo(other)) => one == other,
            (Self::Depth(one, look), Self::Depth(other, other_look)) => Arc::ptr_eq(one, other) && look == other_look,
            _ => false,
        }
    }
}

impl Source {
    /// Width and height in pixels.
    pub fn size(&self) -> [u32; 2] {
        let [_, _, width, height] = match self {
            Self::Photo(photo) => photo.part,
            Self::Depth(view, _) => view.photo_part.pixels(view.photo_size),
        };
        [width, height]
    }

    /// Whether what was made for the other serves this one as well.
    pub fn shares(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Depth(one, _), Self::Depth(other, _)) => Arc::ptr_eq(one, other),
            _ => self == other,
        }
    }

    /// Reads or computes it, which may take seconds.
    ///
    /// # Errors
    /// Why a photo cannot be read, in words.
    pub fn made(&self) -> Result<Pixels, String> {
        match self {
            Self::Photo(photo) => photo.read().map(Pixels::Colours),
            Self::Depth(view, _) => Ok(Pixels::Map(full_size_depth(view))),
        }
    }

    /// A tile of what was made for this.
    pub fn cut(&self, pixels: &Pixels, tile: Tile) -> ColorImage {
        match (pixels, self) {
            (Pixels::Map(map), Self::Depth(_, look)) => {
                let table = look.map.table(look.is_inverse);
                tile.cut_map(map, self.size(), |depth| look.range.colour(depth, &table))
            }
            (Pixels::Colours(picture), _) => tile.cut(picture),
            // A map is made for depth alone.
            (Pixels::Map(_), Self::Photo(_)) => ColorImage::default(),
        }
    }
}

/// A large picture while it is held.
pub enum Pixels {
    Colours(RgbImage),
    Map(Vec<f32>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_run_read_the_file_anew_does_not_serve_any_more() {
        let photo = |reading| Source::Photo(Photo::new("a.jpg".into(), [4, 3], reading).into());
        assert!(photo(1).shares(&photo(1)) && !photo(1).shares(&photo(2)));
    }
}
