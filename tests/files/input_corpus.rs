//! Files as they come from people: every bad one is named with its reason, every good one is read.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use fathom::input::{Folders, InputError, Limits, View, ViewId, collect, load_view};
use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage};
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A folder that is removed with the test, and what a test does with files in it.
struct Corpus(TempDir);

impl Corpus {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder for temporary files"))
    }

    fn file(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

fn load(path: &Path) -> Result<View, InputError> {
    load_view(ViewId(7), path, &Limits::default())
}

/// The error of a file that must not load; checks what every error owes a person.
fn refused(path: &Path) -> InputError {
    let error = load(path).expect_err("this file must not load");
    assert_eq!(error.path(), path);
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(error.to_string().contains(&name), "{error} does not name {name}");
    assert!(!error.advice().is_empty());
    error
}

fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(7 * x) as u8, (11 * y) as u8, (x * y % 251) as u8]))
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

/// A PNG that claims a size and holds nothing else.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(photo(1, 1), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = 0xFFFF_FFFFu32;
    for byte in &bytes[12..29] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    bytes
}

#[test]
fn every_lossless_format_comes_back_exactly() {
    let corpus = Corpus::new();
    let image = photo(37, 23);
    for format in [
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::Qoi,
        ImageFormat::Tga,
        ImageFormat::Pnm,
    ] {
        let name = format!("photo.{}", format.extensions_str()[0]);
        let view = load(&corpus.file(&name, &encoded(image.clone(), format))).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(view.image, image, "{name}");
        assert_eq!((view.id, view.stored_size, view.focal), (ViewId(7), [37, 23], None));
    }
}

#[test]
fn jpeg_and_gif_come_back_nearly() {
    let corpus = Corpus::new();
    let image = RgbImage::from_fn(40, 24, |x, _| if x < 20 { Rgb([250, 20, 10]) } else { Rgb([10, 30, 240]) });
    for (name, format) in [("a.jpg", ImageFormat::Jpeg), ("a.gif", ImageFormat::Gif)] {
        let view = load(&corpus.file(name, &encoded(image.clone(), format))).expect("a good file");
        for (x, y) in [(5, 5), (35, 20)] {
            let (ours, expected) = (view.image.get_pixel(x, y).0, image.get_pixel(x, y).0);
            assert!(ours.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12), "{name}: {ours:?} for {expected:?}");
        }
    }
}

#[test]
fn a_wrong_extension_does_not_matter() {
    let corpus = Corpus::new();
    let path = corpus.file("really a png.jpg", &encoded(photo(9, 5), ImageFormat::Png));
    assert_eq!(load(&path).expect("content counts").image, photo(9, 5));
    let path = corpus.file("no extension", &encoded(photo(9, 5), ImageFormat::Bmp));
    assert_eq!(load(&path).expect("content counts").image, photo(9, 5));
}

#[test]
fn sixteen_bit_grey_alpha_and_float_become_8_bit_rgb() {
    let corpus = Corpus::new();
    let deep = ImageBuffer::from_fn(3, 1, |x, _| Luma([[0u16, 32_896, 65_535][x as usize]]));
    let view = load(&corpus.file("deep.png", &encoded(deep, ImageFormat::Png))).expect("16-bit PNG");
    assert_eq!(view.image.as_raw(), &[0, 0, 0, 128, 128, 128, 255, 255, 255]);

    let veiled = ImageBuffer::from_pixel(2, 2, LumaA([90u8, 10]));
    let view = load(&corpus.file("veiled.png", &encoded(veiled, ImageFormat::Png))).expect("grey and alpha");
    assert!(view.image.pixels().all(|pixel| pixel.0 == [90; 3]));

    let linear = ImageBuffer::from_pixel(2, 1, Rgb([0.214_041_14_f32, 1.0, 0.0]));
    for (name, format) in [("linear.exr", ImageFormat::OpenExr), ("linear.tif", ImageFormat::Tiff)] {
        let view = load(&corpus.file(name, &encoded(linear.clone(), format))).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(view.image.get_pixel(1, 0).0, [128, 255, 0], "{name}");
    }
}

/// Five patches: cyan, magenta, yellow, half black, and a mixture with 25 % cyan, 50 % magenta and 20 % black.
#[test]
fn cmyk_jpegs_have_their_colours() {
    for name in ["cmyk.jpg", "ycck.jpg"] {
        let view = load(&fixture(name)).unwrap_or_else(|error| panic!("{error}"));
        let expected = [[0, 255, 255], [255, 0, 255], [255, 255, 0], [127, 127, 127], [153, 102, 204]];
        for (patch, expected) in expected.into_iter().enumerate() {
            let ours = view.image.get_pixel(8 * patch as u32 + 4, 8).0;
            let near = ours.iter().zip(expected).all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 3);
            assert!(near, "{name}, patch {patch}: {ours:?} for {expected:?}");
        }
    }
}

#[test]
fn empty_missing_folders_and_text_are_told_apart() {
    let corpus = Corpus::new();
    assert!(matches!(refused(&corpus.file("empty.jpg", b"")), InputError::Empty { .. }));
    assert!(matches!(refused(&corpus.0.path().join("vanished.jpg")), InputError::Missing { .. }));

    let folder = corpus.0.path().join("folder.jpg");
    std::fs::create_dir(&folder).expect("a folder");
    assert!(matches!(refused(&folder), InputError::Folder { .. }));

    let text = refused(&corpus.file("notes.jpg", b"Remember the milk.\n"));
    assert!(text.to_string().ends_with("is a text file, not a photo"), "{text}");
    let page = refused(&corpus.file("download.jpg", b"<!doctype html><html><body>404</body></html>"));
    assert!(page.to_string().ends_with("is a web page, not a photo"), "{page}");
    assert!(matches!(refused(&corpus.file("noise.png", &[1, 2, 3, 250, 9, 8])), InputError::UnknownFormat { .. }));
}

#[test]
fn formats_that_are_not_read_are_named_with_the_way_out() {
    let corpus = Corpus::new();
    let jxr = refused(&corpus.file("IMG_0001.jpg", b"II\xBC\x01\x08\0\0\0\x0C\0\x01\xBC\x01\0\x10\0"));
    assert!(jxr.to_string().ends_with("JPEG XR is not supported"), "{jxr}");
    assert_eq!(jxr.advice(), "Convert the JPEG XR file to JPEG or PNG");
    let jp2 = refused(&corpus.file("IMG_0002.jpg", b"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x14ftypjp2 "));
    assert!(matches!(jp2, InputError::Corrupt { .. }), "a container without a picture: {jp2}");
    let video = refused(&corpus.file("clip.jpg", b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2"));
    assert!(video.to_string().ends_with("is a film, and films are not read yet"), "{video}");
    let pdf = refused(&corpus.file("scan.pdf", b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"));
    assert!(pdf.to_string().ends_with("PDF is not supported"), "{pdf}");
}

#[test]
fn sizes_beyond_the_limits_are_refused_before_anything_is_decoded() {
    let corpus = Corpus::new();
    let huge = refused(&corpus.file("huge.png", &png_header(100_000, 100_000)));
    assert!(matches!(huge, InputError::TooManyPixels { width: 100_000, height: 100_000, .. }), "{huge}");
    let wide = refused(&corpus.file("wide.png", &png_header(60_000, 60_000)));
    assert!(wide.to_string().contains("60000×60000"), "{wide}");
    assert!(matches!(refused(&corpus.file("flat.png", &png_header(10, 0))), InputError::NoArea { height: 0, .. }));
    let no_area = refused(&corpus.file("none.gif", b"GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff\x3b"));
    assert!(matches!(no_area, InputError::NoArea { .. }), "{no_area}");

    let path = corpus.file("small.png", &encoded(photo(64, 64), ImageFormat::Png));
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        load_view(ViewId(0), &path, &limits).expect_err("beyond a limit")
    };
    assert!(matches!(with(|limits| limits.file_bytes = 10), InputError::FileTooLarge { limit: 10, .. }));
    assert!(matches!(with(|limits| limits.side = 63), InputError::TooManyPixels { side_limit: 63, .. }));
    assert!(matches!(with(|limits| limits.pixels = 4095), InputError::TooManyPixels { pixel_limit: 4095, .. }));
    assert!(matches!(with(|limits| limits.decode_bytes = 64 * 64), InputError::TooMuchMemory { limit: 4096, .. }));
}

#[test]
fn files_that_are_cut_off_say_so() {
    let corpus = Corpus::new();
    let image = photo(160, 120);
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::Gif,
        ImageFormat::Qoi,
        ImageFormat::Tga,
        ImageFormat::Pnm,
    ] {
        let whole = encoded(image.clone(), format);
        for (part, length) in [("half", whole.len() / 2), ("most", whole.len() * 9 / 10)] {
            let name = format!("{part}.{}", format.extensions_str()[0]);
            let error = refused(&corpus.file(&name, &whole[..length]));
            assert!(matches!(error, InputError::Truncated { .. }), "{name}: {error}");
        }
    }
}

#[test]
fn damage_is_an_error_and_never_a_crash() {
    let corpus = Corpus::new();
    let mut png = encoded(photo(60, 40), ImageFormat::Png);
    png[60..200].fill(0x55);
    let error = refused(&corpus.file("damaged.png", &png));
    assert!(matches!(error, InputError::Corrupt { format: "PNG", .. }), "{error}");

    // Whatever is overwritten, wherever: a view or a named error.
    for format in [ImageFormat::Jpeg, ImageFormat::Tiff, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        let good = encoded(photo(60, 40), format);
        for step in 0..40 {
            let mut bad = good.clone();
            let at = step * bad.len() / 40;
            let end = (at + 6).min(bad.len());
            bad[at..end].fill((37 * step) as u8);
            let path = corpus.file(format!("{step}.{}", format.extensions_str()[0]), &bad);
            if let Err(error) = load(&path) {
                assert_eq!(error.path(), path);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn unreadable_files_and_pipes_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let corpus = Corpus::new();
    let path = corpus.file("secret.png", &encoded(photo(4, 4), ImageFormat::Png));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("own file");
    // The administrator may read everything; the file is then simply read.
    if std::fs::File::open(&path).is_err() {
        let error = refused(&path);
        assert!(matches!(&error, InputError::Unreadable { .. }), "{error}");
        assert!(error.advice().contains("permissions"));
    }
    assert!(matches!(refused(Path::new("/dev/null")), InputError::NotAFile { .. }));
    let looped = corpus.0.path().join("loop.png");
    std::os::unix::fs::symlink(&looped, &looped).expect("a link to itself");
    assert!(matches!(refused(&looped), InputError::Unreadable { .. }));
}

#[cfg(target_os = "linux")]
#[test]
fn names_of_any_bytes_and_length_work() {
    use std::os::unix::ffi::OsStrExt as _;
    let corpus = Corpus::new();
    let bytes = encoded(photo(4, 3), ImageFormat::Png);
    let strange = corpus.file(std::ffi::OsStr::from_bytes(b"bl\xFCten \xFF\n.png"), &bytes);
    let long = corpus.file(format!("{}.png", "n".repeat(251)), &bytes);
    let collected = collect(&[corpus.0.path().to_owned()], Folders::Themselves, &Limits::default());
    assert_eq!(collected.photos, [strange.clone(), long.clone()]);
    for path in &collected.photos {
        assert_eq!(&load(path).expect("a good file").path, path);
    }
    let too_long = corpus.0.path().join("n".repeat(300));
    let error = load(&too_long).expect_err("longer than any file system allows");
    assert!(matches!(error, InputError::Unreadable { .. }) && error.to_string().len() < 400, "{error}");
}

#[test]
fn bad_files_among_good_ones_cost_only_themselves() {
    let corpus = Corpus::new();
    let good = encoded(photo(12, 8), ImageFormat::Png);
    corpus.file("1 good.png", &good);
    corpus.file("2 empty.jpg", b"");
    corpus.file("3 text.jpg", b"words");
    corpus.file("4 cut.png", &good[..good.len() / 2]);
    corpus.file("5 good.webp", &encoded(photo(12, 8), ImageFormat::WebP));
    let collected = collect(&[corpus.0.path().to_owned()], Folders::Themselves, &Limits::default());
    assert_eq!((collected.photos.len(), collected.problems.len()), (5, 0));
    let read: Vec<bool> = collected.photos.iter().map(|path| load(path).is_ok()).collect();
    assert_eq!(read, [true, false, false, false, true]);
}
