//! Tries out who may be chosen where a device is automatic: a network with made-up weights runs on each, and what comes of it is held
//! against what the processor makes of it.

use std::time::{Duration, Instant};

use super::automatic::{Candidate, Trial};
use super::bench::{run, waves};
use super::device::allow_tf32;
use super::devices::{Devices, Opened};
use super::engine::Loaded;
use super::pace::{heavier, of_pass};
use super::selftest::{Mode, relative_error};
use super::{DeviceChoice, InferenceError, Settings};
use crate::catalog;
use crate::model::{Da2Output, Generated, ModelError, Network, Options, PATCH, Preset, Trouble, Vit};

/// After the first, which may compile kernels, runs are measured until there are so many, or until they took so long.
const TRIES: usize = 3;
const LONG_ENOUGH: Duration = Duration::from_millis(500);
/// Tokens of all views, height × width.
const GRID: [usize; 2] = [14, 20];
/// What both passes take together, with room to spare.
const PASS_BYTES: u64 = 256 << 20;
/// Of the made-up weights.
const SEED: u64 = 7;

/// Its error ends the trial.
type GoOn<'a> = &'a dyn Fn() -> Result<(), ModelError>;

impl Devices {
    /// Tries out candidates for what these settings run, where that is not known; answers whether that told anything. A card that
    /// fails, or gives other numbers than the processor, is not chosen.
    ///
    /// # Errors
    /// What `go_on` answers.
    pub fn try_out(&self, settings: &Settings, go_on: GoOn) -> Result<bool, InferenceError> {
        let entry = catalog::find(&settings.model).filter(|_| settings.device == DeviceChoice::Auto);
        let untried = self.automatic().untried(settings);
        let Some(entry) = entry.filter(|_| !untried.is_empty()) else { return Ok(false) };
        let contest = Contest::of(entry.preset, settings);
        let lack_room =
            |who: &[Candidate]| who.iter().for_each(|one| self.note(settings, &one.name, Trial::LackedRoom));
        if self.room(DeviceChoice::Cpu).main_free_bytes() < contest.bytes() {
            lack_room(&untried);
            return Ok(true);
        }
        // The processor shows the others what is right.
        let right = match contest.on(&self.cpu(), go_on) {
            Ok(right) => right,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                // A run tells what is wrong better than a trial of which nobody knows.
                tracing::warn!("nobody could be tried out: {error}");
                lack_room(&untried);
                return Ok(true);
            }
        };
        for candidate in untried {
            let device = candidate.device;
            let tried = match device {
                DeviceChoice::Cpu => Ok(right.secs),
                card => match self.open_exactly(card) {
                    Ok(opened) => contest.held_against(&right, &opened, go_on),
                    // It is no candidate any more, until the program starts again.
                    Err(_) => continue,
                },
            };
            let trial = match tried {
                Ok(secs) => Trial::Took(secs),
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) if error.trouble() == Some(Trouble::Memory) => Trial::LackedRoom,
                Err(error) => {
                    let is_troubled = error.trouble().is_some();
                    let reason = match error {
                        InferenceError::Device { reason, .. } => reason,
                        other => other.to_string(),
                    };
                    if is_troubled {
                        self.refuse(device, reason.clone(), false);
                    }
                    Trial::Failed(reason)
                }
            };
            tracing::info!("{} for {} {}: {trial:?}", candidate.name, settings.model, settings.precision.label());
            self.note(settings, &candidate.name, trial);
        }
        Ok(true)
    }

    fn note(&self, settings: &Settings, name: &str, trial: Trial) {
        self.trials().note(settings, name, trial);
    }
}

/// What all candidates run.
struct Contest<'a> {
    settings: &'a Settings,
    /// The network that stands for the one that is to be run: made-up weights of a large one take longer than all else.
    preset: Preset,
    views: usize,
    /// Of the whole run, as the network that is to be run counts it.
    work: f64,
}

/// How a candidate did.
#[derive(Debug)]
struct Done {
    /// For a unit of work.
    secs: f64,
    depths: Vec<f32>,
}

impl<'a> Contest<'a> {
    fn of(preset: Preset, settings: &'a Settings) -> Self {
        let preset_of = |small, base| if preset.vit() == Vit::Small { small } else { base };
        let (stands_for_it, views) = match preset.is_any_view() {
            true => (preset_of(Preset::Da3Small, Preset::Da3Base), 2),
            false => (preset_of(Preset::Da2Small(Da2Output::Disparity), Preset::Da2Base(Da2Output::Disparity)), 1),
        };
        let tokens = GRID[0] * GRID[1] / views;
        let work = of_pass(stands_for_it, views, tokens) / heavier(preset, stands_for_it);
        Self { settings, preset: stands_for_it, views, work }
    }

    /// What a trial takes at most: the network in f32 here and on a card, whose memory may be this one's, and a pass.
    fn bytes(&self) -> u64 {
        let of_network = catalog::entries().iter().find(|entry| entry.preset == self.preset);
        2 * 4 * of_network.map_or(0, |entry| entry.parameters) + PASS_BYTES
    }

    /// Seconds for a unit of work, where the numbers are right.
    fn held_against(&self, right: &Done, opened: &Opened, go_on: GoOn) -> Result<f64, InferenceError> {
        let done = self.on(opened, go_on)?;
        let error = relative_error(&right.depths, &done.depths, 1);
        let tf32 = self.settings.tf32 && opened.choice() == DeviceChoice::Cuda;
        let precision = self.settings.precision.resolve(opened).0;
        // The processor rounds as well, where it was told to.
        if error <= 2.0 * (Mode { precision, tf32 }).bound() {
            return Ok(done.secs);
        }
        let reason = format!("its numbers are others than the CPU's, by {error:.1e}");
        Err(InferenceError::Device { choice: opened.choice(), reason })
    }

    fn on(&self, opened: &Opened, go_on: GoOn) -> Result<Done, InferenceError> {
        go_on()?;
        allow_tf32(self.settings.tf32);
        let format = self.settings.precision.resolve(opened).0.format();
        let on_bytes = |_| go_on();
        let options = Options {
            format,
            kernels: !opened.is_card(),
            card: opened.gpu(),
            on_bytes: &on_bytes,
            ..Options::default()
        };
        let weights = Generated::new(self.preset, SEED, false);
        let network = opened.work(|| Network::new(&weights, self.preset, opened.device(), &options))?;
        let loaded = Loaded { network, lens_network: None, opened: opened.clone() };
        let [height, width] = [GRID[0] / self.views, GRID[1]].map(|side| side * PATCH);
        let images = opened.work(|| waves(self.views, [height, width], opened.device()))?;
        let mut fastest = f64::INFINITY;
        let (_, mut drawn) = run(&loaded.network, &images, opened)?;
        let started = Instant::now();
        for _ in 0..TRIES {
            go_on()?;
            let (times, latest) = run(&loaded.network, &images, opened)?;
            (fastest, drawn) = (fastest.min(times.total()), latest);
            if started.elapsed() >= LONG_ENOUGH {
                break;
            }
        }
        Ok(Done { secs: fastest / self.work, depths: drawn.some })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep_on() -> Result<(), ModelError> {
        Ok(())
    }

    #[test]
    fn other_numbers_than_the_processors_are_refused() {
        let (settings, cpu) = (Settings::default(), Devices::here().cpu());
        let contest = Contest::of(Preset::Da2Small(Da2Output::Disparity), &settings);
        let mut right = contest.on(&cpu, &keep_on).expect("a run");
        assert!(right.secs > 0.0 && right.depths.len() > 1000);
        assert!(contest.held_against(&right, &cpu, &keep_on).is_ok_and(|secs| secs > 0.0));
        right.depths.iter_mut().for_each(|depth| *depth *= 1.001);
        match contest.held_against(&right, &cpu, &keep_on) {
            Err(InferenceError::Device { reason, .. }) => assert!(reason.contains("others than the CPU's"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_ends_where_it_is_to_end_and_large_networks_are_judged_by_a_smaller_one() {
        let settings = Settings::default();
        let contest = Contest::of(Preset::Da3Giant, &settings);
        assert!(contest.preset == Preset::Da3Base && contest.views == 2);
        let of_base = Contest::of(Preset::Da3Base, &settings);
        assert!(
            (of_base.work / contest.work - 40.0 * 4.0 / 12.0).abs() < 1e-9,
            "four times the width, squared, by blocks"
        );
        let stops = || Err(ModelError::Cancelled);
        assert!(contest.on(&Devices::here().cpu(), &stops).is_err_and(|error| error.is_cancelled()));
    }
}
