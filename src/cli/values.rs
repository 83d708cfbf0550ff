//! Values of options that several commands have.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::catalog::ModelId;
use crate::inference::{DeviceChoice, Precision};
use crate::render::AdapterChoice;
use crate::session;

/// Any text will do here; whether the catalog knows it is looked up later.
pub(super) fn model_id(text: &str) -> Result<ModelId, std::convert::Infallible> {
    Ok(ModelId(text.into()))
}

/// Which adapters there are is looked up later.
pub(super) fn adapter(text: &str) -> Result<AdapterChoice, std::convert::Infallible> {
    Ok(AdapterChoice::of(text))
}

/// By its ending the window knows what it is.
pub(super) fn session_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    session::has_ending(&path).then_some(path).ok_or_else(|| format!("sessions end in .{}", session::ENDING))
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Device {
    #[default]
    Auto,
    Cpu,
    Cuda,
    Metal,
}

impl From<Device> for DeviceChoice {
    fn from(device: Device) -> Self {
        match device {
            Device::Auto => Self::Auto,
            Device::Cpu => Self::Cpu,
            Device::Cuda => Self::Cuda,
            Device::Metal => Self::Metal,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Number {
    #[default]
    Auto,
    F32,
    F16,
    Bf16,
    Int8,
}

impl From<Number> for Precision {
    fn from(number: Number) -> Self {
        match number {
            Number::Auto => Self::Auto,
            Number::F32 => Self::F32,
            Number::F16 => Self::F16,
            Number::Bf16 => Self::Bf16,
            Number::Int8 => Self::Int8,
        }
    }
}
