//! The window's graphics adapter: which one is tried next at the start, and what the person chose for the next start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use wgpu::Adapter;

use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::render::{AdapterChoice, Candidate, UnknownAdapter, label, none_found, order};

/// The file, in the data folder, that names the adapter chosen in the View menu. A file of its own, because an adapter is
/// chosen before there is a window, and other preferences are read after.
const FILE: &str = "graphics-adapter.txt";

/// The variable that tells the next try of a start what became of the ones before.
const FAILED: &str = "FATHOM_FAILED_ADAPTERS";

/// Who chose an adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    #[default]
    Nobody,
    /// By an option or a variable: this one or none.
    Now(AdapterChoice),
    /// In the View menu, at an earlier start: the card may be gone since.
    Earlier(AdapterChoice),
}

/// What the window draws with, and what could.
#[derive(Clone, Debug, Default)]
pub struct Graphics {
    /// The adapter in use: name, interface, driver.
    pub adapter: String,
    /// Of all adapters.
    pub labels: Vec<String>,
    /// The label chosen for the next starts; `None` is automatic.
    pub chosen: Option<String>,
    /// Where that is remembered; nowhere without.
    pub file: Option<PathBuf>,
}

impl Graphics {
    pub fn of(render: &egui_wgpu::RenderState) -> Self {
        let info = render.adapter.get_info();
        let mut labels: Vec<String> = render.available_adapters.iter().map(|one| label(&one.get_info())).collect();
        let mut seen = std::collections::HashSet::new();
        labels.retain(|label| seen.insert(label.clone()));
        let driver = format!("{} {}", info.driver, info.driver_info);
        let adapter = format!("{} ({})", label(&info), driver.trim());
        Self { adapter, labels, ..Self::default() }
    }

    /// Remembers a choice for the next starts.
    ///
    /// # Errors
    /// What the system says about the file.
    pub fn choose(&mut self, label: Option<String>) -> std::io::Result<()> {
        if let Some(file) = &self.file {
            match &label {
                Some(label) => {
                    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
                    std::fs::write(file, label)?;
                }
                None => match std::fs::remove_file(file) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                },
            }
        }
        self.chosen = label;
        Ok(())
    }

    /// Remembers what a person chose, and says so.
    pub fn choose_and_tell(&mut self, desk: &mut Desk, label: Option<String>) {
        let what = label.clone().unwrap_or_else(|| "the best graphics adapter there is".into());
        match self.choose(label) {
            Ok(()) => desk.state.outcome = Some(format!("From the next start on, the window is drawn with {what}")),
            Err(error) => {
                let advice = "Start with --adapter NAME, or name it in WGPU_ADAPTER_NAME.";
                desk.state.notices.tell(Severity::Error, format!("The choice cannot be remembered ({error})"), advice);
            }
        }
    }

    /// Tells why the window is drawn with another adapter than one would expect.
    pub fn warn(&self, desk: &mut Desk, what: String) {
        let advice = format!("The window is drawn with {}. View › Graphics adapter has the others.", self.adapter);
        desk.state.notices.tell(Severity::Warning, what, advice);
    }
}

/// Where the choice is remembered, and what it is.
pub fn remembered() -> (Option<PathBuf>, Option<String>) {
    let file = directories::ProjectDirs::from("", "", "fathom").map(|folders| folders.data_local_dir().join(FILE));
    let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
    let label = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    (file, label)
}

/// An adapter that was tried, and why it does not draw the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// In the order in which the system names adapters, which is the same at every try.
    pub place: usize,
    pub label: String,
    pub reason: String,
}

/// What earlier tries of this start have found out.
pub fn failed_before() -> Vec<Failed> {
    std::env::var(FAILED).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Starts the program again, in this process's place, where the system can. A driver that fails leaves the loop of events, of which
/// there is one in a process, in no state to open another window.
///
/// # Errors
/// When the program cannot be started.
pub fn start_again(failed: &[Failed]) -> std::io::Result<()> {
    let failed = serde_json::to_string(failed).map_err(std::io::Error::other)?;
    let mut again = Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1)).env(FAILED, failed);
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut again));
    #[cfg(not(unix))]
    std::process::exit(again.status()?.code().unwrap_or(1));
}

/// Why there is nothing left to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exhausted {
    Unknown(UnknownAdapter),
    None { reason: String },
}

/// The adapter to try next, by its place, and what a person should know about what they chose.
///
/// # Errors
/// [`Exhausted`] with the reasons.
fn next(candidates: &[Candidate], asked: &Asked, failed: &[Failed]) -> Result<(usize, Option<String>), Exhausted> {
    let untried = |places: Vec<usize>| places.into_iter().find(|place| failed.iter().all(|one| one.place != *place));
    let mut remark = None;
    if let Asked::Earlier(choice) = asked {
        match order(candidates, choice).map(untried) {
            Ok(Some(place)) => return Ok((place, None)),
            Ok(None) => {
                remark = Some("the graphics adapter chosen in the View menu cannot draw this window".to_owned())
            }
            Err(unknown) => remark = Some(unknown.to_string()),
        }
    }
    let choice = if let Asked::Now(choice) = asked { choice } else { &AdapterChoice::Any };
    match order(candidates, choice).map(untried) {
        Ok(Some(place)) => Ok((place, remark)),
        Err(unknown) => Err(Exhausted::Unknown(unknown)),
        Ok(None) => Err(Exhausted::None { reason: reason(candidates, failed) }),
    }
}

fn reason(candidates: &[Candidate], failed: &[Failed]) -> String {
    if candidates.is_empty() {
        return none_found();
    }
    let mut told: Vec<String> = failed.iter().map(|one| format!("{}: {}", one.label, one.reason)).collect();
    let silent = candidates.iter().filter(|candidate| !candidate.is_fitting);
    told.extend(silent.map(|candidate| format!("{}: nothing in common with this display", candidate.label)));
    told.join("; ")
}

/// The choice of one try.
#[derive(Debug, Default)]
pub struct Choosing {
    asked: Asked,
    state: Mutex<Tries>,
}

#[derive(Debug, Default)]
struct Tries {
    failed: Vec<Failed>,
    /// What is being tried.
    current: Option<(usize, String)>,
    remark: Option<String>,
    exhausted: Option<Exhausted>,
}

impl Choosing {
    /// `failed`: what was tried before.
    pub fn new(asked: Asked, failed: Vec<Failed>) -> Self {
        Self { asked, state: Mutex::new(Tries { failed, ..Tries::default() }) }
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What eframe asks when it has a surface to draw on.
    ///
    /// # Errors
    /// A text for eframe; [`Self::exhausted`] has more.
    pub fn select(&self, adapters: &[Adapter], surface: Option<&wgpu::Surface<'_>>) -> Result<Adapter, String> {
        // Without a format nothing can be shown, and eframe would give up.
        let fits = |adapter: &Adapter| surface.is_none_or(|one| !one.get_capabilities(adapter).formats.is_empty());
        let candidates: Vec<Candidate> =
            adapters.iter().map(|adapter| Candidate::new(&adapter.get_info(), fits(adapter))).collect();
        let mut tries = self.tries();
        match next(&candidates, &self.asked, &tries.failed) {
            Ok((place, remark)) => {
                tries.current = Some((place, candidates[place].label.clone()));
                tries.remark = remark;
                Ok(adapters[place].clone())
            }
            Err(exhausted) => {
                tries.exhausted = Some(exhausted);
                Err("no adapter is left".to_owned())
            }
        }
    }

    /// Takes in that the window did not open. Gives all that have failed where it was an adapter's fault, so that the next one is
    /// worth a try.
    pub fn fail(&self, reason: &str) -> Option<Vec<Failed>> {
        let mut tries = self.tries();
        let (place, label) = tries.current.take()?;
        tracing::warn!("{label} is passed over: {reason}");
        tries.failed.push(Failed { place, label, reason: reason.to_owned() });
        Some(tries.failed.clone())
    }

    /// Why no adapter was left.
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.tries().exhausted.clone()
    }

    /// What a person should know about the adapter in use.
    pub fn remarks(&self) -> Vec<String> {
        let tries = self.tries();
        let failed = tries.failed.iter().map(|one| format!("{} cannot draw this window ({})", one.label, one.reason));
        tries.remark.iter().cloned().chain(failed).collect()
    }
}

#[cfg(test)]
mod tests {
    use wgpu::{Backend, DeviceType};

    use super::*;

    fn candidate(label: &str, backend: Backend, kind: DeviceType) -> Candidate {
        Candidate { label: label.to_owned(), backend, kind, is_fitting: true }
    }

    fn machine() -> Vec<Candidate> {
        vec![
            candidate("Intel UHD 620, Vulkan", Backend::Vulkan, DeviceType::IntegratedGpu),
            candidate("GeForce RTX 3060, Vulkan", Backend::Vulkan, DeviceType::DiscreteGpu),
            candidate("llvmpipe, Vulkan", Backend::Vulkan, DeviceType::Cpu),
        ]
    }

    fn failed(place: usize) -> Failed {
        Failed { place, label: machine()[place].label.clone(), reason: "invalid surface".to_owned() }
    }

    #[test]
    fn an_adapter_that_fails_or_has_no_format_is_passed_over_for_the_next() {
        let mut machine = machine();
        assert_eq!(next(&machine, &Asked::Nobody, &[]), Ok((1, None)));
        assert_eq!(next(&machine, &Asked::Nobody, &[failed(1)]), Ok((0, None)));
        machine[0].is_fitting = false;
        assert_eq!(next(&machine, &Asked::Nobody, &[failed(1)]), Ok((2, None)));
        let Err(Exhausted::None { reason }) = next(&machine, &Asked::Nobody, &[failed(1), failed(2)]) else {
            panic!("nothing is left")
        };
        for part in ["GeForce RTX 3060, Vulkan: invalid surface", "Intel UHD 620, Vulkan: nothing in common"] {
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn whoever_names_one_now_gets_that_one_or_none() {
        let asked = Asked::Now(AdapterChoice::of("intel"));
        assert_eq!(next(&machine(), &asked, &[]), Ok((0, None)));
        assert!(matches!(next(&machine(), &asked, &[failed(0)]), Err(Exhausted::None { .. })));
        let asked = Asked::Now(AdapterChoice::of("radeon"));
        assert!(matches!(next(&machine(), &asked, &[]), Err(Exhausted::Unknown(_))));
    }

    #[test]
    fn a_remembered_adapter_that_is_gone_does_not_lock_the_window_away() {
        let asked = Asked::Earlier(AdapterChoice::of("llvmpipe, Vulkan"));
        assert_eq!(next(&machine(), &asked, &[]), Ok((2, None)));
        let (place, remark) = next(&machine(), &asked, &[failed(2)]).expect("others are left");
        assert!(place == 1 && remark.is_some_and(|remark| remark.contains("View menu")));
        let asked = Asked::Earlier(AdapterChoice::of("Radeon, Vulkan"));
        let (place, remark) = next(&machine(), &asked, &[]).expect("others are left");
        assert!(place == 1 && remark.is_some_and(|remark| remark.contains("Radeon")));
    }

    #[test]
    fn a_choice_is_written_and_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deep").join(FILE);
        let mut graphics = Graphics { file: Some(file.clone()), ..Graphics::default() };
        graphics.choose(Some("Intel UHD 620, Vulkan".into())).expect("written");
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "Intel UHD 620, Vulkan");
        for _ in 0..2 {
            graphics.choose(None).expect("removed, or not there");
            assert!(!file.exists() && graphics.chosen.is_none());
        }
    }
}
