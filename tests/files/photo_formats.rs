//! Photos in the formats of telephones and cameras: right colours in the right corners.
//!
//! `scripts/photo-fixtures.py` made the files in `tests/fixtures/photos` with the encoders of libheif, libaom and libjxl.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

use std::path::{Path, PathBuf};

use fathom::input::{InputError, Limits, View, ViewId, load_view, photo_size};

const RED: [u8; 3] = [220, 40, 40];
const GREEN: [u8; 3] = [40, 200, 60];
const BLUE: [u8; 3] = [50, 60, 210];
const YELLOW: [u8; 3] = [230, 220, 60];
/// Upper left, upper right, lower left, lower right.
const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos").join(name)
}

fn load(name: &str) -> View {
    let path = fixture(name);
    let view = load_view(ViewId(1), &path, &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(photo_size(&path, &Limits::default()), Some([view.image.width(), view.image.height()]), "{name}");
    view
}

/// Checks the middle of each quarter.
fn has_quarters(name: &str, view: &View, quarters: [[u8; 3]; 4], tolerance: u8) {
    let (width, height) = view.image.dimensions();
    let middles = [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| (x * width / 4, y * height / 4));
    for ((x, y), expected) in middles.into_iter().zip(quarters) {
        let ours = view.image.get_pixel(x, y).0;
        let is_near = ours.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= tolerance);
        assert!(is_near, "{name} at {x}, {y}: {ours:?} for {expected:?}");
    }
}

#[test]
fn the_container_turns_heic_and_avif_and_exif_does_not() {
    for name in ["turned.heic", "turned.avif"] {
        let view = load(name);
        // A quarter turn against the clock.
        has_quarters(name, &view, [GREEN, YELLOW, RED, BLUE], 4);
        assert_eq!(view.focal.expect("EXIF is read for the lens").mm_35, 28.0, "{name}");
    }
}

/// The upper left quarter as stored is transparent: it lies lower left behind a quarter turn against the clock.
#[test]
fn what_alpha_hides_is_hidden_in_every_format() {
    const CALM: [u8; 3] = [124, 116, 104];
    for name in ["alpha.heic", "alpha.avif", "alpha_small.heic", "alpha_small.avif", "alpha.jxl", "alpha.jp2"] {
        let view = load(name);
        let (width, height) = view.image.dimensions();
        assert_eq!(width, if name.starts_with("alpha_small") { 128 } else { 64 }, "{name}");
        let (expected, corner) = match name {
            "alpha.jxl" | "alpha.jp2" => ([CALM, GREEN, BLUE, YELLOW], [0, 0]),
            _ => ([GREEN, YELLOW, CALM, BLUE], [0, height / 2]),
        };
        has_quarters(name, &view, expected, 4);
        let hidden = view.hidden.as_ref().unwrap_or_else(|| panic!("{name} hides nothing"));
        assert_eq!(hidden.dimensions(), (width, height), "{name}");
        for (x, y, value) in hidden.enumerate_pixels() {
            let is_within =
                (corner[0]..corner[0] + width / 2).contains(&x) && (corner[1]..corner[1] + height / 2).contains(&y);
            assert_eq!(value.0[0] > 0, is_within, "{name} at {x}, {y}");
        }
    }
    for name in ["turned.heic", "turned.avif", "lossless.jxl", "grey.jxl", "lossless.jp2"] {
        assert!(load(name).hidden.is_none(), "{name}");
    }
}

#[test]
fn pictures_of_high_dynamic_range_in_containers_are_read() {
    for name in ["pq.heic", "hlg.heic", "pq.avif", "hlg.avif"] {
        let view = load(name);
        let middle = |x, y| view.image.get_pixel(x, y).0;
        let [red, green, blue] = [middle(16, 16), middle(48, 16), middle(16, 48)];
        assert!(red[0] > red[1] && green[1] > green[0] && blue[2] > blue[0], "{name}: {red:?} {green:?} {blue:?}");
    }
}

#[test]
fn tiles_are_put_together_cropped_and_mirrored() {
    for name in ["tiles.heic", "tiles.avif"] {
        let view = load(name);
        assert_eq!(view.image.dimensions(), (112, 48), "{name}");
        has_quarters(name, &view, [GREEN, RED, YELLOW, BLUE], 4);
        // 128 pixels, of which 120 are the picture and 112 stay: the border lies at 60 of 112 when mirrored? It lay at
        // 64, four are cut at the left, and mirroring puts it at 112 - 60.
        let [left, right] = [51, 53].map(|x| view.image.get_pixel(x, 4).0);
        assert!(left[1] > left[0] && right[0] > right[1], "{name}: {left:?} {right:?}");
    }
}

#[test]
fn the_primary_picture_counts_and_ten_and_twelve_bits_are_read() {
    for name in ["second.heic", "second.avif", "ten_bits.heic", "ten_bits.avif", "twelve_bits.avif", "sequence.avif"] {
        let view = load(name);
        assert_eq!(view.stored_size, [64, 64], "{name}");
        has_quarters(name, &view, UPRIGHT, 4);
    }
}

#[test]
fn display_p3_becomes_srgb() {
    for name in ["display_p3.heic", "display_p3.avif"] {
        has_quarters(name, &load(name), UPRIGHT, 6);
    }
}

#[test]
fn jpeg_xl_is_read_turned_and_in_grey() {
    has_quarters("lossless.jxl", &load("lossless.jxl"), UPRIGHT, 0);
    let view = load("from_jpeg.jxl");
    // EXIF orientation 6, which the encoder took into the picture's own header: a quarter turn with the clock, once.
    has_quarters("from_jpeg.jxl", &view, [BLUE, RED, YELLOW, GREEN], 4);
    assert_eq!(view.focal.expect("EXIF").mm_35, 28.0);
    has_quarters("lossless.jp2", &load("lossless.jp2"), UPRIGHT, 0);
    has_quarters("lossy.j2k", &load("lossy.j2k"), UPRIGHT, 6);
    let grey = load("grey16.jp2");
    assert_eq!([0, 32, 63].map(|x| grey.image.get_pixel(x, 5).0), [[0; 3], [128; 3], [252; 3]]);
    let grey = load("grey.jxl");
    assert!((0..64).all(|x| grey.image.get_pixel(x, 9).0 == [4 * x as u8; 3]));
}

#[test]
fn declared_sizes_are_checked_before_anything_is_decoded() {
    let small = Limits { side: 40, ..Limits::default() };
    for name in ["turned.heic", "tiles.avif", "lossless.jxl", "lossless.jp2", "lossy.j2k"] {
        let error = load_view(ViewId(1), &fixture(name), &small).expect_err("too large");
        assert!(matches!(error, InputError::TooManyPixels { side_limit: 40, .. }), "{name}: {error}");
        let poor = Limits { decode_bytes: 9000, ..Limits::default() };
        let error = load_view(ViewId(1), &fixture(name), &poor).expect_err("too much");
        assert!(matches!(error, InputError::TooMuchMemory { limit: 9000, .. }), "{name}: {error}");
        assert_eq!(photo_size(&fixture(name), &small), None, "{name}");
    }
}

#[test]
fn what_is_cut_off_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["tiles.heic", "tiles.avif", "second.heic", "from_jpeg.jxl"] {
        let whole = std::fs::read(fixture(name)).expect("there");
        for length in [whole.len() / 2, whole.len() - 12] {
            let path = folder.path().join(name);
            std::fs::write(&path, &whole[..length]).expect("written");
            match load_view(ViewId(1), &path, &Limits::default()) {
                Err(InputError::Truncated { .. }) => {}
                Err(error) => panic!("{name}, {length}: {error}"),
                Ok(_) => panic!("{name} is read from {length} of {} bytes", whole.len()),
            }
        }
    }
}

/// Files that made a decoder panic, found by `scripts/fuzz.sh`: each costs itself and nothing else.
#[test]
fn what_made_decoders_give_up_is_refused_in_words() {
    let found = std::fs::read_dir(fixture("found")).expect("a folder");
    let paths: Vec<PathBuf> = found.map(|entry| entry.expect("readable").path()).collect();
    assert!(!paths.is_empty());
    for path in paths {
        let error = load_view(ViewId(1), &path, &Limits::default()).err();
        assert!(matches!(&error, Some(InputError::Corrupt { path: named, .. }) if *named == path), "{error:?}");
    }
}

#[test]
fn raw_files_give_their_largest_preview_turned_as_they_say() {
    let view = load("turned.dng");
    has_quarters("turned.dng", &view, [BLUE, RED, YELLOW, GREEN], 6);
    assert_eq!((view.stored_size, view.focal.expect("of the raw file").mm_35), ([64, 64], 35.0));
    for name in ["plain.orf", "plain.rw2"] {
        let view = load(name);
        has_quarters(name, &view, UPRIGHT, 6);
        assert_eq!(view.focal.expect("of the raw file").mm_35, 35.0, "{name}");
    }
    let view = load("turned.cr3");
    has_quarters("turned.cr3", &view, [YELLOW, BLUE, GREEN, RED], 6);
    assert_eq!(view.focal.expect("of its second block").mm_35, 35.0);
    let view = load("turned.raf");
    assert_eq!(view.image.dimensions(), (64, 1024));
    has_quarters("turned.raf", &view, [GREEN, YELLOW, RED, BLUE], 6);
    assert_eq!(view.focal.expect("of the preview").mm_35, 50.0);
}

#[test]
fn a_raw_file_with_a_thumbnail_alone_says_so() {
    let error = load_view(ViewId(1), &fixture("thumbnail.nef"), &Limits::default()).expect_err("16 of 80 pixels");
    assert!(matches!(error, InputError::UnsupportedVariant { .. }), "{error}");
    assert!(error.to_string().contains("a thumbnail of 16×16 pixels"), "{error}");
}

#[test]
fn unusual_kinds_of_tiff_have_their_colours() {
    for name in ["palette.tif", "palette_lzw.tif", "half.tif", "double.tif", "planar.tif", "big.tif", "twelve_bits.tif"]
    {
        has_quarters(name, &load(name), UPRIGHT, 1);
    }
    has_quarters("jpeg.tif", &load("jpeg.tif"), UPRIGHT, 12);
    let greys = UPRIGHT.map(|[_, green, _]| [green; 3]);
    for name in ["float_grey.tif", "white_is_zero.tif", "fourteen_bits.tif"] {
        let view = load(name);
        has_quarters(name, &view, greys, 1);
        assert_eq!(view.remark, None, "{name} uses its range");
    }
    has_quarters("four_bits.tif", &load("four_bits.tif"), greys, 17);
}

#[test]
fn colour_profiles_are_followed() {
    has_quarters("display_p3.png", &load("display_p3.png"), UPRIGHT, 2);
    has_quarters("display_p3.jpg", &load("display_p3.jpg"), UPRIGHT, 6);
}

#[test]
fn twelve_bits_in_sixteen_are_stretched_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("microscope.png");
    let grey = image::ImageBuffer::from_fn(128, 32, |x, _| image::Luma([32 * x as u16]));
    grey.save(&path).expect("written");
    let view = load_view(ViewId(1), &path, &Limits::default()).expect("a good file");
    assert_eq!([0, 64, 127].map(|x| view.image.get_pixel(x, 3).0[0]), [0, 129, 255]);
    let said = view.remark.expect("a remark").to_string();
    assert!(said.contains("between 0 and 4064"), "{said}");
}

/// A scene of a hundred thousand to one, as a lamp in a dark room: neither black nor white all over.
#[test]
fn high_dynamic_range_is_exposed_from_the_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, scale) in [("room.exr", 1.0), ("room.hdr", 50.0), ("dark.exr", 1e-4)] {
        let path = folder.path().join(name);
        let light = |x: u32| scale * 0.001 * 100_000f32.powf(x as f32 / 99.0);
        let scene = image::ImageBuffer::from_fn(100, 8, |x, _| image::Rgb([light(x), light(x), light(x)]));
        image::DynamicImage::ImageRgb32F(scene).save(&path).expect("written");
        let view = load_view(ViewId(1), &path, &Limits::default()).expect("a good file");
        let values = [0, 25, 50, 75, 99].map(|x| view.image.get_pixel(x, 4).0[0]);
        assert!(values.is_sorted() && values[0] < 15 && values[4] > 250, "{name}: {values:?}");
        assert!((95..=120).contains(&values[2]) && values[1] > 20, "{name}: {values:?}");
    }
}
