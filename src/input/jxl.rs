//! JPEG XL.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jxl_oxide::{
    AllocTracker, AuxBoxData, EnumColourEncoding, ExtraChannel, InitializeResult, JxlImage, Render, RenderingIntent,
    UninitializedJxlImage,
};

use super::decoded::Decoded;
use super::source::Source;
use super::{Focal, InputError};

/// So much of a file is handed over at a time until its header is read.
const PIECE: usize = 4096;

/// Width and height as shown. `bytes` may be the start of a file.
pub(super) fn size(bytes: &[u8]) -> Option<[u32; 2]> {
    let (image, _) = header(bytes, JxlImage::builder().build_uninit()).ok()??;
    Some([image.width(), image.height()])
}

/// The picture as shown, its first one where there are several, in sRGB.
pub(super) fn read(source: &Source, bytes: &[u8]) -> Result<Decoded, InputError> {
    let limit = usize::try_from(source.limits.decode_bytes).unwrap_or(usize::MAX);
    let uninitialised = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(limit)).build_uninit();
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        let words = error.to_string();
        if words.contains("out of memory") { source.too_much_memory() } else { source.corrupt(words) }
    };
    let (mut image, rest) = header(bytes, uninitialised).map_err(failed)?.ok_or_else(|| source.truncated())?;
    let stored_size = [image.width(), image.height()];
    source.check_size(stored_size)?;
    // Three channels in 32 bits, the picture in 8; alpha is asked for below.
    let pixels = u64::from(stored_size[0]) * u64::from(stored_size[1]);
    source.check_memory(pixels.saturating_mul(15))?;
    feed(&mut image, rest).map_err(failed)?;
    if !image.is_loading_done() {
        return Err(source.truncated());
    }
    image.finalize().map_err(failed)?;
    image.request_color_encoding(EnumColourEncoding::srgb(RenderingIntent::Perceptual));
    let rendered = image.render_frame(0).map_err(failed)?;
    let hidden = transparent(source, &rendered)?;
    let mut stream = rendered.stream_no_alpha();
    let (width, height, channels) = (stream.width(), stream.height(), stream.channels());
    let mut samples = vec![0u8; width as usize * height as usize * channels as usize];
    stream.write_to_buffer(&mut samples);
    let picture = match channels {
        1 => GrayImage::from_raw(width, height, samples).map(|grey| DynamicImage::ImageLuma8(grey).into_rgb8()),
        3 => RgbImage::from_raw(width, height, samples),
        count => return Err(source.unsupported(format!("it has {count} channels of colour"))),
    };
    let picture = picture.ok_or_else(|| source.corrupt("its pixels do not match its size"))?;
    let focal = match image.aux_boxes().first_exif() {
        Ok(AuxBoxData::Data(exif)) => Focal::from_block(exif.payload().to_vec(), stored_size),
        _ => None,
    };
    Ok(Decoded {
        image: picture,
        hidden,
        orientation: Orientation::NoTransforms,
        stored_size: [width, height],
        focal,
        remark: None,
    })
}

/// 255 where alpha is 0, upright as the picture is.
fn transparent(source: &Source, rendered: &Render) -> Result<Option<GrayImage>, InputError> {
    let (channels, _) = rendered.extra_channels();
    if !channels.iter().any(ExtraChannel::is_alpha) {
        return Ok(None);
    }
    let mut stream = rendered.stream();
    // Behind the colours come black, where there is one, and alpha.
    let (width, height, count) = (stream.width(), stream.height(), stream.channels());
    let pixels = u64::from(width) * u64::from(height);
    // As before, with a channel more in 32 bits and what is hidden.
    source.check_memory(pixels.saturating_mul(20))?;
    let mut row = vec![0.0f32; width as usize * count as usize];
    let mut hidden = GrayImage::new(width, height);
    for target in hidden.rows_mut() {
        stream.write_to_buffer(&mut row);
        for (pixel, samples) in target.zip(row.chunks_exact(count as usize)) {
            if samples.last().is_some_and(|alpha| *alpha <= 0.0) {
                pixel.0[0] = 255;
            }
        }
    }
    Ok(hidden.iter().any(|value| *value > 0).then_some(hidden))
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads on until the header is known; also what was not handed over yet. `None` where the file ends before that.
fn header(bytes: &[u8], mut image: UninitializedJxlImage) -> Result<Option<(JxlImage, &[u8])>, Failure> {
    let mut at = 0;
    let mut end = 0;
    while end < bytes.len() {
        // What was not taken is offered again, with more behind it.
        end = (end + PIECE).min(bytes.len());
        at += image.feed_bytes(&bytes[at..end])?;
        match image.try_init()? {
            InitializeResult::NeedMoreData(same) => image = same,
            InitializeResult::Initialized(ready) => return Ok(Some((ready, &bytes[at..]))),
        }
    }
    Ok(None)
}

fn feed(image: &mut JxlImage, mut rest: &[u8]) -> Result<(), Failure> {
    while !rest.is_empty() {
        let taken = image.feed_bytes(rest)?;
        if taken == 0 {
            break;
        }
        rest = &rest[taken..];
    }
    Ok(())
}
