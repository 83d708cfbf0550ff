//! What EXIF says about a photo: which way is up, and which lens it was. And thumbnails, which turn as well.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use fathom::input::{InputError, Limits, View, ViewId, load_view, thumbnail};
use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;

fn load(path: &Path) -> View {
    load_view(ViewId(0), path, &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

/// A JPEG with an EXIF block of three entries: orientation, focal length on 35 mm film, and the pointer between them.
fn jpeg_with_exif(image: RgbImage, orientation: u16, focal_mm: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    tiff.extend(2u16.to_le_bytes());
    tiff.extend(entry(0x0112, 3, u32::from(orientation)));
    tiff.extend(entry(0x8769, 4, 8 + 2 + 2 * 12 + 4));
    tiff.extend(0u32.to_le_bytes());
    tiff.extend(1u16.to_le_bytes());
    tiff.extend(entry(0xA405, 3, u32::from(focal_mm)));
    tiff.extend(0u32.to_le_bytes());

    let plain = encoded(&image, ImageFormat::Jpeg);
    let length = (2 + 6 + tiff.len()) as u16;
    [&plain[..2], b"\xFF\xE1", &length.to_be_bytes(), b"Exif\0\0", &tiff, &plain[2..]].concat()
}

#[test]
fn exif_turns_the_photo_upright_and_gives_the_lens() {
    let folder = tempfile::tempdir().expect("a folder");
    // Four quarters; upright they read red, green / blue, white.
    const UPRIGHT: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];
    // Which upright quarter the stored picture shows at its top left, top right, bottom left and bottom right.
    let stored_as = [
        [0, 1, 2, 3],
        [1, 0, 3, 2],
        [3, 2, 1, 0],
        [2, 3, 0, 1],
        [0, 2, 1, 3],
        [1, 3, 0, 2],
        [3, 1, 2, 0],
        [2, 0, 3, 1],
    ];
    for (orientation, quarters) in (1u16..).zip(stored_as) {
        let stored = RgbImage::from_fn(64, 32, |x, y| Rgb(UPRIGHT[quarters[(x / 32 + y / 16 * 2) as usize]]));
        let path = file(&folder, &format!("{orientation}.jpg"), &jpeg_with_exif(stored, orientation, 26));
        let view = load(&path);
        let small = thumbnail(&path, &Limits::default(), 16).expect("a good file");
        let (width, height) = if orientation < 5 { (64, 32) } else { (32, 64) };
        assert_eq!(view.image.dimensions(), (width, height), "orientation {orientation}");
        assert_eq!((view.stored_size, small.size), ([64, 32], [width, height]));
        assert_eq!(small.image.dimensions(), (width / 4, height / 4));
        assert_eq!(view.focal.expect("a focal length").mm_35, 26.0);
        for image in [&view.image, &small.image] {
            let (width, height) = image.dimensions();
            for (quarter, expected) in UPRIGHT.into_iter().enumerate() {
                let (x, y) = (width * (1 + 2 * (quarter as u32 % 2)) / 4, height * (1 + 2 * (quarter as u32 / 2)) / 4);
                let ours = image.get_pixel(x, y).0;
                let near = ours.iter().zip(expected).all(|(a, b): (&u8, u8)| a.abs_diff(b) < 40);
                assert!(near, "orientation {orientation}, quarter {quarter}: {ours:?}");
            }
        }
    }
}

/// Stored red on the left and blue on the right, orientation 6 (a quarter turn clockwise), 35 mm.
#[test]
fn exif_is_read_from_every_container_that_has_it() {
    for name in ["lens.png", "lens.webp", "lens.tif"] {
        let view = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name));
        assert_eq!((view.stored_size, view.image.dimensions()), ([16, 8], (8, 16)), "{name}");
        assert_eq!(view.focal.map(|focal| focal.mm_35), Some(35.0), "{name}");
        assert_eq!([view.image.get_pixel(4, 2).0, view.image.get_pixel(4, 13).0], [[255, 0, 0], [0, 0, 255]], "{name}");
    }
}

#[test]
fn thumbnails_shrink_and_never_grow() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(&folder, "wide.png", &encoded(&RgbImage::new(1000, 3), ImageFormat::Png));
    let wide = thumbnail(&path, &Limits::default(), 100).expect("a good file");
    assert_eq!((wide.image.dimensions(), wide.size), ((100, 1), [1000, 3]));
    let small = RgbImage::from_fn(20, 30, |x, y| Rgb([9 * x as u8, 7 * y as u8, 50]));
    let path = file(&folder, "small.png", &encoded(&small, ImageFormat::Png));
    assert_eq!(thumbnail(&path, &Limits::default(), 100).expect("a good file").image, small);
    let path = file(&folder, "bad.png", b"words");
    assert!(matches!(thumbnail(&path, &Limits::default(), 100), Err(InputError::NotAPhoto { .. })));
}
