//! Changes of settings that make a run fit.

use super::{DeviceChoice, Precision, Settings};
use crate::catalog::{self, ModelId};

/// A change of settings that makes a run fit, and what the run would need then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub change: Change,
    pub need_bytes: u64,
}

/// A change of settings that saves memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    ViewsPerPass(usize),
    /// Each photo its own result.
    Independent,
    Resolution(u32),
    Precision(Precision),
    Device(DeviceChoice),
    Model(ModelId),
}

impl Change {
    pub fn apply(&self, settings: &mut Settings) {
        match self {
            Self::ViewsPerPass(views) => settings.views_per_pass = Some(*views),
            Self::Independent => settings.independent = true,
            Self::Resolution(pixels) => settings.resolution = Some(*pixels),
            Self::Precision(precision) => settings.precision = *precision,
            Self::Device(device) => settings.device = *device,
            Self::Model(model) => {
                settings.model = model.clone();
                settings.weights = None;
            }
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ViewsPerPass(1) => f.write_str("Run one view at a time"),
            Self::ViewsPerPass(views) => write!(f, "Run {views} views at a time"),
            Self::Independent => f.write_str("Treat photos as independent"),
            Self::Resolution(pixels) => write!(f, "Use {pixels} px"),
            Self::Precision(precision) => write!(f, "Use {}", precision.label()),
            Self::Device(device) => write!(f, "Use the {}", device.noun()),
            Self::Model(model) => match catalog::find(model) {
                Some(entry) => write!(f, "Use {}", entry.name),
                None => write!(f, "Use {model}"),
            },
        }
    }
}
