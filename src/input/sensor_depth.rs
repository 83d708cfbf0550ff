//! Depth that a sensor measured: a picture for each photo, in the formats in which such depth is kept.

use std::fs::File;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use exr::prelude::{FlatSamples, MetaData, ReadChannels, ReadLayers, read as read_exr};
use half::f16;
use image::{DynamicImage, ImageFormat, ImageReader};
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::beside::{beside, have_one_shape};
use super::source::Source;
use super::{InputError, Limits, read_npy_header};

/// What stands behind a photo's name in that of its depth.
const MARKS: [&str; 3] = ["", "_depth", ".depth"];
const ENDINGS: [&str; 5] = ["png", "exr", "npy", "tif", "tiff"];
/// Whole numbers are millimetres: so many are a metre.
const MILLIMETRES: f32 = 1000.0;
/// The channel of an EXR that is depth: the first of these, in any case of letters, else the first that holds floats.
const CHANNELS: [&str; 3] = ["z", "depth", "y"];

/// What a sensor measured of one photo.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorDepth {
    pub path: PathBuf,
    /// Width × height.
    pub size: [u32; 2],
    /// z-depth row by row; 0 where nothing was measured.
    metres: Vec<f32>,
}

impl SensorDepth {
    /// That of a photo in `folder`: a picture of the photo's name, of its name without the ending, or of one of these with
    /// `_depth` or `.depth` behind it. `None` where there is no such file.
    ///
    /// PNG of 16 bits, and whole numbers of 16 bits in TIFF and NumPy's arrays, are millimetres; floats in TIFF, EXR and NumPy's
    /// arrays are metres. 0, negative numbers and what is not finite mean that nothing was measured.
    ///
    /// # Errors
    /// A file that cannot be read, holds no depth, or is of another shape than the photo of `photo_size` (width × height, as it is
    /// shown).
    pub fn of(photo: &Path, photo_size: [u32; 2], folder: &Path, limits: &Limits) -> Result<Option<Self>, InputError> {
        let Some(path) = beside(photo, folder, &MARKS, &ENDINGS) else { return Ok(None) };
        let depth = Self::read(&path, limits)?;
        if !have_one_shape(depth.size, photo_size) {
            return Err(InputError::OtherDepth { path, depth: depth.size, photo: photo_size });
        }
        Ok(Some(depth))
    }

    fn read(path: &Path, limits: &Limits) -> Result<Self, InputError> {
        let io = |error| InputError::from_io(path, error);
        let length = std::fs::metadata(path).map_err(io)?.len();
        if length > limits.file_bytes {
            let (path, bytes, limit) = (path.to_owned(), length, limits.file_bytes);
            return Err(InputError::FileTooLarge { path, bytes, limit });
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(io)?;
        let read = || read_any(path, &bytes, limits);
        // Decoders are other people's code fed with anybody's files.
        let read = catch_unwind(AssertUnwindSafe(read));
        let (size, mut metres) = read.unwrap_or_else(|_| Err(no_depth(path, "the decoder gave up")))?;
        if size[0] as usize * size[1] as usize != metres.len() {
            return Err(no_depth(path, "it has another number of values than pixels"));
        }
        metres.iter_mut().filter(|value| !(value.is_finite() && **value > 0.0)).for_each(|value| *value = 0.0);
        Ok(Self { path: path.to_owned(), size, metres })
    }

    /// What was measured at a place of the photo, from 0 at its left and upper edge to 1 at the others.
    pub fn at(&self, [x, y]: [f64; 2]) -> Option<f32> {
        let place = |part: f64, side: u32| ((part * f64::from(side)).max(0.0) as u32).min(side - 1) as usize;
        let [column, row] = [place(x, self.size[0]), place(y, self.size[1])];
        self.metres.get(row * self.size[0] as usize + column).copied().filter(|metres| *metres > 0.0)
    }
}

fn no_depth(path: &Path, reason: impl ToString) -> InputError {
    InputError::NoDepth { path: path.to_owned(), reason: reason.to_string() }
}

type Map = ([u32; 2], Vec<f32>);

/// What a file is, its content says.
fn read_any(path: &Path, bytes: &[u8], limits: &Limits) -> Result<Map, InputError> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(&Source { path, format: "PNG", limits }, bytes),
        [0x76, 0x2f, 0x31, 0x01, ..] => exr(&Source { path, format: "EXR", limits }, bytes),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => npy(&Source { path, format: "NumPy", limits }, bytes),
        [b'I', b'I', b'*' | b'+', ..] | [b'M', b'M', 0, b'*' | b'+', ..] => {
            tiff(&Source { path, format: "TIFF", limits }, bytes)
        }
        [] => Err(InputError::Empty { path: path.to_owned() }),
        _ => Err(no_depth(path, "it is no PNG, EXR, TIFF or NumPy array")),
    }
}

fn png(source: &Source, bytes: &[u8]) -> Result<Map, InputError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(source.limits.side), Some(source.limits.side));
    limits.max_alloc = Some(source.limits.decode_bytes);
    reader.limits(limits);
    match reader.decode().map_err(|error| no_depth(source.path, error))? {
        DynamicImage::ImageLuma16(image) => {
            let size = [image.width(), image.height()];
            Ok((size, image.into_raw().into_iter().map(|value| f32::from(value) / MILLIMETRES).collect()))
        }
        other => Err(no_depth(source.path, format!("its pixels are {:?}, not grey of 16 bits", other.color()))),
    }
}

fn exr(source: &Source, bytes: &[u8]) -> Result<Map, InputError> {
    let failed = |error: exr::error::Error| no_depth(source.path, error);
    let meta = MetaData::read_from_buffered(Cursor::new(bytes), false).map_err(failed)?;
    let header = meta.headers.first().ok_or_else(|| no_depth(source.path, "it has no picture"))?;
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let size = [side(header.layer_size.0), side(header.layer_size.1)];
    source.check_size(size)?;
    let values = u64::from(size[0]) * u64::from(size[1]);
    source.check_memory(values.saturating_mul(4 * (1 + header.channels.list.len() as u64)))?;
    let reader =
        read_exr().no_deep_data().largest_resolution_level().all_channels().first_valid_layer().all_attributes();
    let image = reader.non_parallel().from_buffered(Cursor::new(bytes)).map_err(failed)?;
    let channels = &image.layer_data.channel_data.list;
    let named = |name: &str| channels.iter().find(|channel| channel.name.to_string().eq_ignore_ascii_case(name));
    let is_float = |samples: &FlatSamples| !matches!(samples, FlatSamples::U32(_));
    let depth = CHANNELS.into_iter().find_map(named).or(channels.iter().find(|one| is_float(&one.sample_data)));
    let depth = depth.ok_or_else(|| no_depth(source.path, "it has no channel of floats"))?;
    let size = [side(image.layer_data.size.0), side(image.layer_data.size.1)];
    Ok((size, depth.sample_data.values_as_f32().collect()))
}

fn npy(source: &Source, mut bytes: &[u8]) -> Result<Map, InputError> {
    let header = read_npy_header(&mut bytes).map_err(|reason| no_depth(source.path, reason))?;
    let sides = match *header.shape.as_slice() {
        [height, width] | [height, width, 1] | [1, height, width] => [width, height].map(u32::try_from),
        _ => return Err(no_depth(source.path, format!("its shape is {:?}, not height and width", header.shape))),
    };
    let [Ok(width), Ok(height)] = sides else { return Err(no_depth(source.path, "it claims too many pixels")) };
    source.check_size([width, height])?;
    let metres: Vec<f32> = match header.descr.as_str() {
        "<u2" => numbers(bytes).map(|number| f32::from(u16::from_le_bytes(number)) / MILLIMETRES).collect(),
        "<f2" => numbers(bytes).map(|number| f16::from_le_bytes(number).to_f32()).collect(),
        "<f4" => numbers(bytes).map(f32::from_le_bytes).collect(),
        "<f8" => numbers(bytes).map(|number| f64::from_le_bytes(number) as f32).collect(),
        other => {
            return Err(no_depth(
                source.path,
                format!("its numbers are '{other}', not uint16 or float (<u2, <f4, <f8)"),
            ));
        }
    };
    Ok(([width, height], metres))
}

fn numbers<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.chunks_exact(N).filter_map(|number| number.try_into().ok())
}

fn tiff(source: &Source, bytes: &[u8]) -> Result<Map, InputError> {
    let failed = |error: tiff::TiffError| no_depth(source.path, error);
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions().map_err(failed)?;
    source.check_size([width, height])?;
    source.check_memory(u64::from(width) * u64::from(height) * 12)?;
    let samples = decoder.find_tag_unsigned::<u16>(Tag::SamplesPerPixel).ok().flatten().unwrap_or(1);
    if samples != 1 {
        return Err(no_depth(source.path, format!("its pixels have {samples} samples, not one")));
    }
    let metres = match decoder.read_image().map_err(failed)? {
        DecodingResult::U16(values) => values.into_iter().map(|value| f32::from(value) / MILLIMETRES).collect(),
        DecodingResult::F16(values) => values.into_iter().map(f16::to_f32).collect(),
        DecodingResult::F32(values) => values,
        DecodingResult::F64(values) => values.into_iter().map(|value| value as f32).collect(),
        _ => return Err(no_depth(source.path, "its samples are neither of 16 bits nor floats")),
    };
    Ok(([width, height], metres))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PHOTO: &str = "/photos/a.jpg";

    /// 4×2 pixels: millimetres 0, 500, … 3500.
    fn millimetres() -> Vec<u16> {
        (0..8).map(|i| i * 500).collect()
    }

    fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
        let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\0".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.bytes());
        bytes.extend(values);
        bytes
    }

    fn read(name: &str, content: &[u8]) -> Result<Option<SensorDepth>, InputError> {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(name), content).expect("space");
        SensorDepth::of(Path::new(PHOTO), [400, 200], folder.path(), &Limits::default())
    }

    fn written(name: &str, write: impl FnOnce(&Path)) -> Result<Option<SensorDepth>, InputError> {
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder.path().join(name));
        SensorDepth::of(Path::new(PHOTO), [400, 200], folder.path(), &Limits::default())
    }

    #[track_caller]
    fn is_the_map(found: Result<Option<SensorDepth>, InputError>) {
        let found = found.expect("read").expect("there");
        assert_eq!(found.size, [4, 2]);
        // The middles of the first, second and last pixel, and beyond the last edge.
        let at = [[0.1, 0.1], [0.375, 0.25], [0.9, 0.9], [1.0, 1.0]].map(|place| found.at(place));
        assert_eq!(at, [None, Some(0.5), Some(3.5), Some(3.5)]);
    }

    #[test]
    fn whole_numbers_are_millimetres_and_floats_are_metres() {
        let image = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(4, 2, millimetres()).expect("a map");
        for name in ["a.png", "a.jpg.png", "a_depth.png", "a.jpg.depth.png"] {
            is_the_map(written(name, |path| image.save(path).expect("space")));
        }
        is_the_map(written("a.tiff", |path| image.save(path).expect("space")));
        let metres: Vec<f32> = millimetres().iter().map(|value| f32::from(*value) / 1000.0).collect();
        let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        is_the_map(read("a.npy", &npy("<f4", "(2, 4)", &bytes(&metres))));
        let doubles: Vec<u8> = metres.iter().flat_map(|value| f64::from(*value).to_le_bytes()).collect();
        is_the_map(read("a.npy", &npy("<f8", "(1, 2, 4)", &doubles)));
        let whole: Vec<u8> = millimetres().iter().flat_map(|value| value.to_le_bytes()).collect();
        is_the_map(read("a.npy", &npy("<u2", "(2, 4, 1)", &whole)));
        let mut odd = metres.clone();
        odd[0] = f32::NAN;
        is_the_map(read("a.npy", &npy("<f4", "(2, 4)", &bytes(&odd))));
        odd[0] = -1.0;
        let channel = |name: &'static str| {
            let values = odd.clone();
            written("a.exr", move |path| {
                use exr::prelude::{Image, SpecificChannels, Vec2, WritableImage};
                let pixels = move |at: Vec2<usize>| (values[at.1 * 4 + at.0], 7.0f32);
                let channels = SpecificChannels::build().with_channel::<f32>(name).with_channel::<f32>("other");
                let image = Image::from_channels((4, 2), channels.with_pixel_fn(pixels));
                image.write().to_file(path).expect("space");
            })
        };
        for name in ["Z", "Y", "depth", "distance"] {
            is_the_map(channel(name));
        }
    }

    #[test]
    fn what_holds_no_depth_is_refused_by_name() {
        let grey = image::GrayImage::new(4, 2);
        let error = written("a.png", |path| grey.save(path).expect("space")).expect_err("8 bits").to_string();
        assert!(error.contains("a.png") && error.contains("not grey of 16 bits"), "{error}");
        for (name, content, why) in [
            ("a.npy", npy("<i4", "(2, 4)", &[0; 32]), "'<i4'"),
            ("a.npy", npy("<f4", "(2, 4)", &[0; 31]), "another number of values"),
            ("a.npy", npy("<f4", "(8,)", &[0; 32]), "shape is [8]"),
            ("a.npy", npy("<f4", "(99999999, 99999999)", &[0; 32]), "limits"),
            ("a.png", b"hello".to_vec(), "no PNG"),
            ("a.png", b"\x89PNG\r\n".to_vec(), "a.png"),
            ("a.tif", b"II*\0".to_vec(), "a.tif"),
            ("a.exr", vec![0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0], "a.exr"),
            ("a.exr", Vec::new(), "empty"),
        ] {
            let error = read(name, &content).expect_err(why).to_string();
            assert!(error.contains(why), "{why}: {error}");
        }
        let error = read("a.npy", &npy("<f4", "(4, 4)", &[0; 64])).expect_err("square");
        assert!(matches!(error, InputError::OtherDepth { depth: [4, 4], photo: [400, 200], .. }), "{error}");
        assert!(read("b.npy", &npy("<f4", "(2, 4)", &[0; 32])).expect("of another photo").is_none());
    }
}
