//! How much work a run is, from counts of tokens, and how long it would take by what earlier runs took.

use super::estimate::is_joint;
use super::resolution::{area, default_resolution, network_pixels};
use super::{Job, Plan};
use crate::catalog;
use crate::memory::Paces;
use crate::model::{PATCH, Preset};

/// Tokens of a photo of 3:2 at the usual resolution, where heads cost what [`HEAD`] says.
const USUAL_TOKENS: f64 = 36.0 * 24.0;
/// What heads cost of what the backbone does there. They grow with tokens alone.
const HEAD: f64 = 0.9;

impl Job<'_> {
    /// By what times of such runs are remembered.
    pub fn pace_key(&self) -> String {
        let settings = self.settings;
        let preset = catalog::find(&settings.model).map(|entry| entry.preset);
        let is_any_view = preset.is_some_and(Preset::is_any_view);
        let mut key = self.key();
        if settings.ray_pose && is_any_view {
            key += " rays";
        }
        if settings.gaussians && preset.is_some_and(Preset::has_gaussians) {
            key += " gaussians";
        }
        if let Some(lens) = settings.lens_model.as_ref().filter(|_| !is_any_view && settings.lens.is_none()) {
            key += &format!(" lens {lens}");
        }
        key
    }

    /// The resolution in pixels that such runs have.
    pub fn resolution(&self) -> u32 {
        let usual = || catalog::find(&self.settings.model).map_or(504, |entry| default_resolution(entry.preset));
        self.settings.resolution.unwrap_or_else(usual)
    }

    /// How much work a run by this plan is, in tokens that count as much as one whose attention costs nothing; 0 without photos.
    pub fn work(&self, plan: &Plan) -> f64 {
        let Some(entry) = catalog::find(&self.settings.model) else { return 0.0 };
        let tokens = |pixels: u64| pixels as f64 / (PATCH * PATCH) as f64;
        if is_joint(self.settings, entry.preset) {
            let views = self.photos.len() + plan.passes.saturating_sub(1) * plan.overlap;
            let together = plan.views_per_pass.min(self.photos.len()).max(1);
            return views as f64 * of_view(entry.preset, tokens(area(plan.common.size)), together as f64);
        }
        let of_photo =
            |photo: &[u32; 2]| of_view(entry.preset, tokens(network_pixels(self.settings, entry.preset, *photo)), 1.0);
        self.photos.iter().map(of_photo).sum()
    }

    /// Seconds that a run by this plan would take, the load of its model and what comes after the network left out; nothing before
    /// a run with this model, device and precision was measured.
    pub fn secs(&self, plan: &Plan, paces: &Paces) -> Option<f64> {
        paces.secs(&self.pace_key(), self.resolution(), self.work(plan)).filter(|_| !self.photos.is_empty())
    }
}

/// How much work a pass of so many views of so many tokens is.
pub(super) fn of_pass(preset: Preset, views: usize, tokens: usize) -> f64 {
    views as f64 * of_view(preset, tokens as f64, views as f64)
}

/// What a unit of work of one network is beside another's: as their products of one token.
pub(super) fn heavier(preset: Preset, other: Preset) -> f64 {
    let products = |preset: Preset| {
        let config = preset.backbone();
        (config.blocks * config.width * config.width) as f64
    };
    products(preset) / products(other)
}

/// One view of so many tokens, in a pass of so many: a block's products grow with tokens, its attention with their square,
/// and blocks that look at all views together attend to those of all.
fn of_view(preset: Preset, tokens: f64, together: f64) -> f64 {
    let config = preset.backbone();
    let joint = config.joint_start.map_or(0.0, |start| (config.blocks - start) as f64 / 2.0 / config.blocks as f64);
    // Of 24 d² products of a token and 4 d of each token that it attends to.
    let block = |attended: f64| 1.0 + attended / (6.0 * config.width as f64);
    let attended = tokens * (1.0 - joint + joint * together);
    tokens * (block(attended) + HEAD * block(USUAL_TOKENS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ModelId;
    use crate::inference::{DeviceChoice, Settings};
    use crate::memory::{Calibration, Room};

    fn with<T>(settings: &Settings, photos: usize, look: impl FnOnce(&Job, &Plan) -> T) -> T {
        let photos = vec![[3000, 2000]; photos];
        let room = Room { free_bytes: u64::MAX, ..Room::default() };
        let calibration = Calibration::default();
        let (device, is_loaded, is_shown) = (DeviceChoice::Cpu, false, false);
        let job = Job { settings, device, photos: &photos, room, is_loaded, is_shown, calibration: &calibration };
        look(&job, &job.plan().expect("fits"))
    }

    fn of(model: &str) -> Settings {
        Settings { model: ModelId(model.into()), ..Settings::default() }
    }

    #[test]
    fn work_grows_with_photos_and_more_than_with_pixels() {
        let work = |settings: &Settings, photos| with(settings, photos, |job, plan| job.work(plan));
        let single = of("da2-small");
        let one = work(&single, 1);
        assert!((work(&single, 12) / one - 12.0).abs() < 1e-9, "looked at one by one");
        let double = Settings { resolution: Some(1036), ..single };
        let ratio = work(&double, 1) / one;
        assert!((4.0..8.0).contains(&ratio), "{ratio}");
        let joint = of("da3-small");
        let together = work(&joint, 12) / work(&joint, 1);
        assert!((12.5..40.0).contains(&together), "they see each other: {together}");
        let independent = Settings { independent: true, ..joint };
        assert!((work(&independent, 12) / work(&independent, 1) - 12.0).abs() < 1e-9);
        assert_eq!(work(&independent, 0), 0.0);
    }

    #[test]
    fn a_time_is_that_of_runs_with_the_same_model_device_and_precision() {
        let settings = of("da2-small");
        let mut paces = Paces::default();
        let secs =
            |paces: &Paces, settings: &Settings, photos| with(settings, photos, |job, plan| job.secs(plan, paces));
        assert_eq!(secs(&paces, &settings, 3), None, "nothing was measured");
        with(&settings, 4, |job, plan| paces.learn(&job.pace_key(), job.resolution(), job.work(plan), 8.0));
        let three = secs(&paces, &settings, 3).expect("measured");
        assert!((three - 6.0).abs() < 1e-9, "{three}");
        assert_eq!(secs(&paces, &settings, 0), None, "nothing is run");
        assert_eq!(secs(&paces, &of("da2-base"), 3), None);
        let rays = Settings { ray_pose: true, ..of("da3-small") };
        assert_ne!(with(&rays, 1, |job, _| job.pace_key()), with(&of("da3-small"), 1, |job, _| job.pace_key()));
    }
}
