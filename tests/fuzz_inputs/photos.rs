//! Photos of every format, and every decoder.

use std::io::Cursor;
use std::path::Path;

use fathom::input::{Limits, ViewId, load_view, photo_size, thumbnail};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::changes::changed;
use crate::watching::{Outcome, Seed, Target, run};

/// Bytes that decoding may take here, and what the process may take beside them.
const DECODE_BYTES: u64 = 256 << 20;
const REST_BYTES: u64 = 512 << 20;

fn limits() -> Limits {
    Limits { pixels: 20_000_000, decode_bytes: DECODE_BYTES, ..Limits::default() }
}

/// Small good files of every format, by their names.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for folder in [root.clone(), root.join("photos"), root.join("photos/found")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                seeds.push((name, std::fs::read(entry.path()).expect("readable")));
            }
        }
    }
    let picture = RgbImage::from_fn(40, 24, |x, y| Rgb([6 * x as u8, 10 * y as u8, (x * y) as u8]));
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::Qoi,
        ImageFormat::Pnm,
        ImageFormat::Tga,
        ImageFormat::OpenExr,
        ImageFormat::Hdr,
    ] {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::ImageRgb8(picture.clone());
        let is_float = matches!(format, ImageFormat::OpenExr | ImageFormat::Hdr);
        let picture = if is_float { picture.into_rgb32f().into() } else { picture };
        picture.write_to(&mut bytes, format).expect("encoded");
        seeds.push((format!("made.{}", format.extensions_str()[0]), bytes.into_inner()));
    }
    seeds.sort();
    seeds
}

fn read(folder: &Path, seed: &Seed, round: u64) -> Outcome {
    let path = folder.join(&seed.name);
    let result = load_view(ViewId(1), &path, &limits());
    let _ = photo_size(&path, &limits());
    if round.is_multiple_of(16) {
        let _ = thumbnail(&path, &limits(), 16);
    }
    match result {
        Ok(_) => Outcome::Read,
        Err(error) if error.path() != path || error.advice().is_empty() => {
            Outcome::Wrong(format!("{error} does not name the file"))
        }
        Err(error) if error.to_string().ends_with("(the decoder gave up)") => Outcome::GaveUp,
        Err(_) => Outcome::Refused,
    }
}

#[test]
fn damaged_photos_are_read_or_refused_in_time_and_in_memory() {
    let seeds = seeds().into_iter().map(|(name, bytes)| Seed { files: vec![(name.clone(), bytes)], name });
    run(&Target {
        what: "photos",
        seeds: seeds.collect(),
        few: 12,
        most_bytes: DECODE_BYTES + REST_BYTES,
        change: |seed, at, random| changed(&seed.files[at].1, random),
        read: &read,
    });
}
