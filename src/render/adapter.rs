//! Which graphics adapter draws: one rule for the window and for pictures without one.

use thiserror::Error;
use wgpu::{Backend, DeviceType};

/// Names the adapter as `--adapter` does, for programs that cannot be given an option.
const VARIABLE: &str = "WGPU_ADAPTER_NAME";

/// Which adapter draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AdapterChoice {
    /// The fastest there is, a software adapter where there is no graphics card.
    #[default]
    Any,
    /// One that draws on the processor: slower, and its pictures do not depend on the machine's graphics card.
    Software,
    /// The best of those whose label has this part, in capitals or not.
    Named(String),
}

impl AdapterChoice {
    /// `auto`, `software`, or a part of an adapter's label.
    pub fn of(words: &str) -> Self {
        match words.trim() {
            "" | "auto" => Self::Any,
            "software" => Self::Software,
            name => Self::Named(name.to_owned()),
        }
    }

    /// What `WGPU_ADAPTER_NAME` asks for, where it is set.
    pub fn from_env() -> Option<Self> {
        std::env::var(VARIABLE).ok().filter(|words| !words.trim().is_empty()).map(|words| Self::of(&words))
    }

    fn takes(&self, candidate: &Candidate) -> bool {
        match self {
            Self::Any => true,
            Self::Software => candidate.kind == DeviceType::Cpu,
            Self::Named(name) => candidate.label.to_lowercase().contains(&name.to_lowercase()),
        }
    }
}

/// A name that is no adapter's: whoever typed it can choose another.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no graphics adapter of this machine is called '{name}'. There {}.", there(.labels))]
pub struct UnknownAdapter {
    pub name: String,
    /// Of those that there are.
    pub labels: Vec<String>,
}

fn there(labels: &[String]) -> String {
    match labels {
        [] => "is none".into(),
        [one] => format!("is '{one}'"),
        several => format!("are '{}'", several.join("', '")),
    }
}

/// What is known of an adapter before it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name and its interface, for people: "Radeon RX 6600, Vulkan".
    pub label: String,
    pub backend: Backend,
    pub kind: DeviceType,
    /// Whether it can do what it is wanted for: draw on a window's surface, or draw points.
    pub is_fitting: bool,
}

impl Candidate {
    pub fn new(info: &wgpu::AdapterInfo, is_fitting: bool) -> Self {
        Self { label: label(info), backend: info.backend, kind: info.device_type, is_fitting }
    }

    /// Smaller is better: hardware before software, then what every driver draws well before OpenGL, then a card of its own
    /// before one that shares the processor's memory.
    fn rank(&self) -> (bool, bool, u8) {
        let kind = match self.kind {
            DeviceType::DiscreteGpu => 0,
            DeviceType::IntegratedGpu => 1,
            DeviceType::VirtualGpu => 2,
            DeviceType::Other => 3,
            DeviceType::Cpu => 4,
        };
        (self.kind == DeviceType::Cpu, self.backend == Backend::Gl, kind)
    }
}

/// An adapter's name and its interface, for people.
pub fn label(info: &wgpu::AdapterInfo) -> String {
    let interface = match info.backend {
        Backend::Gl => "OpenGL",
        Backend::Dx12 => "DirectX 12",
        Backend::Vulkan => "Vulkan",
        Backend::Metal => "Metal",
        Backend::BrowserWebGpu => "WebGPU",
        Backend::Noop => "none",
    };
    format!("{}, {interface}", info.name.trim())
}

/// Places of the candidates to try one after the other, the best first; of those that fit and are asked for.
///
/// # Errors
/// [`UnknownAdapter`] for a name that is none's.
pub fn order(candidates: &[Candidate], choice: &AdapterChoice) -> Result<Vec<usize>, UnknownAdapter> {
    let asked_for = |&place: &usize| choice.takes(&candidates[place]);
    let mut places: Vec<usize> = (0..candidates.len()).filter(asked_for).collect();
    if let (AdapterChoice::Named(name), []) = (choice, &places[..]) {
        let labels = candidates.iter().map(|candidate| candidate.label.clone()).collect();
        return Err(UnknownAdapter { name: name.clone(), labels });
    }
    places.retain(|&place| candidates[place].is_fitting);
    // Stable, so that of equals the first stays first.
    places.sort_by_key(|&place| candidates[place].rank());
    Ok(places)
}

/// Interfaces that a person allows by `WGPU_BACKEND`, or all that can draw here.
pub fn allowed_backends() -> wgpu::Backends {
    wgpu::Backends::from_env().unwrap_or(wgpu::Backends::PRIMARY | wgpu::Backends::GL)
}

/// Why there may be none, for people.
pub fn none_found() -> String {
    match std::env::var("WGPU_BACKEND") {
        Ok(allowed) => format!("none was found among what WGPU_BACKEND={allowed} allows"),
        Err(_) => "none was found".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(label: &str, backend: Backend, kind: DeviceType) -> Candidate {
        Candidate { label: label.to_owned(), backend, kind, is_fitting: true }
    }

    fn machine() -> Vec<Candidate> {
        vec![
            candidate("llvmpipe (LLVM 19), Vulkan", Backend::Vulkan, DeviceType::Cpu),
            candidate("Intel UHD 620, Vulkan", Backend::Vulkan, DeviceType::IntegratedGpu),
            candidate("GeForce RTX 3060, Vulkan", Backend::Vulkan, DeviceType::DiscreteGpu),
            candidate("GeForce RTX 3060, OpenGL", Backend::Gl, DeviceType::DiscreteGpu),
            candidate("llvmpipe (LLVM 19), OpenGL", Backend::Gl, DeviceType::Cpu),
        ]
    }

    #[test]
    fn hardware_before_opengl_before_software() {
        assert_eq!(order(&machine(), &AdapterChoice::Any), Ok(vec![2, 1, 3, 0, 4]));
        assert_eq!(order(&machine(), &AdapterChoice::Software), Ok(vec![0, 4]));
        assert_eq!(order(&[], &AdapterChoice::Any), Ok(vec![]));
    }

    #[test]
    fn what_does_not_fit_is_passed_over() {
        let mut machine = machine();
        machine[2].is_fitting = false;
        assert_eq!(order(&machine, &AdapterChoice::Any), Ok(vec![1, 3, 0, 4]));
        assert_eq!(order(&machine, &AdapterChoice::of("geforce")), Ok(vec![3]));
        // Whoever names one gets no other.
        machine[3].is_fitting = false;
        assert_eq!(order(&machine, &AdapterChoice::of("geforce")), Ok(vec![]));
        for candidate in &mut machine {
            candidate.is_fitting = false;
        }
        assert_eq!(order(&machine, &AdapterChoice::Any), Ok(vec![]));
    }

    #[test]
    fn a_part_of_a_name_will_do() {
        for (words, places) in [
            ("rtx", vec![2, 3]),
            ("RTX 3060, opengl", vec![3]),
            (" intel ", vec![1]),
            ("opengl", vec![3, 4]),
            ("auto", vec![2, 1, 3, 0, 4]),
            ("software", vec![0, 4]),
        ] {
            assert_eq!(order(&machine(), &AdapterChoice::of(words)), Ok(places), "{words}");
        }
    }

    #[test]
    fn a_name_of_nobody_lists_those_there_are() {
        let error = order(&machine(), &AdapterChoice::of("Radeon")).expect_err("there is none");
        let text = error.to_string();
        assert!(text.contains("'Radeon'") && machine().iter().all(|one| text.contains(&one.label)), "{text}");
        assert!(!text.contains('\n'), "{text}");
        let error = order(&[], &AdapterChoice::of("Radeon")).expect_err("there is none");
        assert!(error.to_string().ends_with("There is none."), "{error}");
    }
}
