//! Films of stereo pictures.

use image::imageops::{FilterType, replace, resize};
use image::{DynamicImage, RgbImage};

use crate::export::files::Files;
use crate::export::{AnimationFormat, AnimationWriter, ExportError, Format, FramePacking, Options, StereoOptions};
use crate::scene::{StereoLayout, StereoPair};

/// Beyond this, width and height, players of H.264 refuse (level 5.2).
const LARGEST: [u32; 2] = [4096, 2304];

/// The films that are asked for, begun with the first pair.
pub(super) struct Films {
    wanted: Vec<(AnimationFormat, &'static str)>,
    stereo: StereoOptions,
    /// Of one eye's picture.
    size: [u32; 2],
    begun: Vec<(String, AnimationWriter)>,
}

impl Films {
    /// MP4 only where it is possible; that it is not has been said before the export.
    pub fn new(options: &Options) -> Self {
        let known =
            [(Format::StereoMp4, AnimationFormat::Mp4, "mp4"), (Format::StereoGif, AnimationFormat::Gif, "gif")];
        let is_wanted =
            |&(format, film, _): &(Format, AnimationFormat, _)| options.formats.contains(&format) && film.is_possible();
        let wanted = known.into_iter().filter(is_wanted).map(|(_, film, ending)| (film, ending)).collect();
        Self { wanted, stereo: options.stereo, size: [0; 2], begun: Vec::new() }
    }

    /// Adds a pair to each. All pictures of a film have the size of its first one: others are fitted into it, with black around.
    pub fn add(&mut self, files: &Files<'_>, pair: &StereoPair) -> Result<(), ExportError> {
        if self.wanted.is_empty() {
            return Ok(());
        }
        files.check()?;
        let StereoOptions { layout, swap_eyes, fps, .. } = self.stereo;
        if self.begun.is_empty() {
            self.size = eye_size(layout, pair.left.dimensions().into());
            for &(format, ending) in &self.wanted {
                let name = format!("stereo_{}.{ending}", layout.tag(swap_eyes));
                let (path, packing) = (files.dir.join(&name), FramePacking::of(layout, swap_eyes));
                let film = AnimationWriter::create_packed(&path, format, layout.size(self.size), fps, packing)?;
                self.begun.push((name, film));
            }
        }
        let fitted = StereoPair { left: fitted(&pair.left, self.size), right: fitted(&pair.right, self.size) };
        let picture = DynamicImage::from(layout.arrange(&fitted, swap_eyes)).into_rgba8();
        self.begun.iter_mut().try_for_each(|(_, film)| film.add(picture.clone()))
    }

    pub fn finish(self, files: &mut Files<'_>) -> Result<(), ExportError> {
        for (name, film) in self.begun {
            files.add(name, 0, |_| film.finish().map(drop))?;
        }
        Ok(())
    }
}

/// Of one eye's picture in a film: that of the photo's with even sides, or as large as players take it.
pub(in crate::export) fn eye_size(layout: StereoLayout, size: [u32; 2]) -> [u32; 2] {
    let whole = layout.size(size);
    let least = [0, 1].map(|axis| f64::from(LARGEST[axis]) / f64::from(whole[axis]));
    let factor = least.into_iter().fold(1.0, f64::min);
    size.map(|side| ((f64::from(side) * factor) as u32 / 2 * 2).max(2))
}

fn fitted(picture: &RgbImage, [width, height]: [u32; 2]) -> RgbImage {
    let (from_width, from_height) = picture.dimensions();
    // Uneven sides lose a column or a row, not their sharpness.
    if from_width / 2 * 2 == width && from_height / 2 * 2 == height {
        return image::imageops::crop_imm(picture, 0, 0, width, height).to_image();
    }
    let factor = (f64::from(width) / f64::from(from_width)).min(f64::from(height) / f64::from(from_height));
    let scaled = |side: u32, most: u32| ((f64::from(side) * factor).round() as u32).clamp(1, most);
    let inside = resize(picture, scaled(from_width, width), scaled(from_height, height), FilterType::Triangle);
    let mut canvas = RgbImage::new(width, height);
    let [left, top] = [width - inside.width(), height - inside.height()].map(|rest| i64::from(rest / 2));
    replace(&mut canvas, &inside, left, top);
    canvas
}
