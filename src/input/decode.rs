//! One file to 8-bit RGB, with what its header says.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::{ImageDecoder as _, ImageFormat, ImageReader};

use super::decoded::Decoded;
use super::sniff::{Content, Format, HEAD_BYTES, declared_size, sniff};
use super::source::Source;
use super::whole::is_whole;
use super::{InputError, Limits, heif, jpeg2000, jxl, raw, standard, tiffs};

/// Headers of containers lie in front of the pictures; so much of a file is read for its size alone.
const HEADER_BYTES: u64 = 1 << 20;

/// Decodes the file within the limits.
pub(super) fn decode(path: &Path, limits: &Limits) -> Result<Decoded, InputError> {
    let mut reader = open(path, limits)?;
    let (head, format) = format_of(path, &mut reader)?;
    let source = Source { path, format: format.name(), limits };
    if let Format::Common(format) = format {
        if let Some(size) = declared_size(format, &head) {
            source.check_size(size)?;
        }
        if !is_whole(format, &head, &mut reader).map_err(|error| InputError::from_io(path, error))? {
            return Err(source.truncated());
        }
    }
    let read = || match format {
        Format::Common(ImageFormat::Tiff) => match standard::read(&source, ImageFormat::Tiff, reader) {
            Err(error @ InputError::UnsupportedVariant { .. }) => {
                let bytes = std::fs::read(path).map_err(|error| InputError::from_io(path, error))?;
                tiffs::read(&source, &bytes)?.ok_or(error)
            }
            other => other,
        },
        Format::Common(format) => standard::read(&source, format, reader),
        Format::Heif(_) => heif::read(&source, &all(path, reader)?),
        Format::JpegXl => jxl::read(&source, &all(path, reader)?),
        Format::Jpeg2000 => jpeg2000::read(&source, &all(path, reader)?),
        Format::Raw => raw::read(&source, &all(path, reader)?),
    };
    // Decoders are other people's code fed with anybody's files: a panic there costs one photo, not the run.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(source.corrupt("the decoder gave up")))
}

/// Width and height of a photo as shown (turned as its header says), from its header; `None` where that does not tell.
/// Why is told when the photo is decoded.
pub fn photo_size(path: &Path, limits: &Limits) -> Option<[u32; 2]> {
    let mut reader = open(path, limits).ok()?;
    let (_, format) = format_of(path, &mut reader).ok()?;
    let look = || match format {
        Format::Common(ImageFormat::Tiff) => {
            common_size(ImageFormat::Tiff, reader).or_else(|| tiffs::size(&std::fs::read(path).ok()?))
        }
        Format::Common(format) => common_size(format, reader),
        Format::Heif(_) => size_in(reader, heif::size),
        Format::JpegXl => size_in(reader, jxl::size),
        Format::Jpeg2000 => size_in(reader, jpeg2000::size),
        Format::Raw => raw::size(&all(path, reader).ok()?),
    };
    let size = catch_unwind(AssertUnwindSafe(look)).ok().flatten()?;
    Source { path, format: format.name(), limits }.check_size(size).is_ok().then_some(size)
}

/// What keeps a file from being a photo, from its first bytes: it is of another kind. What is wrong with a photo is told when it is
/// decoded.
pub(super) fn other_kind(path: &Path, limits: &Limits) -> Option<InputError> {
    let error = open(path, limits).and_then(|mut reader| format_of(path, &mut reader)).err()?;
    let is_it = matches!(
        error,
        InputError::NotAFile { .. }
            | InputError::NotAPhoto { .. }
            | InputError::UnsupportedFormat { .. }
            | InputError::Video { .. }
    );
    is_it.then_some(error)
}

fn common_size(format: ImageFormat, reader: BufReader<File>) -> Option<[u32; 2]> {
    let mut decoder = ImageReader::with_format(reader, format).into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let is_turned = decoder.orientation().ok()?.to_exif() >= 5;
    Some(if is_turned { [height, width] } else { [width, height] })
}

/// The size that the start of a file gives, or the whole of it where the header lies behind the picture.
fn size_in(mut reader: BufReader<File>, size: fn(&[u8]) -> Option<[u32; 2]>) -> Option<[u32; 2]> {
    let mut bytes = Vec::new();
    reader.by_ref().take(HEADER_BYTES).read_to_end(&mut bytes).ok()?;
    if let Some(size) = size(&bytes) {
        return Some(size);
    }
    reader.read_to_end(&mut bytes).ok()?;
    size(&bytes)
}

fn all(path: &Path, mut reader: BufReader<File>) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| InputError::from_io(path, error))?;
    Ok(bytes)
}

/// The first bytes of a file and the format they tell.
fn format_of(path: &Path, reader: &mut BufReader<File>) -> Result<(Vec<u8>, Format), InputError> {
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
