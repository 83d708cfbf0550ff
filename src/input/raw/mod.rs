//! Camera raw files: not the sensor's data, but the JPEG picture that the camera put beside it.

mod jpegs;
mod tags;

use std::io::{BufReader, Cursor};

use image::ImageFormat;
use image::metadata::Orientation;

use self::tags::Header;
use super::decoded::Decoded;
use super::source::Source;
use super::whole::is_whole;
use super::{Focal, InputError, Since, standard};

/// A preview whose longer side is less than this part of the sensor's is a thumbnail.
const SMALLEST_PART: u32 = 4;
/// Where the file does not say how large the sensor's picture is: the shortest longer side of a preview, in pixels.
const SMALLEST_SIDE: u32 = 1000;

/// Width and height as shown.
pub(super) fn size(bytes: &[u8]) -> Option<[u32; 2]> {
    let preview = jpegs::largest(bytes)?;
    let [width, height] = preview.size;
    let orientation = match Header::find(bytes) {
        Some(header) => header.orientation,
        None => embedded_orientation(preview.bytes)?,
    };
    Some(if orientation.to_exif() >= 5 { [height, width] } else { [width, height] })
}

/// The largest preview, turned as the raw file says.
pub(super) fn read(source: &Source, bytes: &[u8]) -> Result<Decoded, InputError> {
    let preview = jpegs::largest(bytes).ok_or_else(|| source.unsupported("there is no JPEG preview in it"))?;
    let header = Header::find(bytes);
    let [width, height] = preview.size;
    let longest = width.max(height);
    let sensor = header.as_ref().and_then(|header| header.sensor_side);
    if longest < sensor.map_or(SMALLEST_SIDE, |side| side.div_ceil(SMALLEST_PART)) {
        let reason = format!("the only picture in it that is developed is a thumbnail of {width}×{height} pixels");
        return Err(source.unsupported(reason));
    }
    source.check_size(preview.size)?;
    let mut reader = BufReader::new(Cursor::new(preview.bytes));
    let whole = is_whole(ImageFormat::Jpeg, preview.bytes, &mut reader);
    if !whole.map_err(|error| InputError::from_io(source.path, error))? {
        return Err(source.truncated());
    }
    let mut decoded = standard::read(source, ImageFormat::Jpeg, reader)?;
    if let Some(header) = header {
        decoded.orientation = header.orientation;
        decoded.focal = header.exif.and_then(|block| Focal::from_block(block, decoded.stored_size)).or(decoded.focal);
    }
    // That a preview is smaller than the sensor's picture is nothing to speak of.
    if let Some(focal) = decoded.focal.as_mut().filter(|focal| matches!(focal.since, Since::Resized(_))) {
        focal.since = Since::Nothing;
    }
    Ok(decoded)
}

fn embedded_orientation(jpeg: &[u8]) -> Option<Orientation> {
    use image::ImageDecoder as _;
    let mut reader = image::ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    reader.limits(image::Limits::default());
    reader.into_decoder().ok()?.orientation().ok()
}
