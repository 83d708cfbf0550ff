//! What runs on this machine measured against what was estimated, remembered between starts.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::kept;

/// Measured over estimated, by what ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calibration(BTreeMap<String, Ratio>);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Ratio {
    measured_to_estimated: f64,
    runs: u32,
}

/// A ratio beyond these says more about what else the machine did than about a run.
const LEAST: f64 = 0.85;
const MOST: f64 = 1.3;
/// What the newest run counts for: old ones are forgotten after some ten.
const NEWEST_COUNTS: f64 = 0.3;
/// Runs smaller than this, in bytes, measure the rest of the program.
const LEAST_BYTES: u64 = 64_000_000;

impl Calibration {
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

    /// By what an estimate for `key` must be multiplied: 1 until something was measured.
    pub fn factor(&self, key: &str) -> f64 {
        self.0.get(key).map_or(1.0, |ratio| ratio.measured_to_estimated.clamp(LEAST, MOST))
    }

    /// Takes in a run: what it was estimated at (before correction) and what it took, in bytes. Answers whether that
    /// changed anything.
    pub fn learn(&mut self, key: &str, estimated: u64, measured: u64) -> bool {
        if estimated < LEAST_BYTES || measured == 0 {
            return false;
        }
        let newest = (measured as f64 / estimated as f64).clamp(LEAST, MOST);
        let ratio = self.0.entry(key.to_owned()).or_insert(Ratio { measured_to_estimated: newest, runs: 0 });
        ratio.measured_to_estimated += NEWEST_COUNTS * (newest - ratio.measured_to_estimated);
        ratio.runs += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGA: u64 = 1_000_000;

    #[test]
    fn learns_slowly_and_within_bounds() {
        let mut known = Calibration::default();
        assert_eq!(known.factor("a"), 1.0);
        assert!(known.learn("a", 100 * MEGA, 110 * MEGA));
        assert!((known.factor("a") - 1.1).abs() < 1e-9, "the first run is all there is");
        known.learn("a", 100 * MEGA, 100 * MEGA);
        assert!((known.factor("a") - 1.07).abs() < 1e-9);
        (0..50).for_each(|_| assert!(known.learn("a", 100 * MEGA, 900 * MEGA)));
        assert!((known.factor("a") - MOST).abs() < 1e-6);
        assert!(!known.learn("b", MEGA, 9 * MEGA) && known.factor("b") == 1.0);
    }

    #[test]
    fn survives_the_disk() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("sub").join("memory.json");
        assert_eq!(Calibration::read(&path), Calibration::default());
        let mut known = Calibration::default();
        known.learn("da3-base f32 CPU", 500 * MEGA, 520 * MEGA);
        known.write(&path).expect("room on the disk");
        assert_eq!(Calibration::read(&path), known);
        std::fs::write(&path, "{ not json").expect("room on the disk");
        assert_eq!(Calibration::read(&path), Calibration::default());
    }
}
