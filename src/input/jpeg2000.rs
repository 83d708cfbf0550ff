//! JPEG 2000, in its container (JP2) or bare.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};

use super::decoded::Decoded;
use super::source::Source;
use super::{Focal, InputError, eight_bit, gamut};

/// What a pixel takes while it is decoded: wavelets and samples of 32 bits, and the picture in 8.
const BYTES_PER_CHANNEL: u64 = 17;
/// Of the box in which cameras' programs put EXIF: "JpgTiffExif->JP2".
const EXIF_BOX: &[u8; 16] = b"JpgTiffExif->JP2";

/// A file that is cut off is refused like any other.
fn settings() -> DecodeSettings {
    DecodeSettings { strict: true, ..DecodeSettings::default() }
}

/// Width and height.
pub(super) fn size(bytes: &[u8]) -> Option<[u32; 2]> {
    let image = Image::new(bytes, &settings()).ok()?;
    Some([image.width(), image.height()])
}

/// The picture as stored, in sRGB.
pub(super) fn read(source: &Source, bytes: &[u8]) -> Result<Decoded, InputError> {
    let image = Image::new(bytes, &settings()).map_err(|error| source.corrupt(error))?;
    let stored_size = [image.width(), image.height()];
    source.check_size(stored_size)?;
    let channels = usize::from(image.color_space().num_channels()) + usize::from(image.has_alpha());
    let pixels = u64::from(stored_size[0]) * u64::from(stored_size[1]);
    source.check_memory(pixels.saturating_mul(BYTES_PER_CHANNEL).saturating_mul(channels as u64))?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|error| source.corrupt(error))?;
    let [width, height] = stored_size;
    let planes: Vec<&[f32]> = decoded.components().iter().map(|component| component.samples()).collect();
    let is_whole = planes.len() == channels && planes.iter().all(|plane| plane.len() as u64 == pixels);
    let misfit = || source.corrupt("its pixels do not match its size");
    if !is_whole {
        return Err(misfit());
    }
    let hidden =
        image.has_alpha().then(|| planes[channels - 1].iter().map(|&a| if a <= 0.0 { 255 } else { 0 }).collect());
    let hidden =
        hidden.filter(|mask: &Vec<u8>| mask.contains(&255)).and_then(|mask| GrayImage::from_raw(width, height, mask));
    let bits = image.original_bit_depth();
    let is_grey = channels - usize::from(image.has_alpha()) == 1;
    let (picture, remark) = if is_grey && bits > 8 {
        let largest = ((1u32 << bits.min(31)) - 1) as f32;
        let wide = planes[0].iter().map(|value| (value / largest * 65535.0).round().clamp(0.0, 65535.0) as u16);
        eight_bit::grey(width, height, wide.collect())
    } else {
        let picture = match image.color_space() {
            ColorSpace::CMYK => return Err(source.unsupported("it has CMYK colours")),
            _ => of_channels(stored_size, &decoded.data_u8(), channels, is_grey),
        };
        (picture.ok_or_else(|| source.unsupported(format!("it has {channels} channels")))?, None)
    };
    let mut picture = picture;
    if let ColorSpace::Icc { profile, .. } = image.color_space() {
        gamut::from_icc(&mut picture, profile);
    }
    let focal = exif(bytes).and_then(|block| Focal::from_block(block.to_vec(), stored_size));
    Ok(Decoded { image: picture, hidden, orientation: Orientation::NoTransforms, stored_size, focal, remark })
}

/// RGB of interleaved channels; `None` where these are neither grey nor RGB.
fn of_channels([width, height]: [u32; 2], samples: &[u8], channels: usize, is_grey: bool) -> Option<RgbImage> {
    if is_grey {
        let grey = samples.iter().step_by(channels).copied().collect();
        return GrayImage::from_raw(width, height, grey).map(|grey| DynamicImage::ImageLuma8(grey).into_rgb8());
    }
    if !(3..=4).contains(&channels) {
        return None;
    }
    RgbImage::from_raw(width, height, samples.chunks_exact(channels).flat_map(|pixel| &pixel[..3]).copied().collect())
}

/// The EXIF block among the boxes of a container, where there is one.
fn exif(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, kind) = (bytes.get(..4)?, bytes.get(4..8)?);
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        // The last box may go on to the end; a longer length than 32 bits is that of the picture.
        let end = if length == 0 { bytes.len() } else { length };
        let body = bytes.get(8..end)?;
        if kind == b"uuid" && body.starts_with(EXIF_BOX) {
            return Some(&body[EXIF_BOX.len()..]);
        }
        bytes = bytes.get(end..).filter(|rest| !rest.is_empty())?;
    }
}
