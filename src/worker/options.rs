//! What a worker is given beside its commands.

use std::path::PathBuf;
use std::sync::Arc;

use super::{MemorySentry, Sentry};
use crate::inference::Devices;

/// What a worker is given beside its commands.
pub struct WorkerOptions {
    /// Folder for what is remembered between starts: how much memory and time runs took, and
    /// which run goes on. `None`: nothing is.
    pub state_dir: Option<PathBuf>,
    /// Who is asked before each part of a run.
    pub sentry: Arc<dyn Sentry>,
    /// Who opens devices.
    pub devices: Devices,
    /// A window shows results: its textures count as memory of the run.
    pub is_shown: bool,
}

impl Default for WorkerOptions {
    /// Remembers nothing, watches the machine's memory, and opens the machine's devices.
    fn default() -> Self {
        Self { state_dir: None, sentry: Arc::new(MemorySentry::default()), devices: Devices::here(), is_shown: false }
    }
}

impl WorkerOptions {
    /// Remembers in the user's folder for this program: `FATHOM_STATE`, else the system's place for it.
    pub fn at_home() -> Self {
        let named = std::env::var_os("FATHOM_STATE").map(PathBuf::from);
        let usual = || directories::ProjectDirs::from("", "", "fathom").map(|dirs| dirs.data_local_dir().to_owned());
        Self { state_dir: named.or_else(usual), ..Self::default() }
    }
}
