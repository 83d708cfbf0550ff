//! The focal length that a photo's EXIF block gives, as on 35 mm film.

use exif::{Exif, In, Tag, Value};
use serde::{Deserialize, Serialize};

/// Diagonal of a 36×24 mm film frame, in millimetres.
const FILM_DIAGONAL_MM: f64 = 43.266_615_305_567_87;
/// Sides of a picture differ in proportion by up to this part because they were rounded, or because cameras leave out a few
/// rows.
const SHAPE_TOLERANCE: f64 = 0.01;
/// Lenses outside this range do not exist on cameras that write EXIF; such values are defects of the writing program.
const PLAUSIBLE_MM: std::ops::RangeInclusive<f64> = 4.0..=3000.0;

/// The focal length that EXIF gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Focal {
    /// Millimetres on a 36 mm wide film frame (EXIF `FocalLengthIn35mmFilm`, or derived from the sensor's resolution). Of a
    /// photo that was cut out of a larger one: what a camera would have that takes the part alone.
    pub mm_35: f32,
    /// What became of the photo since EXIF was written, as far as EXIF's picture size tells.
    #[serde(default)]
    pub since: Since,
}

/// What a program did to a photo and left its EXIF as it was; sizes are width × height in pixels, as EXIF has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Since {
    #[default]
    Nothing,
    /// The picture had another size and the same shape.
    Resized([u32; 2]),
    /// The picture had another shape.
    Cropped([u32; 2]),
}

impl Focal {
    /// Of a photo that is as it was taken.
    pub fn of(mm_35: f32) -> Self {
        Self { mm_35, since: Since::Nothing }
    }

    /// Focal length in pixels of an image of this size: the 35 mm convention compares diagonals (43.27 mm).
    pub fn pixels(&self, width: u32, height: u32) -> f32 {
        let diagonal = (width as f32).hypot(height as f32);
        self.mm_35 * diagonal / FILM_DIAGONAL_MM as f32
    }

    /// From an EXIF block as it lies in a file, from its TIFF header on. What cannot be read says nothing about the lens.
    pub(super) fn from_block(block: Vec<u8>, stored_size: [u32; 2]) -> Option<Self> {
        let mut reader = exif::Reader::new();
        reader.continue_on_error(true);
        let exif = reader.read_raw(block).or_else(|error| error.distill_partial_result(|_| {})).ok()?;
        Self::from_exif(&exif, stored_size)
    }

    /// From an EXIF block; `stored_size` is the size of the image as stored, [width, height] in pixels.
    ///
    /// `FocalLengthIn35mmFilm` where it is given, else the focal length in sensor pixels (`FocalLength` times
    /// `FocalPlaneXResolution`) against the diagonal in pixels. Both are of the picture as it was taken: where EXIF's own size
    /// has another shape, the photo is a part of that, and not otherwise resized unless it would not fit. `None` where EXIF says
    /// nothing plausible.
    pub(super) fn from_exif(exif: &Exif, stored_size: [u32; 2]) -> Option<Self> {
        let mm_35 = number(exif, Tag::FocalLengthIn35mmFilm)
            .filter(|mm| PLAUSIBLE_MM.contains(mm))
            .or_else(|| from_sensor(exif, stored_size).filter(|mm| PLAUSIBLE_MM.contains(mm)))?;
        let (since, longer) = since(exif, stored_size);
        Some(Self { mm_35: (mm_35 * longer) as f32, since })
    }
}

/// What became of a photo of this size, and by how much its lens is longer for that.
fn since(exif: &Exif, stored_size: [u32; 2]) -> (Since, f64) {
    let side = |tag| number(exif, tag).filter(|side| (1.0..=f64::from(u16::MAX)).contains(side));
    let (Some(width), Some(height)) = (side(Tag::PixelXDimension), side(Tag::PixelYDimension)) else {
        return (Since::Nothing, 1.0);
    };
    let taken = [width as u32, height as u32];
    let [across, down] = stored_size.map(f64::from);
    // Programs that turn a photo do not always turn what EXIF says of it.
    let both = [[width, height], [height, width]];
    if both.iter().any(|[width, height]| (width * down / (height * across)).ln().abs() <= SHAPE_TOLERANCE) {
        let is_as_taken = taken == stored_size || [taken[1], taken[0]] == stored_size;
        return (if is_as_taken { Since::Nothing } else { Since::Resized(taken) }, 1.0);
    }
    // A part is no larger than the whole; where it is, it was enlarged at least so much that it fits.
    let enlarged = both.map(|[width, height]| (across / width).max(down / height)).into_iter().fold(f64::MAX, f64::min);
    let longer = width.hypot(height) * enlarged.max(1.0) / across.hypot(down);
    (Since::Cropped(taken), longer)
}

fn from_sensor(exif: &Exif, stored_size: [u32; 2]) -> Option<f64> {
    let focal_mm = number(exif, Tag::FocalLength)?;
    let pixels_per_unit = number(exif, Tag::FocalPlaneXResolution)?;
    let unit_mm = match number(exif, Tag::FocalPlaneResolutionUnit).map_or(2, |unit| unit as u32) {
        2 => 25.4,
        3 => 10.0,
        4 => 1.0,
        5 => 0.001,
        _ => return None,
    };
    // The resolution holds for the picture as the camera took it, which may have been shrunk since.
    let taken = |tag, stored: u32| number(exif, tag).filter(|side| *side >= 1.0).unwrap_or(f64::from(stored));
    let diagonal = taken(Tag::PixelXDimension, stored_size[0]).hypot(taken(Tag::PixelYDimension, stored_size[1]));
    let mm_35 = focal_mm * pixels_per_unit / unit_mm * FILM_DIAGONAL_MM / diagonal;
    mm_35.is_finite().then_some(mm_35)
}

fn number(exif: &Exif, tag: Tag) -> Option<f64> {
    let value = &exif.get_field(tag, In::PRIMARY)?.value;
    match value {
        Value::Rational(list) => list.first().map(exif::Rational::to_f64),
        other => other.get_uint(0).map(f64::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exif::{Field, Rational, experimental::Writer};

    fn whole(fields: &[(Tag, Value)]) -> Option<Focal> {
        let fields: Vec<Field> =
            fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut bytes = std::io::Cursor::new(Vec::new());
        writer.write(&mut bytes, false).expect("written");
        let exif = exif::Reader::new().read_raw(bytes.into_inner()).expect("readable");
        Focal::from_exif(&exif, [3000, 2000])
    }

    fn focal(fields: &[(Tag, Value)]) -> Option<f32> {
        whole(fields).map(|focal| focal.mm_35)
    }

    /// A lens of 28 mm, and a picture of this size.
    fn taken_at(width: u32, height: u32) -> Focal {
        let size = [(Tag::PixelXDimension, width), (Tag::PixelYDimension, height)];
        let mut all = vec![(Tag::FocalLengthIn35mmFilm, Value::Short(vec![28]))];
        all.extend(size.map(|(tag, side)| (tag, Value::Long(vec![side]))));
        whole(&all).expect("a lens")
    }

    #[test]
    fn a_part_of_a_photo_keeps_the_lens_of_the_whole() {
        for (size, since) in [
            ([3000, 2000], Since::Nothing),
            ([2000, 3000], Since::Nothing),
            ([3008, 2000], Since::Resized([3008, 2000])),
            ([6000, 4000], Since::Resized([6000, 4000])),
            ([0, 4000], Since::Nothing),
        ] {
            assert_eq!(taken_at(size[0], size[1]), Focal { mm_35: 28.0, since }, "{size:?}");
        }
        // 28 mm over a diagonal of 5000 pixels.
        for size in [[4000, 3000], [3000, 4000]] {
            let cropped = taken_at(size[0], size[1]);
            assert_eq!(cropped.since, Since::Cropped(size));
            let pixels = cropped.pixels(3000, 2000);
            assert!((f64::from(pixels) - 28.0 * 5000.0 / FILM_DIAGONAL_MM).abs() < 0.01, "{pixels}");
        }
        // A part that is wider than the whole was enlarged: by 2 at the least.
        let enlarged = taken_at(1500, 1500);
        let pixels = f64::from(enlarged.pixels(3000, 2000));
        assert!((pixels - 2.0 * 28.0 * 1500.0 * 2f64.sqrt() / FILM_DIAGONAL_MM).abs() < 0.01, "{pixels}");
    }

    fn ratio(num: u32, denom: u32) -> Value {
        Value::Rational(vec![Rational { num, denom }])
    }

    #[test]
    fn the_35_mm_value_comes_first() {
        let sensor = [(Tag::FocalLength, ratio(50, 1)), (Tag::FocalPlaneXResolution, ratio(3000, 1))];
        let mut all = vec![(Tag::FocalLengthIn35mmFilm, Value::Short(vec![28]))];
        all.extend(sensor);
        assert_eq!(focal(&all), Some(28.0));
    }

    #[test]
    fn a_full_frame_sensor_gives_the_focal_length_itself() {
        // 3000 pixels on 36 mm.
        let exact = [
            (Tag::FocalLength, ratio(50, 1)),
            (Tag::FocalPlaneXResolution, ratio(3000, 36)),
            (Tag::FocalPlaneResolutionUnit, Value::Short(vec![4])),
        ];
        assert!((focal(&exact).expect("derived") - 50.0).abs() < 1e-3);
        // The same sensor in inches, the default unit, and a picture taken at twice the stored size.
        let shrunk = [
            (Tag::FocalLength, ratio(50, 1)),
            (Tag::FocalPlaneXResolution, ratio(6000 * 254, 360)),
            (Tag::PixelXDimension, Value::Long(vec![6000])),
            (Tag::PixelYDimension, Value::Long(vec![4000])),
        ];
        assert!((focal(&shrunk).expect("derived") - 50.0).abs() < 1e-3);
    }

    #[test]
    fn nonsense_is_no_focal_length() {
        assert_eq!(focal(&[(Tag::FocalLengthIn35mmFilm, Value::Short(vec![0]))]), None);
        assert_eq!(focal(&[(Tag::FocalLength, ratio(50, 1))]), None);
        assert_eq!(focal(&[(Tag::FocalLength, ratio(50, 0)), (Tag::FocalPlaneXResolution, ratio(1, 0))]), None);
    }

    #[test]
    fn pixels_compare_diagonals() {
        assert!((Focal::of(43.2666).pixels(300, 400) - 500.0).abs() < 0.01);
    }
}
