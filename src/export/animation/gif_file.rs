//! An animation as a GIF that plays for ever.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};
use image::RgbaImage;

use crate::export::ExportError;
use crate::export::folder::Unfinished;

/// Of the quantiser, 1 (best) to 30: twice as good as its middle would double the time and shows in no picture of ours.
const QUANTISER_SPEED: i32 = 10;
/// GIF counts hundredths of a second, and browsers slow down what is shorter than two.
const MOST_FPS: u32 = 50;
/// Alpha from which a pixel is there.
const OPAQUE_FROM: u8 = 128;

/// A GIF under a temporary name. The encoder is used itself, and not through `image`, because only so can it be told to
/// end the file and say whether that went well.
pub(super) struct GifFile {
    encoder: Encoder<BufWriter<File>>,
    unfinished: Unfinished,
    target: PathBuf,
    size: [u16; 2],
    fps: u32,
}

impl GifFile {
    pub fn create(target: &Path, size: [u32; 2], fps: u32) -> Result<Self, ExportError> {
        let limit = |reason: String| ExportError::AnimationLimit { format: "a GIF", reason };
        let [Ok(width), Ok(height)] = size.map(u16::try_from) else {
            return Err(limit("its sides are at most 65535 pixels long".into()));
        };
        if fps > MOST_FPS {
            return Err(limit(format!("it shows at most {MOST_FPS} pictures per second")));
        }
        let write = |source| ExportError::Write { path: target.to_owned(), source };
        let unfinished = Unfinished::create(target).map_err(write)?;
        let file = unfinished.file.try_clone().map_err(write)?;
        let encoder =
            Encoder::new(BufWriter::with_capacity(1 << 18, file), width, height, &[]).and_then(|mut encoder| {
                encoder.set_repeat(Repeat::Infinite)?;
                Ok(encoder)
            });
        let encoder = encoder.map_err(|error| write(into_io(error)))?;
        Ok(Self { encoder, unfinished, target: target.to_owned(), size: [width, height], fps })
    }

    pub fn add(&mut self, index: usize, mut picture: RgbaImage) -> Result<(), ExportError> {
        let mut has_holes = false;
        for pixel in picture.pixels_mut() {
            if pixel[3] < OPAQUE_FROM {
                pixel.0 = [0; 4];
                has_holes = true;
            }
        }
        let [width, height] = self.size;
        let mut frame = Frame::from_rgba_speed(width, height, &mut picture, QUANTISER_SPEED);
        frame.delay = delay(index, self.fps);
        // Through a hole the picture before would show.
        frame.dispose = if has_holes { DisposalMethod::Background } else { DisposalMethod::Keep };
        self.encoder
            .write_frame(&frame)
            .map_err(|error| ExportError::Write { path: self.target.clone(), source: into_io(error) })
    }

    pub fn finish(self) -> Result<(), ExportError> {
        let Self { encoder, unfinished, target, .. } = self;
        let written = || -> io::Result<()> {
            encoder.into_inner().map_err(into_io)?.flush()?;
            unfinished.rename_to(&target)
        };
        written().map_err(|source| ExportError::Write { path: target.clone(), source })
    }
}

/// Hundredths of a second of one picture, so that all together take as long as they should.
fn delay(index: usize, fps: u32) -> u16 {
    let end = |pictures: usize| (pictures as f64 * 100.0 / f64::from(fps)).round();
    (end(index + 1) - end(index)) as u16
}

fn into_io(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_add_up() {
        for (fps, frames, hundredths) in [(30, 30, 100), (24, 240, 1000), (50, 7, 14), (1, 3, 300)] {
            let total: u32 = (0..frames).map(|index| u32::from(delay(index, fps))).sum();
            assert_eq!(total, hundredths, "{fps}");
        }
    }
}
