//! The run itself: how long it goes on, what it measures of each file, and what it reports.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::changes::Random;

/// No file of a seed's size may take longer.
const SLOWEST: Duration = Duration::from_secs(10);

/// Files that belong together, good ones.
pub struct Seed {
    /// By which they are chosen and counted: what is behind its last dot is the format.
    pub name: String,
    /// Names and contents; one of them is changed at a time.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What reading came to.
pub enum Outcome {
    Read,
    /// In words that are right.
    Refused,
    /// A panic in a decoder, which costs its photo and nothing else.
    GaveUp,
    /// What is wrong with the words.
    Wrong(String),
}

/// What is read, and how.
pub struct Target<'a> {
    pub what: &'a str,
    pub seeds: Vec<Seed>,
    /// Changes of each seed in an ordinary run.
    pub few: u64,
    /// The most bytes that reading may take.
    pub most_bytes: u64,
    pub change: fn(&Seed, usize, &mut Random) -> Vec<u8>,
    /// Reads the files in a folder.
    pub read: &'a dyn Fn(&Path, &Seed, u64) -> Outcome,
}

#[derive(Default)]
struct Count {
    files: u64,
    read: u64,
    gave_up: u64,
    slowest: Duration,
    most_bytes: u64,
}

/// Where code gave up, and how often.
static PANICS: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
/// What is read now, and since when.
static CURRENT: Mutex<Option<(PathBuf, Instant)>> = Mutex::new(None);

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// Reads the seeds, changed again and again, and fails where one takes too long or too much, panics, or is refused in wrong
/// words.
pub fn run(target: &Target) {
    watch();
    hush();
    let (seconds, enough) = (number("FATHOM_FUZZ_SECONDS"), number("FATHOM_FUZZ_FILES"));
    let only = std::env::var("FATHOM_FUZZ_ONLY").unwrap_or_default();
    let mut random = Random(number("FATHOM_FUZZ_SEED").unwrap_or(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let seeds: Vec<_> = target.seeds.iter().filter(|seed| seed.name.contains(&only)).collect();
    if seeds.is_empty() {
        println!("no seed of {} is called {only}", target.what);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut wrong = Vec::new();
    let started = Instant::now();
    let before = peak_bytes();
    let mut round = 0;
    loop {
        let has_time = match (enough, seconds) {
            (Some(_), _) => true,
            (None, Some(most)) => started.elapsed().as_secs() < most,
            (None, None) => round < target.few,
        };
        let mut is_done = true;
        for seed in seeds.iter().filter(|_| has_time) {
            let format = seed.name.rsplit('.').next().unwrap_or_default();
            let count = counts.entry(format).or_default();
            if enough.is_some_and(|enough| count.files >= enough) {
                continue;
            }
            is_done = false;
            let at = random.below(seed.files.len());
            // Files of another seed would be found in its place.
            let folder = folder.path().join(format!("{} files", seed.name));
            std::fs::create_dir_all(&folder).expect("a folder");
            for (index, (name, good)) in seed.files.iter().enumerate() {
                let is_changed = index == at && round > 0;
                let bytes = if is_changed { (target.change)(seed, at, &mut random) } else { good.clone() };
                std::fs::write(folder.join(name), &bytes).expect("written");
            }
            let start = Instant::now();
            *CURRENT.lock().expect("not poisoned") = Some((folder.join(&seed.name), start));
            let outcome = catch_unwind(AssertUnwindSafe(|| (target.read)(&folder, seed, round)));
            let (took, peak) = (start.elapsed(), peak_bytes().saturating_sub(before));
            *CURRENT.lock().expect("not poisoned") = None;
            count.files += 1;
            count.slowest = count.slowest.max(took);
            count.most_bytes = count.most_bytes.max(peak);
            let fault = match &outcome {
                Ok(Outcome::Read) => {
                    count.read += 1;
                    None
                }
                Ok(Outcome::Refused) => None,
                Ok(Outcome::GaveUp) => {
                    count.gave_up += 1;
                    None
                }
                Ok(Outcome::Wrong(fault)) => Some(fault.clone()),
                Err(_) => Some("it panics".to_owned()),
            };
            let is_heavy = took > SLOWEST || peak > target.most_bytes;
            let fault = fault.or_else(|| is_heavy.then(|| format!("{took:?}, {} MiB", peak >> 20)));
            if fault.is_some() || matches!(outcome, Ok(Outcome::GaveUp)) {
                keep(&folder, seed, round);
            }
            if let Some(fault) = fault {
                wrong.push(format!("{} in round {round}: {fault}", seed.name));
            }
        }
        if is_done {
            break;
        }
        round += 1;
    }
    report(&counts);
    // What follows is to be read.
    drop(std::panic::take_hook());
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(20)]);
}

/// Panics in decoders are caught where files are read; their words would bury the report.
fn hush() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or("nowhere".into(), |at| format!("{}:{}", at.file(), at.line()));
        if let Ok(mut places) = PANICS.lock() {
            *places.entry(place).or_default() += 1;
        }
    }));
}

/// Keeps files that made trouble, where somebody wants them.
fn keep(folder: &Path, seed: &Seed, round: u64) {
    let Ok(kept) = std::env::var("FATHOM_FUZZ_KEEP") else { return };
    for (name, _) in &seed.files {
        let to = Path::new(&kept).join(format!("{round}_{name}"));
        std::fs::copy(folder.join(name), to).expect("kept");
    }
}

fn report(counts: &BTreeMap<&str, Count>) {
    println!("{:10} {:>8} {:>8} {:>8} {:>10} {:>8}", "format", "files", "read", "panics", "slowest", "MiB");
    for (format, count) in counts {
        let slowest = format!("{:.3} s", count.slowest.as_secs_f64());
        let (files, read, panics, mib) = (count.files, count.read, count.gave_up, count.most_bytes >> 20);
        println!("{format:10} {files:>8} {read:>8} {panics:>8} {slowest:>10} {mib:>8}");
    }
    for (place, times) in PANICS.lock().expect("not poisoned").iter() {
        println!("{times:>8} panics at {place}");
    }
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
fn watch() {
    std::thread::Builder::new()
        .name("watch".into())
        .spawn(|| {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let current = CURRENT.lock().map(|now| now.clone()).expect("not poisoned");
                if let Some((path, since)) = current.filter(|(_, since)| since.elapsed() > 3 * SLOWEST) {
                    println!("{} takes for ever ({:?})", path.display(), since.elapsed());
                    std::process::abort();
                }
            }
        })
        .expect("a thread");
}
