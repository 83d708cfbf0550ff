//! What an automatic choice of a device means: who runs the model fastest here. That is tried out once, remembered, and corrected by
//! what runs took.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DeviceChoice, Settings};

/// A card is chosen where it takes this part of the processor's time at most: less is gained than a card's own troubles are worth.
const WORTH_IT: f64 = 0.8;
/// What the newest run counts for.
const NEWEST_COUNTS: f64 = 0.3;
/// As the processor is called in what is remembered.
const CPU: &str = "CPU";

/// A card that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub device: DeviceChoice,
    /// With its driver: another one is tried anew.
    pub name: String,
}

/// How a candidate did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// Seconds for a unit of work, as `pace` counts it.
    Took(f64),
    /// Why it is not to be used.
    Failed(String),
    /// There was no room for it, which says nothing of the next start of the program.
    LackedRoom,
}

/// How candidates did, by what was to be run and by their names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trials(BTreeMap<String, BTreeMap<String, Trial>>);

impl Trials {
    /// Takes note of a trial.
    pub fn note(&mut self, settings: &Settings, name: &str, trial: Trial) {
        self.0.entry(contest(settings)).or_default().insert(name.to_owned(), trial);
    }

    /// Takes in what a run took for a unit of work; answers whether that changes anything: only those who were tried are held against
    /// each other.
    pub fn learn(&mut self, settings: &Settings, name: &str, secs: f64) -> bool {
        let known = self.0.get_mut(&contest(settings)).and_then(|of| of.get_mut(name));
        match known {
            Some(Trial::Took(took)) if secs.is_finite() && secs > 0.0 => {
                *took += NEWEST_COUNTS * (secs - *took);
                true
            }
            _ => false,
        }
    }

    /// Adds what is remembered of earlier starts.
    pub fn recall(&mut self, earlier: Self) {
        for (contest, of) in earlier.0 {
            self.0.entry(contest).or_default().extend(of);
        }
    }

    /// What holds at other starts of the program as well.
    #[must_use]
    pub fn lasting(&self) -> Self {
        let mut lasting = self.clone();
        lasting.0.values_mut().for_each(|of| of.retain(|_, trial| *trial != Trial::LackedRoom));
        lasting
    }

    /// Forgets everything, so that it is tried out again.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    fn of(&self, settings: &Settings, name: &str) -> Option<&Trial> {
        self.0.get(&contest(settings))?.get(name)
    }
}

/// What is to be run: another version of the program is another one.
fn contest(settings: &Settings) -> String {
    format!("{} {} {}", env!("CARGO_PKG_VERSION"), settings.model, settings.precision.label())
}

/// The cards that may be chosen, and how they and the processor did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Automatic {
    /// In the order in which equals are chosen.
    pub(super) cards: Vec<Candidate>,
    pub(super) trials: Trials,
}

impl Automatic {
    /// One that means this device whatever is run.
    pub fn always(device: DeviceChoice) -> Self {
        let card = Candidate { device, name: device.label().to_owned() };
        Self { cards: if device == DeviceChoice::Cpu { Vec::new() } else { vec![card] }, ..Self::default() }
    }

    /// Where a run with these settings runs. Before anything was tried that is the card that a build was made for, else the
    /// processor.
    pub fn device(&self, settings: &Settings) -> DeviceChoice {
        if let Some(took) = self.took(settings) {
            return fastest(&took);
        }
        let is_built_for = |card: &&Candidate| card.device != DeviceChoice::Gpu;
        self.cards.iter().find(is_built_for).map_or(DeviceChoice::Cpu, |card| card.device)
    }

    /// Who is to be tried before that is known: the processor as well, where there is a card.
    pub fn untried(&self, settings: &Settings) -> Vec<Candidate> {
        let cpu = Candidate { device: DeviceChoice::Cpu, name: CPU.into() };
        let all = self.cards.iter().chain(self.cards.first().map(|_| &cpu));
        all.filter(|candidate| self.trials.of(settings, &candidate.name).is_none()).cloned().collect()
    }

    /// By device how long a unit of work takes; `None` where one was not tried as yet. Those that failed are left out.
    pub fn took(&self, settings: &Settings) -> Option<Vec<(DeviceChoice, f64)>> {
        let is_unknown = self.cards.is_empty() || !self.untried(settings).is_empty();
        // Without the processor there is nobody to be held against.
        if is_unknown || self.trials.of(settings, CPU) == Some(&Trial::LackedRoom) {
            return None;
        }
        let named = self.cards.iter().map(|card| (card.device, card.name.as_str()));
        let took = named.chain([(DeviceChoice::Cpu, CPU)]).filter_map(|(device, name)| {
            let Some(Trial::Took(secs)) = self.trials.of(settings, name) else { return None };
            Some((device, *secs))
        });
        Some(took.collect())
    }

    /// Whether there is a card that may be chosen.
    pub fn has_choice(&self) -> bool {
        !self.cards.is_empty()
    }

    /// How the cards did beside the processor, in words; `None` before that is known.
    pub fn told(&self, settings: &Settings) -> Option<String> {
        let took = self.took(settings)?;
        let of = |device| took.iter().find(|(other, _)| *other == device).map(|(_, secs)| *secs);
        let cpu = of(DeviceChoice::Cpu)?;
        let told = |card: &Candidate| match of(card.device) {
            Some(secs) => format!("{}: {:.1} × as fast as the CPU", card.device, cpu / secs),
            None => format!("{}: cannot be used", card.device),
        };
        Some(self.cards.iter().map(told).collect::<Vec<_>>().join("; "))
    }

    /// As a candidate is called in what is remembered.
    pub(super) fn name(&self, device: DeviceChoice) -> Option<&str> {
        if device == DeviceChoice::Cpu {
            return Some(CPU);
        }
        self.cards.iter().find(|card| card.device == device).map(|card| card.name.as_str())
    }
}

/// Who is chosen of those that took so long: the fastest card, the first of equals, where it is worth it, else the processor.
pub fn fastest(took: &[(DeviceChoice, f64)]) -> DeviceChoice {
    let is_cpu = |(device, _): &&(DeviceChoice, f64)| *device == DeviceChoice::Cpu;
    let cpu = took.iter().find(is_cpu);
    let card = took.iter().filter(|one| !is_cpu(one)).min_by(|a, b| a.1.total_cmp(&b.1));
    let is_worth_it = |card: &&(DeviceChoice, f64)| cpu.is_none_or(|cpu| card.1 <= WORTH_IT * cpu.1);
    card.filter(is_worth_it).map_or(DeviceChoice::Cpu, |card| card.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ModelId;
    use crate::inference::Precision;

    const CPU: DeviceChoice = DeviceChoice::Cpu;
    const METAL: DeviceChoice = DeviceChoice::Metal;
    const GPU: DeviceChoice = DeviceChoice::Gpu;

    #[test]
    fn a_card_must_win_clearly_and_the_first_of_equals_is_chosen() {
        for (took, chosen) in [
            (&[(METAL, 0.5), (GPU, 0.5), (CPU, 1.0)][..], METAL),
            (&[(METAL, 0.5), (GPU, 0.4), (CPU, 1.0)], GPU),
            (&[(METAL, 0.9), (GPU, 0.81), (CPU, 1.0)], CPU),
            (&[(GPU, 0.79), (CPU, 1.0)], GPU),
            (&[(GPU, 3.0)], GPU),
            (&[(CPU, 1.0)], CPU),
            (&[], CPU),
        ] {
            assert_eq!(fastest(took), chosen, "{took:?}");
        }
    }

    fn of(devices: &[DeviceChoice]) -> Automatic {
        let cards = devices.iter().map(|&device| Candidate { device, name: format!("{device}, driver 1") });
        Automatic { cards: cards.collect(), ..Automatic::default() }
    }

    #[test]
    fn everybody_is_tried_once_for_each_model_and_precision() {
        let settings = Settings::default();
        let mut mac = of(&[METAL, GPU]);
        assert_eq!(mac.device(&settings), METAL, "until it is known");
        assert_eq!(of(&[GPU]).device(&settings), CPU, "until it is known");
        assert!(of(&[]).untried(&settings).is_empty() && of(&[]).device(&settings) == CPU, "there is nothing to try");
        let untried = |mac: &Automatic, settings: &Settings| -> Vec<_> {
            mac.untried(settings).into_iter().map(|candidate| candidate.device).collect()
        };
        assert_eq!(untried(&mac, &settings), [METAL, GPU, CPU]);
        for candidate in mac.untried(&settings) {
            let secs = if candidate.device == GPU { 1e-4 } else { 2e-4 };
            mac.trials.note(&settings, &candidate.name, Trial::Took(secs));
        }
        assert_eq!((untried(&mac, &settings), mac.device(&settings)), (vec![], GPU));
        let others = [
            Settings { precision: Precision::F16, ..settings.clone() },
            Settings { model: ModelId("da3-base".into()), ..settings.clone() },
        ];
        assert!(others.iter().all(|other| untried(&mac, other).len() == 3 && mac.device(other) == METAL));
        mac.cards[1].name = "Graphics card, driver 2".into();
        assert_eq!((untried(&mac, &settings), mac.device(&settings)), (vec![GPU], METAL), "another driver");
    }

    #[test]
    fn who_fails_is_never_chosen_and_runs_correct_what_was_tried() {
        let settings = Settings::default();
        let mut pc = of(&[GPU]);
        let name = pc.cards[0].name.clone();
        pc.trials.note(&settings, "CPU", Trial::Took(1e-3));
        pc.trials.note(&settings, &name, Trial::Failed("other numbers than the CPU's".into()));
        assert_eq!((pc.device(&settings), pc.took(&settings)), (CPU, Some(vec![(CPU, 1e-3)])));
        assert_eq!(pc.told(&settings).as_deref(), Some("Graphics card: cannot be used"));
        assert!(!pc.trials.learn(&settings, &name, 1e-9), "what failed does not come back by itself");
        pc.trials.note(&settings, &name, Trial::Took(1e-4));
        assert_eq!(pc.device(&settings), GPU);
        assert_eq!(pc.told(&settings).as_deref(), Some("Graphics card: 10.0 × as fast as the CPU"));
        // It is slower at work than when it was tried.
        for _ in 0..20 {
            assert!(pc.trials.learn(&settings, &name, 9e-4));
        }
        assert_eq!(pc.device(&settings), CPU);
        assert!(!pc.trials.learn(&settings, &name, f64::NAN));
        let known = pc.trials.clone();
        pc.trials.note(&Settings { precision: Precision::F16, ..settings.clone() }, &name, Trial::LackedRoom);
        let f16 = Settings { precision: Precision::F16, ..settings.clone() };
        assert!(pc.untried(&f16).iter().all(|candidate| candidate.device == CPU), "not at every load");
        pc.trials.note(&f16, super::CPU, Trial::LackedRoom);
        assert_eq!(pc.took(&f16), None, "as before anything was tried");
        assert!(pc.trials != known && pc.trials.lasting().of(&f16, &name).is_none(), "but at the next start");
        pc.trials = known;

        let kept = serde_json::to_string(&pc.trials).expect("text");
        let mut anew = Trials::default();
        anew.recall(serde_json::from_str(&kept).expect("what was written"));
        assert_eq!(anew, pc.trials);
        anew.forget();
        assert_eq!(anew, Trials::default());
    }
}
