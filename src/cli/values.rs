//! Values of options that several commands have.

use std::path::PathBuf;

use clap::ValueEnum;

use super::nearest::did_you_mean;
use crate::catalog::{self, Entry, ModelId};
use crate::inference::{DeviceChoice, Precision};
use crate::render::AdapterChoice;
use crate::session;

/// A model of the catalogue, by its id.
pub(super) fn model(id: &str) -> Result<&'static Entry, String> {
    catalog::find(&ModelId(id.into())).ok_or_else(|| {
        let meant = did_you_mean(id, catalog::entries().iter().map(|entry| entry.id));
        format!("there is no model '{id}'{meant} 'fathom models' lists all")
    })
}

/// The id of a model of the catalogue.
pub(super) fn model_id(id: &str) -> Result<ModelId, String> {
    model(id).map(|entry| ModelId(entry.id.into()))
}

/// Which adapters there are is looked up later.
pub(super) fn adapter(text: &str) -> Result<AdapterChoice, std::convert::Infallible> {
    Ok(AdapterChoice::of(text))
}

/// By its ending the window knows what it is.
pub(super) fn session_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if session::has_ending(&path) {
        return Ok(path);
    }
    let (ending, name) = (session::ENDING, path.with_extension(session::ENDING));
    Err(format!("sessions end in .{ending}; did you mean '{}'?", name.display()))
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Device {
    #[default]
    Auto,
    Cpu,
    Cuda,
    Metal,
    // Any graphics card, by our own shaders.
    Gpu,
}

impl From<Device> for DeviceChoice {
    fn from(device: Device) -> Self {
        match device {
            Device::Auto => Self::Auto,
            Device::Cpu => Self::Cpu,
            Device::Cuda => Self::Cuda,
            Device::Metal => Self::Metal,
            Device::Gpu => Self::Gpu,
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
