//! A film from pictures that come one by one: a folder of PNG files, a GIF, or an MP4 through ffmpeg.

mod gif_file;
mod mp4_file;
mod packing;
mod png_folder;

use std::path::{Path, PathBuf};

use image::RgbaImage;

use super::ExportError;
use gif_file::GifFile;
use mp4_file::Mp4File;
pub use packing::FramePacking;
use png_folder::PngFolder;

/// What an animation becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnimationFormat {
    /// A folder of `0000.png`, `0001.png`, …
    PngFolder,
    /// Plays for ever; 256 colours per picture, pixels are opaque or absent.
    Gif,
    /// H.264, which needs ffmpeg; without transparency.
    Mp4,
}

impl AnimationFormat {
    /// Whether this machine has what it takes: MP4 needs an ffmpeg where the system looks for programs.
    pub fn is_possible(self) -> bool {
        self != Self::Mp4 || mp4_file::is_installed(std::env::var_os("PATH").as_deref())
    }

    /// Bytes for each pixel of its pictures, about: between those of calm and of busy photos.
    pub(super) fn bytes_per_pixel(self) -> f64 {
        match self {
            Self::PngFolder => 2.0,
            Self::Gif => 0.6,
            Self::Mp4 => 0.12,
        }
    }

    /// What a path's ending asks for: `.gif`, `.mp4`, or none (or a separator) for a folder; `None` for any other.
    pub fn of(path: &Path) -> Option<Self> {
        if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
            return Some(Self::PngFolder);
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            None => Some(Self::PngFolder),
            Some("gif") => Some(Self::Gif),
            Some("mp4") => Some(Self::Mp4),
            Some(_) => None,
        }
    }
}

/// An animation on its way to disk. It bears its name once [`Self::finish`] was called; dropped before that, it removes
/// what it wrote. Both happen in the calling thread, and it may be handed from one to another.
pub struct AnimationWriter {
    sink: Sink,
    path: PathBuf,
    size: [u32; 2],
    frames: usize,
}

enum Sink {
    PngFolder(PngFolder),
    Gif(GifFile),
    Mp4(Mp4File),
}

impl AnimationWriter {
    /// Begins an animation of `size` (width, height in pixels) with `fps` pictures per second.
    ///
    /// A file of that name is replaced at the end; a folder has to be empty. MP4 has even sides: the last column or row
    /// of an odd size is left out.
    ///
    /// # Errors
    /// [`ExportError::AnimationLimit`] for what the format cannot hold, [`ExportError::FolderNotEmpty`],
    /// [`ExportError::NoName`], [`ExportError::EncoderMissing`] without ffmpeg, [`ExportError::Write`] where the place
    /// cannot be written to.
    pub fn create(path: &Path, format: AnimationFormat, size: [u32; 2], fps: u32) -> Result<Self, ExportError> {
        Self::create_packed(path, format, size, fps, None)
    }

    /// The same for pictures that hold what two eyes see. Only MP4 can say so.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_packed(
        path: &Path,
        format: AnimationFormat,
        size: [u32; 2],
        fps: u32,
        packing: Option<FramePacking>,
    ) -> Result<Self, ExportError> {
        if path.file_name().is_none() {
            return Err(ExportError::NoName(path.to_owned()));
        }
        let limit = |format, reason: &str| Err(ExportError::AnimationLimit { format, reason: reason.into() });
        if size.contains(&0) || fps == 0 {
            return limit("a film", "it has no pixels or does not move");
        }
        let sink = match format {
            AnimationFormat::PngFolder => Sink::PngFolder(PngFolder::create(path)?),
            AnimationFormat::Gif => Sink::Gif(GifFile::create(path, size, fps)?),
            AnimationFormat::Mp4 if size.contains(&1) => {
                return limit("an MP4", "its sides are at least 2 pixels long");
            }
            AnimationFormat::Mp4 => Sink::Mp4(Mp4File::create(path, size, fps, packing, mp4_file::PROGRAM.as_ref())?),
        };
        Ok(Self { sink, path: path.to_owned(), size, frames: 0 })
    }

    /// Adds the next picture (straight alpha). Blocks while it is encoded or while ffmpeg is busy.
    ///
    /// # Errors
    /// [`ExportError::FrameSize`] for another size than was announced; [`ExportError::Write`] and
    /// [`ExportError::Encoder`] end the animation.
    pub fn add(&mut self, frame: RgbaImage) -> Result<(), ExportError> {
        let actual = [frame.width(), frame.height()];
        if actual != self.size {
            return Err(ExportError::FrameSize { expected: self.size, actual });
        }
        match &mut self.sink {
            Sink::PngFolder(folder) => folder.add(self.frames, &frame)?,
            Sink::Gif(gif) => gif.add(self.frames, frame)?,
            Sink::Mp4(mp4) => mp4.add(&frame)?,
        }
        self.frames += 1;
        Ok(())
    }

    /// Number of pictures so far.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Completes the animation, gives it its name and returns where it is.
    ///
    /// # Errors
    /// [`ExportError::NoFrames`] for none at all, else as [`Self::add`]; nothing is left then.
    pub fn finish(self) -> Result<PathBuf, ExportError> {
        if self.frames == 0 {
            return Err(ExportError::NoFrames(self.path));
        }
        match self.sink {
            Sink::PngFolder(folder) => folder.finish()?,
            Sink::Gif(gif) => gif.finish()?,
            Sink::Mp4(mp4) => mp4.finish()?,
        }
        Ok(self.path)
    }
}

#[cfg(test)]
mod tests;
