//! What a run with the present settings would need, and with other ones that menus offer, kept until something that it
//! depends on changes.

use std::collections::HashMap;

use crate::app::desk::state::AppState;
use crate::catalog::{self, Entry, ModelId};
use crate::inference::{Automatic, DeviceChoice, Job, Plan, Remedy, Settings};
use crate::memory::{Calibration, Fit, Paces, Room, Sample};

/// Free memory changes all the time; an outlook is made anew when it has changed by this much.
const FREE_STEP: u64 = 64 << 20;

/// The outlook of a run.
#[derive(Debug, Default)]
pub struct Outlook {
    /// Absent while the machine's memory is not known.
    seen: Option<Seen>,
    /// With the present settings.
    plan: Option<Plan>,
    /// Seconds that it would take, where runs like it were measured.
    secs: Option<f64>,
    /// Where the plan does not fit: what would.
    remedies: Vec<Remedy>,
    /// With the entries of the menus that have been looked into, by the menu's name.
    menus: HashMap<&'static str, Vec<Option<Prospect>>>,
}

/// What an entry of a menu would lead to.
#[derive(Clone, Copy, Debug)]
pub struct Prospect {
    /// Whether it fits or not.
    pub plan: Plan,
    /// How large the choice is by itself: what one view at a time would need, were nothing loaded. Plans with automatic views
    /// per pass all come close to the share.
    pub size_bytes: u64,
    /// What it would need, to be compared with the other entries: with the model where some of them would have to load theirs.
    pub compared_bytes: u64,
    /// Seconds that the run would take, where runs like it were measured.
    pub secs: Option<f64>,
    /// How many photos the run would look at: with other settings than those that gave results it is all.
    pub photos: usize,
}

/// What plans are made from.
#[derive(Debug)]
struct Seen {
    settings: Settings,
    /// What automatic means here.
    automatic: Automatic,
    /// Of the photos that a run would look at as things stand.
    photos: Vec<[u32; 2]>,
    /// Of those that one would look at with other settings.
    all_photos: Vec<[u32; 2]>,
    sample: Sample,
    /// What the model in memory was loaded with.
    loaded: Option<Settings>,
    /// Where that model is.
    used: Option<DeviceChoice>,
    learnt: Calibration,
    paces: Paces,
}

impl Seen {
    fn is_loaded(&self, settings: &Settings) -> bool {
        // A model that went to the CPU goes back where the graphics card is chosen by name.
        let is_there = settings.device == DeviceChoice::Auto || Some(settings.device) == self.used;
        is_there && self.loaded.as_ref().is_some_and(|loaded| loaded.loads_same_as(settings))
    }

    /// Where a run with these settings would run.
    fn device(&self, settings: &Settings) -> DeviceChoice {
        match settings.device {
            DeviceChoice::Auto => {
                self.used.filter(|_| self.is_loaded(settings)).unwrap_or_else(|| self.automatic.device(settings))
            }
            named => named,
        }
    }

    /// What is free for a run with these settings: a model that has to go gives its memory to the next.
    fn room(&self, settings: &Settings) -> Room {
        let mut sample = self.sample;
        let mut goes = if self.is_loaded(settings) { 0 } else { sample.model_bytes };
        // What is known is the accelerator's.
        if matches!(self.device(settings), DeviceChoice::Cpu | DeviceChoice::Gpu)
            && let Some(card) = sample.card.take()
            && !card.is_shared
            && !matches!(self.used, Some(DeviceChoice::Cpu | DeviceChoice::Gpu))
        {
            goes = 0;
        }
        sample.room().and(goes)
    }

    fn with<T>(&self, settings: &Settings, look: impl FnOnce(&Job) -> T) -> T {
        look(&Job {
            settings,
            device: self.device(settings),
            photos: if settings.agrees_with(&self.settings) { &self.photos } else { &self.all_photos },
            room: self.room(settings),
            is_loaded: self.is_loaded(settings),
            is_shown: true,
            calibration: &self.learnt,
        })
    }

    /// Whether plans would be the same. Bytes count in steps.
    fn equals(&self, state: &AppState, sample: &Sample) -> bool {
        let steps = |room: Room| [Some(room.free_bytes), room.card_free_bytes].map(|free| free.map(|b| b / FREE_STEP));
        self.settings == state.settings
            && steps(self.sample.room()) == steps(sample.room())
            && self.sample.model_bytes == sample.model_bytes
            && self.loaded.as_ref() == state.loaded()
            && self.used == state.used()
            && self.automatic == state.automatic
            && self.learnt == state.calibration
            && self.paces == state.paces
            && self.photos == state.sizes_to_run()
            && self.all_photos == state.sizes_of_all()
    }
}

impl Outlook {
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Seconds that a run with the present settings would take; nothing before runs like it were measured.
    pub fn secs(&self) -> Option<f64> {
        self.secs
    }

    pub fn remedies(&self) -> &[Remedy] {
        &self.remedies
    }

    /// How many photos plans with other settings are made for; without any, one of the usual size stands for those to come.
    pub fn photos(&self) -> usize {
        self.seen.as_ref().map_or(0, |seen| seen.all_photos.len())
    }

    /// What each entry of a menu leads to where the other settings stay as they are; nothing while the machine's memory is not
    /// known. `menu` names the entries and what they change.
    pub fn prospects<T: Copy>(
        &mut self,
        menu: &'static str,
        entries: &[T],
        change: impl Fn(&mut Settings, T),
    ) -> Vec<Option<Prospect>> {
        let Some(seen) = &self.seen else { return vec![None; entries.len()] };
        let changed = |&entry: &T| {
            let mut settings = seen.settings.clone();
            change(&mut settings, entry);
            settings
        };
        let of_entry = |settings: &Settings, is_mixed: bool| {
            seen.with(settings, |job| {
                let unloaded = Job { is_loaded: false, ..*job };
                let plan = job.outlook().ok()?;
                let compared = match is_mixed && job.is_loaded {
                    true => unloaded.with_views(plan.views_per_pass).ok()?,
                    false => plan,
                };
                Some(Prospect {
                    plan,
                    size_bytes: unloaded.with_views(1).ok()?.need.total(),
                    compared_bytes: compared.need.total(),
                    secs: job.secs(&plan, &seen.paces),
                    photos: job.photos.len(),
                })
            })
        };
        // What a menu offers may depend on settings that were changed in this very frame.
        if let Some(known) = self.menus.get(menu).filter(|known| known.len() == entries.len()) {
            return known.clone();
        }
        let settings: Vec<Settings> = entries.iter().map(changed).collect();
        let loaded = settings.iter().filter(|settings| seen.is_loaded(settings)).count();
        let is_mixed = loaded > 0 && loaded < settings.len();
        let prospects: Vec<_> = settings.iter().map(|settings| of_entry(settings, is_mixed)).collect();
        self.menus.insert(menu, prospects.clone());
        prospects
    }

    /// What each model of the catalogue leads to.
    pub fn models(&mut self) -> Vec<Option<Prospect>> {
        let entries: Vec<&Entry> = catalog::entries().iter().collect();
        self.prospects("Model", &entries, |settings, entry| {
            (settings.model, settings.weights) = (ModelId(entry.id.into()), None);
        })
    }

    /// Looks again, where something has changed.
    pub fn update(&mut self, state: &AppState) {
        let Some(sample) = state.memory.latest() else { return };
        if self.seen.as_ref().is_some_and(|seen| seen.equals(state, sample)) {
            return;
        }
        let seen = Seen {
            settings: state.settings.clone(),
            photos: state.sizes_to_run(),
            all_photos: state.sizes_of_all(),
            sample: *sample,
            loaded: state.loaded().cloned(),
            automatic: state.automatic.clone(),
            used: state.used(),
            learnt: state.calibration.clone(),
            paces: state.paces.clone(),
        };
        (self.plan, self.secs, self.remedies) = seen.with(&seen.settings, |job| {
            let plan = job.outlook().ok();
            let is_refused = plan.is_some_and(|plan| plan.fit == Fit::Not);
            let secs = plan.as_ref().and_then(|plan| job.secs(plan, &seen.paces));
            (plan, secs, if is_refused { job.remedies() } else { Vec::new() })
        });
        self.menus.clear();
        self.seen = Some(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_menu_is_reckoned_once_until_something_changes() {
        let sample = Sample { free_bytes: 3_000_000_000, ..Sample::default() };
        let (settings, learnt) = (Settings::default(), Calibration::default());
        let (automatic, photos, all_photos, paces) = (Automatic::default(), Vec::new(), Vec::new(), Paces::default());
        let (loaded, used) = (None, None);
        let seen = Seen { settings, automatic, photos, all_photos, sample, loaded, used, learnt, paces };
        let mut outlook = Outlook { seen: Some(seen), ..Outlook::default() };
        let reckoned = Cell::new(0);
        let entries = [Some(280), Some(504), Some(1008)];
        let look = |outlook: &mut Outlook, entries: &[Option<u32>]| {
            outlook.prospects("Resolution", entries, |settings, pixels| {
                reckoned.set(reckoned.get() + 1);
                settings.resolution = pixels;
            })
        };
        for _ in 0..10 {
            let sizes: Vec<u64> = look(&mut outlook, &entries).into_iter().flatten().map(|it| it.size_bytes).collect();
            assert!(sizes.len() == 3 && sizes.is_sorted(), "{sizes:?}");
        }
        assert_eq!(reckoned.get(), 3);
        look(&mut outlook, &entries[..2]);
        assert_eq!(reckoned.get(), 5, "a menu that offers something else is another one");
        assert!(Outlook::default().prospects("Resolution", &entries, |_, _| ()).iter().all(Option::is_none));
    }
}
