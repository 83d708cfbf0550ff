//! Everything a run can be told: the same plain struct for the window, the command line and what is remembered.

use serde::{Deserialize, Serialize};

use crate::catalog::ModelId;
use crate::input::Method;

/// What a run uses. `None` means "what suits the model".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub model: ModelId,
    pub device: DeviceChoice,
    pub precision: Precision,
    /// Process resolution in pixels (`None`: 504 for Depth Anything 3, 518 for Depth Anything V2).
    pub resolution: Option<u32>,
    /// Resize method. Depth Anything V2 has a rule of its own and ignores it.
    pub method: Method,
    /// Views that go through the network together and share one scene (`None`: all of them where the network looks at
    /// views jointly, else one).
    pub views_per_pass: Option<usize>,
    pub reference_view: ReferenceView,
    /// A weight file chosen by hand (`None`: where the catalogue finds the model).
    pub weights: Option<std::path::PathBuf>,
}

/// Where the network runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// The Apple GPU or a CUDA card where this build has one, else the CPU.
    #[default]
    Auto,
    Cpu,
    Cuda,
    Metal,
}

/// How the backbone's weights are held and multiplied. Heads, cameras, LayerNorm and softmax are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// f32 on the CPU and the Apple GPU, bf16 on CUDA.
    #[default]
    Auto,
    F32,
    F16,
    Bf16,
}

/// Which view's camera the world frame is tied to, in a pass of three or more views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferenceView {
    First,
    Middle,
    /// The view whose similarity, norm and variance are nearest the middle of their ranges.
    #[default]
    SaddleBalanced,
    /// The view with the widest range of similarities to the others.
    SaddleSimRange,
}
