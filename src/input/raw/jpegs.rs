//! JPEG pictures inside another file.
//!
//! Every maker has tags of its own for where previews lie, some of them inside private blocks, and no two cameras agree.
//! JPEG files say themselves where they begin, so they are looked for.

/// A picture that was found.
#[derive(Clone, Copy)]
pub(super) struct Preview<'a> {
    /// From its first byte to the end of the file around it.
    pub bytes: &'a [u8],
    /// Width and height as stored.
    pub size: [u32; 2],
}

const START: [u8; 3] = [0xFF, 0xD8, 0xFF];
/// So many segments stand in front of a picture's size at most; more are not a picture.
const MOST_SEGMENTS: usize = 64;

/// The JPEG picture with the most pixels. Lossless JPEG, in which raw files keep what the sensor saw, does not count.
pub(super) fn largest(bytes: &[u8]) -> Option<Preview<'_>> {
    let mut largest: Option<Preview> = None;
    let area = |size: [u32; 2]| u64::from(size[0]) * u64::from(size[1]);
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| rest.windows(3).position(|three| three == START)) {
        let bytes = &bytes[from + at..];
        if let Some(size) = size(bytes)
            && largest.is_none_or(|best| area(size) > area(best.size))
        {
            largest = Some(Preview { bytes, size });
        }
        from += at + 1;
    }
    largest
}

/// Width and height of an 8-bit picture that decoders read, from the frame header that its segments lead to
/// (ITU-T T.81, annex B).
fn size(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut at = 2;
    for _ in 0..MOST_SEGMENTS {
        let &[marker, code, high, low] = bytes.get(at..at + 4)?.first_chunk()?;
        let short = |at: usize| Some(u16::from_be_bytes(*bytes.get(at..at + 2)?.first_chunk()?));
        match (marker, code) {
            // Baseline, extended, progressive; then precision, height, width.
            (0xFF, 0xC0..=0xC2) => {
                let (width, height) = (u32::from(short(at + 7)?), u32::from(short(at + 5)?));
                let components = *bytes.get(at + 9)?;
                let is_read = bytes[at + 4] == 8 && matches!(components, 1 | 3) && width > 0 && height > 0;
                return is_read.then_some([width, height]);
            }
            // Tables, application data, comments.
            (0xFF, 0xC4 | 0xDB | 0xDD | 0xE0..=0xEF | 0xFE) => {
                at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat, RgbImage};

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(RgbImage::new(width, height)).write_to(&mut bytes, ImageFormat::Jpeg).expect("encoded");
        bytes.into_inner()
    }

    #[test]
    fn the_largest_picture_is_found_wherever_it_lies() {
        let mut file = vec![0xFF; 7];
        for (width, height) in [(16, 8), (320, 200), (160, 120)] {
            file.extend(jpeg(width, height));
            file.extend([0xFF, 0xD8, 0xFF, 0xC3, 0, 17, 8, 99, 99, 99, 99, 3]);
        }
        let found = largest(&file).expect("three are there");
        assert_eq!(found.size, [320, 200]);
        assert!(image::load_from_memory(found.bytes).is_ok_and(|image| image.width() == 320));
        assert!(largest(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 0]).is_none() && largest(&[]).is_none());
    }
}
