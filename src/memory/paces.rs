//! How long runs on this machine took, remembered between starts.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::kept;

/// Seconds that a unit of work took, by what ran and at which resolution in pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paces(BTreeMap<String, BTreeMap<u32, Pace>>);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Pace {
    secs_per_work: f64,
    runs: u32,
}

/// What the newest run counts for: a machine that was busy once is forgotten after some runs.
const NEWEST_COUNTS: f64 = 0.3;
/// Runs shorter than this, in seconds, measure what surrounds them.
const LEAST_SECS: f64 = 0.02;

impl Paces {
    /// Reads what is remembered; nothing where there is no such file, or one that cannot be understood.
    pub fn read(path: &Path) -> Self {
        kept::read(path)
    }

    /// Writes a new file and puts it into the place of the old one.
    ///
    /// # Errors
    /// What the system says about the folder or the disk.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        kept::write(self, path)
    }

    /// Takes in a run of this much work, in whatever unit runs of `key` are counted, at this resolution in pixels. Answers
    /// whether that changed anything.
    pub fn learn(&mut self, key: &str, resolution: u32, work: f64, secs: f64) -> bool {
        let newest = secs / work;
        if secs < LEAST_SECS || !newest.is_finite() || newest <= 0.0 {
            return false;
        }
        let of_key = self.0.entry(key.to_owned()).or_default();
        let pace = of_key.entry(resolution).or_insert(Pace { secs_per_work: newest, runs: 0 });
        pace.secs_per_work += NEWEST_COUNTS * (newest - pace.secs_per_work);
        pace.runs += 1;
        true
    }

    /// Seconds that this much work would take: at the pace of runs at the same resolution, else of those at the nearest
    /// one; nothing before there was any of `key`.
    pub fn secs(&self, key: &str, resolution: u32, work: f64) -> Option<f64> {
        let of_key = self.0.get(key)?;
        let far = |other: u32| (f64::from(other).max(1.0) / f64::from(resolution).max(1.0)).ln().abs();
        let nearest = of_key.iter().min_by(|a, b| far(*a.0).total_cmp(&far(*b.0)));
        let secs = nearest?.1.secs_per_work * work;
        // The file may have been written by anybody.
        (secs.is_finite() && secs > 0.0).then_some(secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_anything_was_measured() {
        let mut known = Paces::default();
        assert_eq!(known.secs("a", 504, 10.0), None);
        assert!(!known.learn("a", 504, 10.0, 0.001), "too short to tell");
        assert!(!known.learn("a", 504, 0.0, 1.0) && !known.learn("a", 504, 1.0, f64::NAN));
        assert!(known.learn("a", 504, 10.0, 5.0));
        assert_eq!(known.secs("b", 504, 10.0), None, "of another model");
    }

    #[test]
    fn a_run_takes_what_earlier_ones_took_for_their_work() {
        let mut known = Paces::default();
        known.learn("a", 504, 10.0, 5.0);
        assert_eq!(known.secs("a", 504, 30.0), Some(15.0), "three times the work");
        assert_eq!(known.secs("a", 1008, 40.0), Some(20.0), "by work alone where the resolution was never run");
        known.learn("a", 1008, 40.0, 30.0);
        assert_eq!(known.secs("a", 1008, 40.0), Some(30.0), "by its own pace where it was");
        assert_eq!(known.secs("a", 900, 40.0), Some(30.0), "the nearest");
        assert_eq!(known.secs("a", 560, 10.0), Some(5.0));
        known.learn("a", 504, 10.0, 15.0);
        let secs = known.secs("a", 504, 10.0).expect("known");
        assert!((secs - 8.0).abs() < 1e-9, "the newest counts for a part: {secs}");
    }

    #[test]
    fn survives_the_disk() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("sub").join("pace.json");
        assert_eq!(Paces::read(&path), Paces::default());
        let mut known = Paces::default();
        known.learn("da3-base f32 CPU", 504, 3.0, 6.5);
        known.write(&path).expect("room on the disk");
        assert_eq!(Paces::read(&path), known);
        std::fs::write(&path, "{ not json").expect("room on the disk");
        assert_eq!(Paces::read(&path), Paces::default());
    }
}
