//! Whether a file is whole, for the formats whose decoders do not tell: JPEG's fills what is missing with grey, WebP's
//! calls it damage.

use std::io::{BufReader, Read, Result, Seek, SeekFrom};

use image::ImageFormat;

const MARKER: u8 = 0xFF;
const END_OF_IMAGE: u8 = 0xD9;

/// Whether the file goes on to where its format says it ends; true for formats whose decoders find out themselves.
///
/// `head` are the file's first bytes; the reader is at its start before and after.
pub(super) fn is_whole<R: Read + Seek>(format: ImageFormat, head: &[u8], reader: &mut BufReader<R>) -> Result<bool> {
    let whole = match format {
        ImageFormat::Jpeg => reaches_its_end(reader)?,
        ImageFormat::WebP => {
            let length = reader.seek(SeekFrom::End(0))?;
            riff_length(head).is_some_and(|declared| declared <= length)
        }
        _ => true,
    };
    reader.rewind()?;
    Ok(whole)
}

/// Length of the whole file as a RIFF header tells it, in bytes.
fn riff_length(head: &[u8]) -> Option<u64> {
    let payload = u32::from_le_bytes(head.get(4..8)?.try_into().ok()?);
    Some(u64::from(payload) + 8)
}

/// Whether the end-of-image marker is reached by walking the file's segments (ITU-T T.81, annex B).
///
/// Embedded thumbnails have such a marker too; they lie inside segments, which are skipped by their length.
fn reaches_its_end<R: Read + Seek>(reader: &mut BufReader<R>) -> Result<bool> {
    use std::io::BufRead as _;
    loop {
        if reader.skip_until(MARKER)? == 0 {
            return Ok(false);
        }
        let mut code = MARKER;
        while code == MARKER {
            let Some(next) = next_byte(reader)? else { return Ok(false) };
            code = next;
        }
        match code {
            END_OF_IMAGE => return Ok(true),
            // Stuffed zeros, restart markers, start of image: no length follows.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            _ => {
                let (Some(high), Some(low)) = (next_byte(reader)?, next_byte(reader)?) else { return Ok(false) };
                let length = i64::from(u16::from_be_bytes([high, low]));
                reader.seek_relative((length - 2).max(0))?;
            }
        }
    }
}

fn next_byte(reader: &mut impl Read) -> Result<Option<u8>> {
    let mut byte = [0];
    Ok((reader.read(&mut byte)? == 1).then_some(byte[0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn whole(bytes: &[u8]) -> bool {
        reaches_its_end(&mut BufReader::new(Cursor::new(bytes))).expect("memory does not fail")
    }

    #[test]
    fn an_end_inside_a_segment_is_not_the_end() {
        let thumbnail_only = [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD9, 0xFF, 0xD9, 0xFF, 0xDA, 0, 2, 1, 2, 3];
        assert!(!whole(&thumbnail_only));
        let mut complete = thumbnail_only.to_vec();
        complete.extend([0xFF, 0x00, 0xFF, 0xD1, 7, 0xFF, 0xFF, 0xD9, 1, 2, 3]);
        assert!(whole(&complete));
        assert!(!whole(&[]));
    }

    #[test]
    fn every_cut_is_noticed() {
        let mut file = Vec::new();
        let image = image::RgbImage::from_fn(24, 16, |x, y| image::Rgb([x as u8 * 10, y as u8 * 15, 90]));
        image.write_to(&mut Cursor::new(&mut file), image::ImageFormat::Jpeg).expect("encoded");
        assert!(whole(&file));
        for length in 0..file.len() {
            assert!(!whole(&file[..length]), "cut after {length} bytes");
        }
    }
}
