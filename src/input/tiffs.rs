//! Kinds of TIFF that the image crate leaves out: palettes, samples of 2 to 15 bits, floats of 16 and 64 bits, grey in
//! float, JPEG inside.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::decoded::Decoded;
use super::source::Source;
use super::{Focal, InputError, Remark, eight_bit, gamut, hdr};

const LONG: u16 = 4;
const PALETTE: u64 = 3;
const BLACK_IS_ZERO: u32 = 1;
const JPEG: u64 = 7;
const SEPARATE_PLANES: u64 = 2;
/// What replaces a tag that must not be seen: no reader knows it.
const NO_TAG: u16 = 0xFFFE;

/// Width and height as shown, where the file is one at all.
pub(super) fn size(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions().ok()?;
    Some(if orientation(&mut decoder).to_exif() >= 5 { [height, width] } else { [width, height] })
}

/// The first picture; `None` where it is of no kind that is known here.
pub(super) fn read(source: &Source, bytes: &[u8]) -> Result<Option<Decoded>, InputError> {
    let failed = |error: TiffError| failed(source, error);
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions().map_err(failed)?;
    let stored_size = [width, height];
    source.check_size(stored_size)?;
    // As read in up to 64 bits and three channels, in 32 bits, and in 8; and the file, which may be changed.
    let pixels = u64::from(width) * u64::from(height);
    source.check_memory(pixels.saturating_mul(3 * (8 + 4 + 1)).saturating_add(bytes.len() as u64))?;

    let facts = Facts::of(&mut decoder);
    let picture = if facts.photometric == PALETTE || !matches!(facts.bits, 1 | 8 | 16 | 32 | 64) {
        packed(source, bytes, &facts, stored_size).map_err(failed)?
    } else if facts.planes == SEPARATE_PLANES && facts.samples > 1 {
        None
    } else {
        decoder = decoder.with_limits(limits(source));
        let kind = decoder.colortype().map_err(failed)?;
        plain(kind, decoder.read_image().map_err(failed)?, facts.compression == JPEG, stored_size)
    };
    let Some((mut image, remark)) = picture else { return Ok(None) };
    if let Ok(icc) = decoder.get_tag_u8_vec(Tag::IccProfile) {
        gamut::from_icc(&mut image, &icc);
    }
    let focal = Focal::from_block(bytes.to_vec(), stored_size);
    Ok(Some(Decoded { image, hidden: None, orientation: orientation(&mut decoder), stored_size, focal, remark }))
}

fn failed(source: &Source, error: TiffError) -> InputError {
    match error {
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => source.truncated(),
        TiffError::IoError(error) => InputError::from_io(source.path, error),
        TiffError::LimitsExceeded | TiffError::IntSizeError => source.too_much_memory(),
        TiffError::UnsupportedError(reason) => source.unsupported(reason),
        other => source.corrupt(other),
    }
}

fn limits(source: &Source) -> Limits {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(source.limits.decode_bytes).unwrap_or(usize::MAX);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    limits
}

type Bytes<'a> = Cursor<&'a [u8]>;

fn orientation(decoder: &mut Decoder<Bytes>) -> Orientation {
    let value = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    value.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms)
}

/// What the samples are.
struct Facts {
    photometric: u64,
    bits: u64,
    samples: u64,
    planes: u64,
    predictor: u64,
    compression: u64,
    is_tiled: bool,
    palette: Vec<u16>,
}

impl Facts {
    fn of(decoder: &mut Decoder<Bytes>) -> Self {
        let mut number = |tag, or| match decoder.find_tag_unsigned_vec::<u64>(tag) {
            Ok(Some(values)) => values.first().copied().unwrap_or(or),
            _ => or,
        };
        Self {
            photometric: number(Tag::PhotometricInterpretation, 1),
            bits: number(Tag::BitsPerSample, 1),
            samples: number(Tag::SamplesPerPixel, 1),
            planes: number(Tag::PlanarConfiguration, 1),
            predictor: number(Tag::Predictor, 1),
            compression: number(Tag::Compression, 1),
            is_tiled: number(Tag::TileWidth, 0) > 0,
            palette: decoder.get_tag_u16_vec(Tag::ColorMap).unwrap_or_default(),
        }
    }
}

type Picture = (RgbImage, Option<Remark>);

/// From whole samples.
fn plain(kind: ColorType, samples: DecodingResult, is_jpeg: bool, [width, height]: [u32; 2]) -> Option<Picture> {
    let floats: Vec<f32> = match samples {
        DecodingResult::F16(values) => values.into_iter().map(|value| value.to_f32()).collect(),
        DecodingResult::F32(values) => values,
        DecodingResult::F64(values) => values.into_iter().map(|value| value as f32).collect(),
        // The decoder of JPEG has brought these to RGB.
        DecodingResult::U8(values) if kind == ColorType::YCbCr(8) && is_jpeg => {
            return Some((RgbImage::from_raw(width, height, values)?, None));
        }
        _ => return None,
    };
    let channels = match kind {
        ColorType::Gray(_) => 1,
        ColorType::RGB(_) => 3,
        ColorType::RGBA(_) => 4,
        _ => return None,
    };
    let pixels = floats.chunks_exact(channels).map(|pixel| match pixel {
        [grey] => [*grey; 3],
        _ => [pixel[0], pixel[1], pixel[2]],
    });
    Some((hdr::to_rgb(width, height, pixels), None))
}

/// From samples that lie behind each other without regard to bytes, and from indices into a palette. The decoder is shown a
/// file whose rows are bytes of grey, and what they mean is worked out here.
fn packed(
    source: &Source,
    bytes: &[u8],
    facts: &Facts,
    [width, height]: [u32; 2],
) -> Result<Option<Picture>, TiffError> {
    let row_samples = u64::from(width) * facts.samples;
    let is_whole_bytes = facts.bits == 8 && facts.samples == 1;
    let is_plain = facts.planes != SEPARATE_PLANES && facts.predictor == 1 && !facts.is_tiled;
    let Ok(row_bytes) = u32::try_from((row_samples * facts.bits).div_ceil(8)) else { return Ok(None) };
    if !(1..=16).contains(&facts.bits) || !matches!(facts.samples, 1 | 3) || !(is_whole_bytes || is_plain) {
        return Ok(None);
    }
    let Some(shown) = as_bytes(bytes, (!is_whole_bytes).then_some(row_bytes)) else { return Ok(None) };
    let decoder = Decoder::new(Cursor::new(&shown[..]))?;
    let DecodingResult::U8(packed) = decoder.with_limits(limits(source)).read_image()? else { return Ok(None) };
    let samples: Vec<u16> = packed
        .chunks_exact(row_bytes as usize)
        .take(height as usize)
        .flat_map(|row| (0..row_samples as usize).map(move |index| sample(row, index, facts.bits as usize)))
        .collect();
    Ok(picture(samples, facts, [width, height]))
}

/// The sample of this index in a row; the first bit of a byte is its highest.
fn sample(row: &[u8], index: usize, bits: usize) -> u16 {
    let mut value = 0;
    for bit in index * bits..(index + 1) * bits {
        let byte = row.get(bit / 8).copied().unwrap_or(0);
        value = value << 1 | u16::from(byte >> (7 - bit % 8) & 1);
    }
    value
}

fn picture(samples: Vec<u16>, facts: &Facts, [width, height]: [u32; 2]) -> Option<Picture> {
    let most = ((1u32 << facts.bits) - 1) as u16;
    let scaled = |value: u16, to: u32| (u32::from(value) * to + u32::from(most) / 2) / u32::from(most);
    if facts.photometric == PALETTE {
        let entries = usize::from(most) + 1;
        // Some programs write 8 bits where 16 belong.
        let shift = if facts.palette.iter().all(|value| *value < 256) { 0 } else { 8 };
        let colour = |index: u16| {
            let channel = |channel: usize| facts.palette.get(channel * entries + usize::from(index));
            [0, 1, 2].map(|number| channel(number).map_or(0, |value| (value >> shift) as u8))
        };
        let pixels = samples.into_iter().flat_map(colour).collect();
        return Some((RgbImage::from_raw(width, height, pixels)?, None));
    }
    if facts.samples == 3 {
        let pixels = samples.into_iter().map(|value| scaled(value, 255) as u8).collect();
        return Some((RgbImage::from_raw(width, height, pixels)?, None));
    }
    let is_white_zero = facts.photometric == 0;
    let values = samples.into_iter().map(|value| {
        let value = scaled(value, u32::from(u16::MAX)) as u16;
        if is_white_zero { u16::MAX - value } else { value }
    });
    let values: Vec<u16> = values.collect();
    if values.len() != width as usize * height as usize {
        return None;
    }
    if facts.bits > 8 {
        return Some(eight_bit::grey(width, height, values));
    }
    let bytes = values.into_iter().map(|value| (value >> 8) as u8).collect();
    let grey = image::GrayImage::from_raw(width, height, bytes)?;
    Some((DynamicImage::ImageLuma8(grey).into_rgb8(), None))
}

/// The file with the tags of 8-bit grey, and of this width where one is given. `None` where it is not of TIFF's classic
/// form.
fn as_bytes(bytes: &[u8], width: Option<u32>) -> Option<Vec<u8>> {
    let is_big_endian = match bytes.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair = *bytes.get(at..)?.first_chunk()?;
        Some(if is_big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    };
    let first = *bytes.get(4..)?.first_chunk()?;
    let first = if is_big_endian { u32::from_be_bytes(first) } else { u32::from_le_bytes(first) } as usize;
    let mut out = bytes.to_vec();
    for entry in 0..usize::from(short(first)?) {
        let at = first + 2 + 12 * entry;
        let value = match Tag::from_u16_exhaustive(short(at)?) {
            Tag::ImageWidth => width,
            Tag::BitsPerSample => Some(8),
            Tag::PhotometricInterpretation => Some(BLACK_IS_ZERO),
            Tag::SamplesPerPixel | Tag::SampleFormat => Some(1),
            Tag::ExtraSamples | Tag::ColorMap => {
                out.get_mut(at..at + 2)?.copy_from_slice(&NO_TAG.to_ne_bytes());
                None
            }
            _ => None,
        };
        if let Some(value) = value {
            let parts = if is_big_endian {
                [LONG.to_be_bytes().to_vec(), 1u32.to_be_bytes().to_vec(), value.to_be_bytes().to_vec()]
            } else {
                [LONG.to_le_bytes().to_vec(), 1u32.to_le_bytes().to_vec(), value.to_le_bytes().to_vec()]
            };
            out.get_mut(at + 2..at + 12)?.copy_from_slice(&parts.concat());
        }
    }
    Some(out)
}
