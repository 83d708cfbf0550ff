//! One file to 8-bit RGB, with what its header says.

use std::error::Error as _;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::GrayImage;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, RgbImage};

use super::hidden::transparent;
use super::sniff::{Content, HEAD_BYTES, declared_size, format_name, sniff};
use super::whole::is_whole;
use super::{Focal, InputError, Limits, eight_bit};

/// A picture as stored: not yet upright.
pub(super) struct Decoded {
    pub image: RgbImage,
    /// 255 where it is transparent.
    pub hidden: Option<GrayImage>,
    pub orientation: Orientation,
    pub stored_size: [u32; 2],
    pub focal: Option<Focal>,
}

impl Decoded {
    /// The picture and what is hidden of it, upright.
    pub fn into_upright(self) -> (RgbImage, Option<GrayImage>) {
        let upright = |mut image: DynamicImage| {
            image.apply_orientation(self.orientation);
            image
        };
        let hidden = self.hidden.map(|hidden| upright(DynamicImage::ImageLuma8(hidden)).into_luma8());
        (upright(DynamicImage::ImageRgb8(self.image)).into_rgb8(), hidden)
    }
}

/// Decodes the file within the limits.
pub(super) fn decode(path: &Path, limits: &Limits) -> Result<Decoded, InputError> {
    let mut reader = open(path, limits)?;
    let (head, format) = format_of(path, &mut reader)?;
    let path_buf = path.to_owned();
    if let Some(size) = declared_size(format, &head) {
        check_size(path, size, limits)?;
    }
    if !is_whole(format, &head, &mut reader).map_err(|source| InputError::from_io(path, source))? {
        return Err(InputError::Truncated { path: path_buf, format: format_name(format) });
    }
    let file = Source { path, format, limits };
    // Decoders are other people's code fed with anybody's files: a panic there costs one photo, not the run.
    catch_unwind(AssertUnwindSafe(|| file.read(reader))).unwrap_or_else(|_| {
        let reason = "the decoder gave up".to_owned();
        Err(InputError::Corrupt { path: path_buf, format: format_name(format), reason })
    })
}

/// Width and height of a photo as shown (EXIF orientation applied), from its header; `None` where that does not tell. Why
/// is told when the photo is decoded.
pub fn photo_size(path: &Path, limits: &Limits) -> Option<[u32; 2]> {
    let mut reader = open(path, limits).ok()?;
    let (_, format) = format_of(path, &mut reader).ok()?;
    let look = || {
        let mut decoder = ImageReader::with_format(reader, format).into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        let is_turned = decoder.orientation().ok()?.to_exif() >= 5;
        Some(if is_turned { [height, width] } else { [width, height] })
    };
    let size = catch_unwind(AssertUnwindSafe(look)).ok().flatten()?;
    check_size(path, size, limits).is_ok().then_some(size)
}

/// The first bytes of a file and the format they tell.
fn format_of(path: &Path, reader: &mut BufReader<File>) -> Result<(Vec<u8>, ImageFormat), InputError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let read = reader.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).and_then(|_| reader.rewind());
    read.map_err(|source| InputError::from_io(path, source))?;
    let path_buf = path.to_owned();
    match sniff(&head, path) {
        Content::Image(format) => Ok((head, format)),
        Content::Unsupported(format) => Err(InputError::UnsupportedFormat { path: path_buf, format }),
        Content::Video => Err(InputError::Video { path: path_buf }),
        Content::Other(found) => Err(InputError::NotAPhoto { path: path_buf, found }),
        Content::Unknown => Err(InputError::UnknownFormat { path: path_buf }),
    }
}

fn open(path: &Path, limits: &Limits) -> Result<BufReader<File>, InputError> {
    let metadata = std::fs::metadata(path).map_err(|source| InputError::from_io(path, source))?;
    let path_buf = path.to_owned();
    if metadata.is_dir() {
        return Err(InputError::Folder { path: path_buf });
    }
    // Reading a pipe or a device may never end.
    if !metadata.is_file() {
        return Err(InputError::NotAFile { path: path_buf });
    }
    match metadata.len() {
        0 => Err(InputError::Empty { path: path_buf }),
        bytes if bytes > limits.file_bytes => {
            Err(InputError::FileTooLarge { path: path_buf, bytes, limit: limits.file_bytes })
        }
        _ => Ok(BufReader::new(File::open(path).map_err(|source| InputError::from_io(path, source))?)),
    }
}

fn check_size(path: &Path, [width, height]: [u32; 2], limits: &Limits) -> Result<(), InputError> {
    let path = path.to_owned();
    if width == 0 || height == 0 {
        return Err(InputError::NoArea { path, width, height });
    }
    if width.max(height) > limits.side || u64::from(width) * u64::from(height) > limits.pixels {
        let (side_limit, pixel_limit) = (limits.side, limits.pixels);
        return Err(InputError::TooManyPixels { path, width, height, side_limit, pixel_limit });
    }
    Ok(())
}

/// A file whose format is known.
struct Source<'a> {
    path: &'a Path,
    format: ImageFormat,
    limits: &'a Limits,
}

impl Source<'_> {
    fn read(&self, reader: BufReader<File>) -> Result<Decoded, InputError> {
        let mut allowed = image::Limits::default();
        allowed.max_alloc = Some(self.limits.decode_bytes);
        let mut reader = ImageReader::with_format(reader, self.format);
        reader.limits(allowed.clone());
        let mut decoder = reader.into_decoder().map_err(|error| self.failed(error))?;

        let (width, height) = decoder.dimensions();
        let stored_size = [width, height];
        check_size(self.path, stored_size, self.limits)?;
        allowed.max_image_width = Some(self.limits.side);
        allowed.max_image_height = Some(self.limits.side);
        allowed.reserve(decoder.total_bytes()).map_err(|error| self.failed(error))?;
        decoder.set_limits(allowed).map_err(|error| self.failed(error))?;

        let orientation = decoder.orientation().map_err(|error| self.failed(error))?;
        // Unreadable EXIF says nothing about the lens; the picture itself is as good as any other.
        let block = decoder.exif_metadata().ok().flatten();
        let focal = self.exif(block).and_then(|exif| Focal::from_exif(&exif, stored_size));
        let image = DynamicImage::from_decoder(decoder).map_err(|error| self.failed(error))?;
        let hidden = transparent(&image);
        Ok(Decoded { image: eight_bit::to_rgb(image), hidden, orientation, stored_size, focal })
    }

    /// The EXIF block: handed over by the decoder, or the TIFF file itself, whose directory it is.
    fn exif(&self, block: Option<Vec<u8>>) -> Option<exif::Exif> {
        let mut reader = exif::Reader::new();
        reader.continue_on_error(true);
        let parsed = match block {
            Some(block) => reader.read_raw(block),
            None if self.format == ImageFormat::Tiff => {
                reader.read_from_container(&mut BufReader::new(File::open(self.path).ok()?))
            }
            None => return None,
        };
        parsed.or_else(|error| error.distill_partial_result(|_| {})).ok()
    }

    fn failed(&self, error: ImageError) -> InputError {
        let (path, format) = (self.path.to_owned(), format_name(self.format));
        match error {
            _ if ends_early(&error) => InputError::Truncated { path, format },
            ImageError::IoError(source) => InputError::Unreadable { path, source },
            ImageError::Limits(_) => InputError::TooMuchMemory { path, limit: self.limits.decode_bytes },
            ImageError::Unsupported(reason) => {
                InputError::UnsupportedVariant { path, format, reason: reason.to_string() }
            }
            ImageError::Decoding(error) => {
                // The outer error only repeats the format's name.
                let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                InputError::Corrupt { path, format, reason }
            }
            other => InputError::Corrupt { path, format, reason: other.to_string() },
        }
    }
}

/// Whether the decoder ran into the end of the file.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = match error.downcast_ref::<ImageError>() {
            Some(ImageError::IoError(io)) => Some(io),
            _ => error.downcast_ref::<std::io::Error>(),
        };
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::UnexpectedEof) {
            return true;
        }
        // The GIF and QOI decoders have a case of their own for it and let it out in words only.
        let words = error.to_string();
        if ["Unexpected End of File", "failed to fill whole buffer"].iter().any(|phrase| words.contains(phrase)) {
            return true;
        }
        cause = error.source();
    }
    false
}
