//! One map of numbers in the formats that hold 32-bit floats: TIFF, PFM.

use std::io::{self, Seek, Write};

use tiff::TiffError;
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, colortype::Gray32Float};
use tiff::tags::Tag;

use super::png_file::software;

/// A map of `width`·`height` values, row-major, and what a person reads about it in the file.
pub struct FloatMap<'a> {
    pub values: &'a [f32],
    pub size: [u32; 2],
    /// ASCII; PFM has no place for it.
    pub description: String,
}

/// Writes a deflated 32-bit float TIFF with the description in its tags.
///
/// # Errors
/// What the writer answers; a map of another size is `InvalidData`.
pub fn write_tiff(to: impl Write + Seek, map: &FloatMap<'_>) -> io::Result<()> {
    let encode = || -> Result<(), TiffError> {
        let deflated = Compression::Deflate(DeflateLevel::Balanced);
        let mut encoder = TiffEncoder::new(to)?.with_compression(deflated);
        let mut image = encoder.new_image::<Gray32Float>(map.size[0], map.size[1])?;
        image.encoder().write_tag(Tag::ImageDescription, map.description.as_str())?;
        image.encoder().write_tag(Tag::Software, software().as_str())?;
        image.write_data(map.values)
    };
    encode().map_err(|error| match error {
        TiffError::IoError(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    })
}

/// Writes a little-endian portable float map, whose rows go from the bottom up.
///
/// # Errors
/// What the writer answers; a map of another size is `InvalidData`.
pub fn write_pfm(mut to: impl Write, map: &FloatMap<'_>) -> io::Result<()> {
    check_size(map)?;
    write!(to, "Pf\n{} {}\n-1.0\n", map.size[0], map.size[1])?;
    for row in map.values.rchunks_exact(map.size[0].max(1) as usize) {
        to.write_all(&row.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn check_size(map: &FloatMap<'_>) -> io::Result<()> {
    let (actual, expected) = (map.values.len(), map.size[0] as usize * map.size[1] as usize);
    if actual == expected {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, format!("{actual} values, expected {expected}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn map(values: &[f32]) -> FloatMap<'_> {
        FloatMap { values, size: [3, 2], description: "z-depth in metres".into() }
    }

    #[test]
    fn tiff_keeps_every_bit() {
        let values = [0.0, 1.5, f32::MIN_POSITIVE, 1e30, -2.25, f32::INFINITY];
        let mut file = Cursor::new(Vec::new());
        write_tiff(&mut file, &map(&values)).expect("written");
        let mut reader = tiff::decoder::Decoder::new(Cursor::new(file.into_inner())).expect("a TIFF");
        assert_eq!(reader.get_tag_ascii_string(Tag::ImageDescription).expect("a text"), "z-depth in metres");
        match reader.read_image().expect("pixels") {
            tiff::decoder::DecodingResult::F32(read) => assert_eq!(read, values),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pfm_starts_with_the_bottom_row() {
        let mut bytes = Vec::new();
        write_pfm(&mut bytes, &map(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).expect("written");
        let body = bytes.strip_prefix(b"Pf\n3 2\n-1.0\n").expect("a header");
        let values: Vec<f32> = body.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        assert_eq!(values, [4.0, 5.0, 6.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn maps_of_another_size_are_refused() {
        let short = [1.0; 5];
        assert!(write_tiff(Cursor::new(Vec::new()), &map(&short)).is_err());
        assert!(write_pfm(Vec::new(), &map(&short)).is_err());
    }
}
