//! How a run is cut into passes that fit, and what to do where none does.

use serde::Serialize;

use super::estimate::{Work, is_joint};
use super::resolution::{default_resolution, network_pixels};
use super::{Change, DeviceChoice, InferenceError, Notice, Precision, Remedy, RunMemory, Settings};
use crate::catalog::{self, Entry, ModelId};
use crate::input::preprocess::Common;
use crate::memory::{Calibration, Fit, Need, Room, shown_bytes};
use crate::model::kernels::Bf16Unit;
use crate::model::{Preset, TILE_BYTES};

/// Photos that are decoded side by side: more would cost memory, not save time.
const DECODED_TOGETHER: usize = 4;
/// Most views of a pass that is chosen automatically, as many as the reference's own long runs take: the time of joint
/// attention grows with their square.
const MOST_VIEWS: usize = 120;
/// A photo with more than this many times the network pixels of most is an outlier.
const FAR_LARGER: u64 = 2;
/// Views per pass that are offered, beside as many as fit.
pub const VIEWS_PER_PASS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// What is tried, from the largest down, where a resolution does not fit.
const RESOLUTIONS: [u32; 12] = [3024, 2016, 1512, 1008, 756, 504, 448, 392, 336, 280, 224, 168];

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
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Plan {
    pub views_per_pass: usize,
    /// Views that a pass shares with those before it; 0 where nothing is to be aligned.
    pub overlap: usize,
    pub passes: usize,
    pub decoded_together: usize,
    /// Most bytes of one tile of attention.
    pub tile_bytes: usize,
    /// Where a photo that is far larger to the network than most would not let the run fit: the most pixels that one may have
    /// there. Larger ones are left out.
    pub most_pixels: Option<u64>,
    /// How photos that are looked at together come to one size.
    pub common: Common,
    pub need: Need,
    pub room: Room,
    /// Share of what is free that the run may plan with, in percent.
    pub percent: u8,
    /// By how much the need is more than that share, in bytes.
    pub excess_bytes: u64,
    pub fit: Fit,
}

impl Plan {
    /// How it fits, in a word or two behind its need; nothing where it fits well.
    pub fn remark(&self) -> Option<String> {
        match self.fit {
            Fit::Well => None,
            Fit::Tight => Some(format!("{} over {} %", shown_bytes(self.excess_bytes), self.percent)),
            Fit::Not => Some("does not fit".into()),
        }
    }

    /// What the person should know before such a run.
    pub fn notice(&self) -> Option<Notice> {
        let &Self { need, room, percent, excess_bytes, .. } = self;
        let (need_bytes, free_bytes) = (need.total(), room.main_free_bytes());
        (self.fit == Fit::Tight).then_some(Notice::OverShare { need_bytes, free_bytes, percent, excess_bytes })
    }

    /// What is kept of it with the result.
    pub(super) fn memory(&self) -> RunMemory {
        RunMemory {
            estimated_peak_bytes: 0,
            need: self.need,
            free_bytes: self.room.main_free_bytes(),
            views_per_pass: self.views_per_pass,
            overlap: self.overlap,
            passes: self.passes,
            went_otherwise: false,
        }
    }
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
        let plan = self.best_for_all(entry);
        if plan.fit != Fit::Not {
            return plan;
        }
        self.best_without_outliers(entry).unwrap_or(plan)
    }

    /// The plan without the photos that are far larger to the network than most, as few as will do: one panorama must not
    /// stop the others.
    fn best_without_outliers(&self, entry: &Entry) -> Option<Plan> {
        let pixels = |photo: &[u32; 2]| network_pixels(self.settings, entry.preset, *photo);
        let mut areas: Vec<u64> = self.photos.iter().map(pixels).collect();
        areas.sort_unstable();
        let usual = areas.get(areas.len() / 2).copied()?;
        areas.dedup();
        let outliers = areas.iter().rev().filter(|&&area| area > FAR_LARGER * usual);
        outliers.copied().find_map(|limit| {
            let kept: Vec<[u32; 2]> = self.photos.iter().copied().filter(|photo| pixels(photo) < limit).collect();
            let plan = Job { photos: &kept, ..*self }.best_for_all(entry);
            let passes = passes(self.photos.len(), plan.views_per_pass, plan.overlap);
            (plan.fit != Fit::Not).then_some(Plan { most_pixels: Some(limit - 1), passes, ..plan })
        })
    }

    fn best_for_all(&self, entry: &Entry) -> Plan {
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
        // Where not even the least is within the share, it is the least all the same, and the plan says what that is too
        // much. Larger passes would make better scenes, but a smaller share must never take more.
        let fits = |views: usize| self.at(&work, entry, views).fit == Fit::Well;
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
        let percent = self.settings.memory_percent;
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
                most_pixels: None,
                common: work.common,
                need,
                room: self.room,
                percent,
                excess_bytes: self.room.excess_bytes(&need, percent),
                fit: self.room.fit(&need, percent),
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
        let resolution = self.settings.resolution.unwrap_or(default_resolution(entry.preset));
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
mod tests;
