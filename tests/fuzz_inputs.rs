//! Damaged photos, thousands of them: whatever the bytes are, a file is read or refused in words, in time and in memory.
//!
//! An ordinary run changes each seed a few times. `scripts/fuzz.sh SECONDS [NAME]` goes on for as long as it is told and
//! prints what it counted. Files that once made trouble lie in `tests/fixtures/photos/found`.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test, and its report")]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fathom::input::{InputError, Limits, ViewId, load_view, photo_size, thumbnail};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// Changes of each seed in an ordinary run.
const FEW: u64 = 12;
/// No file of a seed's size may take longer.
const SLOWEST: Duration = Duration::from_secs(10);
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

/// xorshift64*: the same changes on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

const TELLING: [u32; 12] = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

/// Some changes to a file, most of them where headers are.
fn changed(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let reach = if random.below(2) == 0 { bytes.len().min(400) } else { bytes.len() };
        let at = random.below(reach);
        let rest = bytes.len() - at;
        match random.below(8) {
            0 | 1 if rest > 0 => bytes[at] ^= 1 << random.below(8),
            2 if rest > 0 => bytes[at] = random.next() as u8,
            3 | 4 if rest >= 4 => {
                let value = TELLING[random.below(TELLING.len())];
                let width = [1, 2, 4][random.below(3)];
                let value = if random.below(2) == 0 { value.to_le_bytes() } else { value.to_be_bytes() };
                let from = if random.below(2) == 0 { 0 } else { 4 - width };
                bytes[at..at + width].copy_from_slice(&value[from..from + width]);
            }
            5 => drop(bytes.drain(at..at + random.below(rest.min(40) + 1))),
            6 => {
                let copied = bytes[at..at + random.below(rest.min(60) + 1)].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copied);
            }
            _ if random.below(4) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

/// Where decoders gave up, and how often.
static PANICS: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

#[derive(Default)]
struct Count {
    files: u64,
    read: u64,
    gave_up: u64,
    slowest: Duration,
    most_bytes: u64,
}

/// The most memory that the process had since the last call, on Linux; 0 elsewhere.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    // "5" takes the peak back to what is there now.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak.map_or(0, |kib: u64| kib << 10)
}

/// A file that takes for ever would hang the test without a word, so somebody looks at the clock.
fn watch(current: &'static Mutex<(PathBuf, Instant)>) {
    std::thread::Builder::new()
        .name("watch".into())
        .spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let (path, since) = current.lock().map(|now| now.clone()).expect("not poisoned");
                if since.elapsed() > 3 * SLOWEST {
                    println!("{} takes for ever; it is kept", path.display());
                    std::process::abort();
                }
            }
        })
        .expect("a thread");
}

#[test]
fn damaged_files_are_read_or_refused_in_time_and_in_memory() {
    let current: &'static Mutex<_> = Box::leak(Box::new(Mutex::new((PathBuf::new(), Instant::now()))));
    watch(current);
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seconds = number("FATHOM_FUZZ_SECONDS");
    let only = std::env::var("FATHOM_FUZZ_ONLY").unwrap_or_default();
    let mut random = Random(number("FATHOM_FUZZ_SEED").unwrap_or(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    // Panics in decoders are caught where files are read; their words would bury the report.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or("nowhere".into(), |at| format!("{}:{}", at.file(), at.line()));
        if let Ok(mut places) = PANICS.lock() {
            *places.entry(place).or_default() += 1;
        }
    }));

    let folder = tempfile::tempdir().expect("a folder");
    let seeds: Vec<_> = seeds().into_iter().filter(|(name, _)| name.contains(&only)).collect();
    assert!(!seeds.is_empty(), "no seed is called {only}");
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut wrong = Vec::new();
    let started = Instant::now();
    let before = peak_bytes();
    let mut round = 0;
    while seconds.map_or(round < FEW, |most| started.elapsed().as_secs() < most) {
        for (name, seed) in &seeds {
            let bytes = if round == 0 { seed.clone() } else { changed(seed, &mut random) };
            let path = folder.path().join(name);
            std::fs::write(&path, &bytes).expect("written");
            let start = Instant::now();
            *current.lock().expect("not poisoned") = (path.clone(), start);
            let result = load_view(ViewId(1), &path, &limits());
            let _ = photo_size(&path, &limits());
            if round % 16 == 0 {
                let _ = thumbnail(&path, &limits(), 16);
            }
            let (took, peak) = (start.elapsed(), peak_bytes());

            let ending = name.rsplit('.').next().unwrap_or_default();
            let count = counts.entry(ending.to_owned()).or_default();
            count.files += 1;
            count.slowest = count.slowest.max(took);
            count.most_bytes = count.most_bytes.max(peak.saturating_sub(before));
            let gave_up = |error: &InputError| error.to_string().ends_with("(the decoder gave up)");
            match &result {
                Ok(_) => count.read += 1,
                Err(error) => {
                    count.gave_up += u64::from(gave_up(error));
                    if error.path() != path || error.advice().is_empty() {
                        wrong.push(format!("{name}: {error} does not name the file"));
                    }
                }
            }
            let is_heavy = peak.saturating_sub(before) > DECODE_BYTES + REST_BYTES;
            if took > SLOWEST || is_heavy || result.as_ref().is_err_and(gave_up) {
                if let Ok(kept) = std::env::var("FATHOM_FUZZ_KEEP") {
                    let kept = Path::new(&kept).join(format!("{round}_{name}"));
                    std::fs::write(kept, &bytes).expect("kept");
                }
                if took > SLOWEST || is_heavy {
                    wrong.push(format!("{name} in round {round}: {took:?}, {} MiB", peak >> 20));
                }
            }
        }
        round += 1;
    }
    println!("{:8} {:>8} {:>8} {:>8} {:>10} {:>8}", "format", "files", "read", "panics", "slowest", "MiB");
    for (ending, count) in &counts {
        let slowest = format!("{:.3} s", count.slowest.as_secs_f64());
        let (files, read, panics, mib) = (count.files, count.read, count.gave_up, count.most_bytes >> 20);
        println!("{ending:8} {files:>8} {read:>8} {panics:>8} {slowest:>10} {mib:>8}");
    }
    for (place, times) in PANICS.lock().expect("not poisoned").iter() {
        println!("{times:>8} panics at {place}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
