//! Which machine this is, for a person who compares figures.

use serde::Serialize;
use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// What decides how fast a machine is, without anything that tells whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// As the processor calls itself.
    pub processor: String,
    /// Threads that run at once.
    pub cores: usize,
    /// Operating system and architecture.
    pub system: String,
}

impl Machine {
    pub fn here() -> Self {
        let kind = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
        let known = System::new_with_specifics(kind).ok();
        let brand = known.as_ref().and_then(|system| system.cpus().first()).map(|cpu| cpu.brand().trim().to_owned());
        let system = System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.into());
        Self {
            processor: brand.filter(|brand| !brand.is_empty()).unwrap_or_else(|| "unknown processor".into()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{system} ({})", std::env::consts::ARCH),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} cores, {}", self.processor, self.cores, self.system)
    }
}
