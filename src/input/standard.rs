//! Formats that the image crate knows, to 8-bit RGB.

use std::error::Error as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};

use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader};

use super::decoded::Decoded;
use super::hidden::transparent;
use super::source::Source;
use super::{Focal, InputError, eight_bit, gamut};

/// Decodes what the reader holds from its start on.
pub(super) fn read(source: &Source, format: ImageFormat, reader: impl BufRead + Seek) -> Result<Decoded, InputError> {
    let failed = |error: ImageError| failed(source, error);
    let mut allowed = image::Limits::default();
    allowed.max_alloc = Some(source.limits.decode_bytes);
    let mut reader = ImageReader::with_format(reader, format);
    reader.limits(allowed.clone());
    let mut decoder = reader.into_decoder().map_err(failed)?;

    let (width, height) = decoder.dimensions();
    let stored_size = [width, height];
    source.check_size(stored_size)?;
    allowed.max_image_width = Some(source.limits.side);
    allowed.max_image_height = Some(source.limits.side);
    allowed.reserve(decoder.total_bytes()).map_err(failed)?;
    decoder.set_limits(allowed).map_err(failed)?;

    let orientation = decoder.orientation().map_err(failed)?;
    // Unreadable EXIF or colours say nothing; the picture itself is as good as any other.
    let block = decoder.exif_metadata().ok().flatten();
    let icc = decoder.icc_profile().ok().flatten();
    let focal = match block {
        Some(block) => Focal::from_block(block, stored_size),
        // A TIFF file is its EXIF block.
        None if format == ImageFormat::Tiff => focal_of_tiff(source, stored_size),
        None => None,
    };
    let picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let hidden = transparent(&picture);
    let (mut image, remark) = eight_bit::to_rgb(picture);
    if let Some(icc) = icc {
        gamut::from_icc(&mut image, &icc);
    }
    Ok(Decoded { image, hidden, orientation, stored_size, focal, remark })
}

fn focal_of_tiff(source: &Source, stored_size: [u32; 2]) -> Option<Focal> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let parsed = reader.read_from_container(&mut BufReader::new(File::open(source.path).ok()?));
    let exif = parsed.or_else(|error| error.distill_partial_result(|_| {})).ok()?;
    Focal::from_exif(&exif, stored_size)
}

fn failed(source: &Source, error: ImageError) -> InputError {
    match error {
        _ if ends_early(&error) => source.truncated(),
        ImageError::IoError(error) => InputError::Unreadable { path: source.path.to_owned(), source: error },
        ImageError::Limits(_) => source.too_much_memory(),
        ImageError::Unsupported(reason) => source.unsupported(reason),
        // The outer error only repeats the format's name.
        ImageError::Decoding(error) => {
            source.corrupt(error.source().map_or_else(|| error.to_string(), |s| s.to_string()))
        }
        other => source.corrupt(other),
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
