//! How a run is cut into passes that fit, and what to do where none does.

use serde::Serialize;

use super::estimate::{Work, is_joint};
use super::{Change, DeviceChoice, InferenceError, Precision, Remedy, Settings};
use crate::catalog::{self, Entry, ModelId};
use crate::memory::{Calibration, Fit, Need, Room};
use crate::model::kernels::Bf16Unit;
use crate::model::{Preset, TILE_BYTES};

/// Photos that are decoded side by side: more would cost memory, not save time.
const DECODED_TOGETHER: usize = 4;
/// Most views of a pass that is chosen automatically, as many as the reference's own long runs take: the time of joint
/// attention grows with their square.
const MOST_VIEWS: usize = 120;
/// Part of the free memory, in percent, that a run may plan with where its usual share is too little for any pass.
const TIGHT_PERCENT: u8 = 85;
/// Views per pass that are offered, beside as many as fit.
pub const VIEWS_PER_PASS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// What is tried, from the largest down, where a resolution does not fit.
const RESOLUTIONS: [u32; 6] = [448, 392, 336, 280, 224, 168];

/// A run before it begins.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    pub settings: &'a Settings,
    /// What the settings' choice of a device means here, see [`super::Devices::resolve`].
    pub device: DeviceChoice,
    /// Sizes of the photos as shown.
    pub photos: &'a [[u32; 2]],
    /// With what the loaded model gives back, where another one takes its place.
    pub room: Room,
    /// The model is in memory already.
    pub is_loaded: bool,
    /// A window will show the result.
    pub is_shown: bool,
    pub calibration: &'a Calibration,
}

/// How a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub views_per_pass: usize,
    /// Views that a pass shares with those before it; 0 where nothing is to be aligned.
    pub overlap: usize,
    pub passes: usize,
    pub decoded_together: usize,
    /// Most bytes of one tile of attention.
    pub tile_bytes: usize,
    pub need: Need,
    pub room: Room,
    pub fit: Fit,
}

/// Views that neighbouring passes share when nothing else is asked for: a quarter, two where there are four, never so many
/// that a pass brings nothing new. One shared photo already ties scale, rotation and place down; a second one keeps a
/// photo that moved or blurred from deciding alone.
fn usual_overlap(views_per_pass: usize) -> usize {
    (views_per_pass / 4).max(2).min(views_per_pass / 2)
}

/// Views that passes share by these settings: always fewer than they have.
pub(super) fn overlap(settings: &Settings, views_per_pass: usize) -> usize {
    // Known cameras say where a pass lies.
    if settings.given_cameras().is_some() {
        return 0;
    }
    settings.overlap.unwrap_or(usual_overlap(views_per_pass)).min(views_per_pass.saturating_sub(1))
}

/// Passes that cover `photos` when each but the first repeats `overlap` views.
fn passes(photos: usize, views_per_pass: usize, overlap: usize) -> usize {
    if photos <= views_per_pass {
        return 1;
    }
    1 + (photos - views_per_pass).div_ceil((views_per_pass - overlap).max(1))
}

impl Job<'_> {
    /// The run as it should go.
    ///
    /// # Errors
    /// [`InferenceError::UnknownModel`], and [`InferenceError::DoesNotFit`] with what would.
    pub fn plan(&self) -> Result<Plan, InferenceError> {
        let entry = self.entry()?;
        let plan = self.best(entry);
        if plan.fit != Fit::Not {
            return Ok(plan);
        }
        Err(InferenceError::DoesNotFit {
            need_bytes: plan.need.total(),
            free_bytes: plan.room.main_free_bytes(),
            remedies: self.remedies(),
        })
    }

    /// The plan that these settings lead to, whether it fits or not.
    pub fn outlook(&self) -> Result<Plan, InferenceError> {
        Ok(self.best(self.entry()?))
    }

    /// The plan with this number of views per pass, whether it fits or not.
    pub fn with_views(&self, views: usize) -> Result<Plan, InferenceError> {
        let entry = self.entry()?;
        Ok(self.at(&Work::new(self.settings, self.device, entry, self.photos), entry, views))
    }

    /// By what estimates of such runs are remembered.
    pub fn key(&self) -> String {
        let Settings { model, precision, .. } = self.settings;
        format!("{model} {} {}", precision.label(), self.device.label())
    }

    fn entry(&self) -> Result<&'static Entry, InferenceError> {
        let model = &self.settings.model;
        catalog::find(model).ok_or_else(|| InferenceError::UnknownModel(model.clone()))
    }

    fn best(&self, entry: &Entry) -> Plan {
        let work = Work::new(self.settings, self.device, entry, self.photos);
        let photos = work.photos;
        if let Some(views) = self.settings.views_per_pass.filter(|_| groups_views(self.settings, entry.preset)) {
            return self.at(&work, entry, views.clamp(1, photos));
        }
        if !is_joint(self.settings, entry.preset) {
            return self.at(&work, entry, 1);
        }
        // A pass of one view shares none with the next: scenes need two.
        let least = photos.min(2);
        // Where not even the least is within the share that a run may plan with, passes are not made as small as they can
        // be for that: it is exceeded either way, and small passes make poor scenes.
        let percent = self.settings.memory_percent;
        let percent = if self.at(&work, entry, least).fit == Fit::Well { percent } else { percent.max(TIGHT_PERCENT) };
        let fits = |views: usize| self.room.fit(&self.at(&work, entry, views).need, percent) == Fit::Well;
        let (mut few, mut many) = (least, photos.min(MOST_VIEWS).max(least));
        while few < many {
            let middle = (few + many).div_ceil(2);
            (few, many) = if fits(middle) { (middle, many) } else { (few, middle - 1) };
        }
        self.at(&work, entry, few)
    }

    fn at(&self, work: &Work, entry: &Entry, views: usize) -> Plan {
        let overlap = if is_joint(self.settings, entry.preset) && work.photos > views {
            overlap(self.settings, views)
        } else {
            0
        };
        // What a process takes says nothing of a card's own memory.
        let factor = if self.device == DeviceChoice::Cpu { self.calibration.factor(&self.key()) } else { 1.0 };
        let plan = |decoded_together| {
            let mut need = work.need(views, decoded_together, TILE_BYTES, self.is_shown).corrected(factor);
            if self.is_loaded {
                need.model = 0;
            }
            Plan {
                views_per_pass: views,
                overlap,
                passes: passes(work.photos, views, overlap),
                decoded_together,
                tile_bytes: TILE_BYTES,
                need,
                room: self.room,
                fit: self.room.fit(&need, self.settings.memory_percent),
            }
        };
        let usual = plan(DECODED_TOGETHER);
        if usual.fit == Fit::Well { usual } else { plan(1) }
    }

    /// Changes of one setting after which the run fits, the least first.
    pub fn remedies(&self) -> Vec<Remedy> {
        let mut found = Vec::new();
        let Ok(entry) = self.entry() else { return found };
        let refused = self.best(entry);
        if is_joint(self.settings, entry.preset) {
            let work = Work::new(self.settings, self.device, entry, self.photos);
            let mut fewer = (2..refused.views_per_pass).rev().map(|views| self.at(&work, entry, views));
            found.extend(fewer.find(|plan| plan.fit != Fit::Not).map(|plan| Remedy {
                change: Change::ViewsPerPass(plan.views_per_pass),
                need_bytes: plan.need.total(),
            }));
        }
        // The same result, only slower.
        if self.device != DeviceChoice::Cpu {
            found.extend(self.first_that_fits([Change::Device(DeviceChoice::Cpu)]));
        }
        if is_joint(self.settings, entry.preset) {
            found.extend(self.first_that_fits([Change::Independent]));
        }
        let resolution = self.settings.resolution.unwrap_or(super::default_resolution(entry.preset));
        let lower = RESOLUTIONS.into_iter().filter(|&pixels| pixels < resolution).map(Change::Resolution);
        found.extend(self.first_that_fits(lower));
        let half = if Bf16Unit::exists() { Precision::Bf16 } else { Precision::F16 };
        let available = Precision::available(self.device).iter();
        let smaller = [half, Precision::Int8].into_iter().filter(|smaller| {
            available.clone().any(|known| known == smaller) && smaller.bits() < self.settings.precision.bits()
        });
        found.extend(self.first_that_fits(smaller.map(Change::Precision)));
        let models = catalog::entries().iter().rev().filter(|other| {
            let is_smaller = other.family == entry.family && other.parameters < entry.parameters;
            (is_smaller || other.id == catalog::BUILT_IN && other.id != entry.id) && catalog::locate(other).is_some()
        });
        let mut models: Vec<_> = models.collect();
        models.sort_by_key(|other| std::cmp::Reverse((other.family == entry.family, other.parameters)));
        found.extend(self.first_that_fits(models.iter().map(|other| Change::Model(ModelId(other.id.into())))));
        found
    }

    fn first_that_fits(&self, changes: impl IntoIterator<Item = Change>) -> Option<Remedy> {
        changes.into_iter().find_map(|change| {
            let mut settings = self.settings.clone();
            change.apply(&mut settings);
            let is_loaded =
                self.is_loaded && !matches!(change, Change::Model(_) | Change::Precision(_) | Change::Device(_));
            // The only change of a device is to the CPU.
            let (device, room) = match change {
                Change::Device(device) => (device, self.room.without_card()),
                _ => (self.device, self.room),
            };
            let plan = Job { settings: &settings, device, room, is_loaded, ..*self }.outlook().ok()?;
            (plan.fit != Fit::Not).then(|| Remedy { change, need_bytes: plan.need.total() })
        })
    }
}

/// Whether "views per pass" means anything: networks that look at single views take several together only for the sky
/// that they share.
fn groups_views(settings: &Settings, preset: Preset) -> bool {
    !preset.is_da2() && (is_joint(settings, preset) || !preset.is_any_view())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::BUILT_IN;

    const GIGA: u64 = 1_000_000_000;

    fn settings(model: &str) -> Settings {
        Settings { model: ModelId(model.into()), device: DeviceChoice::Cpu, ..Settings::default() }
    }

    /// 24 photos of 3:2 and so much free memory.
    fn with<T>(settings: &Settings, free_bytes: u64, look: impl FnOnce(&Job) -> T) -> T {
        let room = Room { free_bytes, ..Room::default() };
        let (photos, calibration) = (vec![[3000, 2000]; 24], Calibration::default());
        let device = DeviceChoice::Cpu;
        look(&Job {
            settings,
            device,
            photos: &photos,
            room,
            is_loaded: false,
            is_shown: false,
            calibration: &calibration,
        })
    }

    #[test]
    fn automatic_takes_the_most_views_that_fit_the_share() {
        let base = settings("da3-base");
        for free in [3 * GIGA / 2, 2 * GIGA, 3 * GIGA, 9 * GIGA] {
            with(&base, free, |job| {
                let plan = job.plan().expect("fits");
                assert_eq!(plan.fit, Fit::Well);
                let more = job.with_views(plan.views_per_pass + 1).expect("a model");
                assert!(plan.views_per_pass == 24 || more.fit != Fit::Well, "{plan:?}");
                assert_eq!(
                    (plan.passes == 1, plan.overlap == 0),
                    (plan.views_per_pass == 24, plan.views_per_pass == 24)
                );
            });
        }
        let few = with(&base, 3 * GIGA / 2, |job| job.plan().expect("fits").views_per_pass);
        let half = Settings { memory_percent: 55, ..base.clone() };
        assert!(with(&half, 3 * GIGA / 2, |job| job.plan().expect("fits").views_per_pass) < few);
    }

    #[test]
    fn passes_cover_all_photos() {
        for (photos, views, overlap) in [(24, 8, 2), (24, 24, 6), (25, 2, 1), (7, 3, 2), (9, 4, 0)] {
            let (mut covered, mut count) = (views.min(photos), 1);
            while covered < photos {
                covered += views - overlap;
                count += 1;
            }
            assert_eq!(passes(photos, views, overlap), count, "{photos} photos, {views} views, {overlap} shared");
        }
        assert_eq!([1, 2, 3, 4, 8, 16, 120].map(usual_overlap), [0, 1, 1, 2, 2, 4, 30]);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_changes_that_do() {
        let large = settings("da3-large");
        with(&large, GIGA, |job| match job.plan() {
            Err(InferenceError::DoesNotFit { need_bytes, free_bytes, remedies }) => {
                assert!(need_bytes > free_bytes);
                assert!(remedies.iter().any(|remedy| remedy.change == Change::Model(ModelId(BUILT_IN.into()))));
                assert!(remedies.iter().any(|remedy| matches!(remedy.change, Change::Precision(_))), "{remedies:?}");
                for remedy in remedies {
                    let mut changed = large.clone();
                    remedy.change.apply(&mut changed);
                    let plan = Job { settings: &changed, ..*job }.plan().expect("the remedy works");
                    assert_eq!(plan.need.total(), remedy.need_bytes);
                }
            }
            other => panic!("{other:?}"),
        });
        let too_many = Settings { views_per_pass: Some(24), ..settings("da3-base") };
        with(&too_many, 3 * GIGA / 2, |job| match job.plan() {
            Err(InferenceError::DoesNotFit { remedies, .. }) => {
                assert!(matches!(remedies[0].change, Change::ViewsPerPass(views) if views > 8 && views < 24));
            }
            other => panic!("{other:?}"),
        });
    }

    #[test]
    fn what_is_loaded_needs_no_room_and_what_was_learnt_counts() {
        let base = settings("da3-base");
        with(&base, 9 * GIGA, |job| {
            let fresh = job.plan().expect("fits").need;
            let loaded = Job { is_loaded: true, ..*job }.plan().expect("fits").need;
            assert_eq!((loaded.model, loaded.pass), (0, fresh.pass));
            let shown = Job { is_shown: true, ..*job }.plan().expect("fits").need;
            assert_eq!(shown.total() - fresh.total(), 24 * 12 * 504 * 336);
            let mut learnt = Calibration::default();
            learnt.learn(&job.key(), GIGA, GIGA + GIGA / 10);
            let corrected = Job { calibration: &learnt, ..*job }.plan().expect("fits").need;
            assert!((corrected.model as f64 / fresh.model as f64 - 1.1).abs() < 1e-3);
        });
    }

    #[test]
    fn single_views_go_one_by_one_and_large_photos_are_read_alone_where_memory_is_short() {
        let plan = with(&settings(BUILT_IN), 9 * GIGA, |job| job.plan().expect("fits"));
        assert_eq!((plan.views_per_pass, plan.overlap, plan.passes), (1, 0, 24));
        let independent = Settings { independent: true, ..settings("da3-base") };
        assert_eq!(with(&independent, 9 * GIGA, |job| job.plan().expect("fits").views_per_pass), 1);
        let photos = vec![[16_000, 12_000]; 4];
        let job = |free_bytes| {
            let room = Room { free_bytes, ..Room::default() };
            let (settings, calibration) = (settings(BUILT_IN), Calibration::default());
            let job = Job {
                settings: &settings,
                device: DeviceChoice::Cpu,
                photos: &photos,
                room,
                is_loaded: false,
                is_shown: false,
                calibration: &calibration,
            };
            job.plan().expect("fits").decoded_together
        };
        assert_eq!((job(8 * GIGA), job(6 * GIGA / 5)), (DECODED_TOGETHER, 1));
    }
}
