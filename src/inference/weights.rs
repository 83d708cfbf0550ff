//! From settings to weights, and from weights to a network.

use super::devices::Opened;
use super::estimate::{wants_gaussians, wants_lens, wants_poses, wants_rays};
use super::weight_file::MODEL_NOTE;
use super::{InferenceError, Notice, Precision, Settings, WeightFile};
use crate::catalog::{self, Entry, Locations, Weights};
use crate::model::{ModelError, Network, Options, TensorSource};

/// The network of an open file on a device, with what the settings want of it.
pub(super) fn build(
    file: &WeightFile,
    settings: &Settings,
    entry: &Entry,
    opened: &Opened,
    precision: Precision,
    on_bytes: &dyn Fn(u64) -> Result<(), ModelError>,
) -> Result<Network, InferenceError> {
    let options = Options {
        kernels: !opened.is_card(),
        card: opened.gpu(),
        format: precision.format(),
        on_bytes,
        rays: wants_rays(settings, entry.preset),
        poses: wants_poses(settings, entry.preset),
        gaussians: wants_gaussians(settings, entry.preset),
    };
    Ok(Network::new(file, entry.preset, opened.device(), &options)?)
}

/// Loads the network that these settings want for lenses, where they want one.
pub(super) fn build_for_lenses(
    settings: &Settings,
    opened: &Opened,
    precision: Precision,
    on_bytes: &dyn Fn(u64) -> Result<(), ModelError>,
) -> Result<Option<Network>, InferenceError> {
    let Some(model) = wants_lens(settings) else { return Ok(None) };
    let entry = catalog::find(model).ok_or_else(|| InferenceError::UnknownModel(model.clone()))?;
    if !entry.preset.is_any_view() {
        return Err(InferenceError::NoLensModel(model.clone()));
    }
    // Of the settings only device and precision speak of this network, too.
    let own = Settings { model: model.clone(), ..Settings::default() };
    let file = open_weights(&own, entry)?;
    build(&file, &own, entry, opened, precision, on_bytes).map(Some)
}

/// What there is to say of a weight file that a person chose, where nothing in it or beside it tells which of several models it
/// is for.
pub(super) fn unvouched(entry: &Entry, settings: &Settings) -> Option<Notice> {
    let file = settings.weights.clone()?;
    let others: Vec<&str> = entry.twins().map(|twin| twin.name).collect();
    let is_said = || WeightFile::open(&file).is_ok_and(|open| open.note(MODEL_NOTE).is_some());
    if others.is_empty() || Weights::File(file.clone()).config().is_some() || is_said() {
        return None;
    }
    Some(Notice::Unvouched { model: entry.name, others: others.join(", "), file })
}

/// The weights that settings name, or the installed ones: those of this model, by all that is said of them.
pub(super) fn open_weights(settings: &Settings, entry: &'static Entry) -> Result<WeightFile, InferenceError> {
    let weights = settings.weights_of(entry);
    // Weights that are another model's, by what lies beside them, would give numbers that mean something else.
    weights.as_ref().map_or(Ok(()), |weights| catalog::check_config(entry, weights))?;
    let file = match weights {
        Some(Weights::BuiltIn(bytes)) => WeightFile::built_in("the built-in model", bytes)?,
        Some(Weights::File(path)) => WeightFile::open(&path)?,
        None => {
            return Err(InferenceError::NoWeights {
                model: entry.name,
                published_at: entry.source,
                places: catalog::models_dir().map(|dir| catalog::places(entry, &dir).to_vec()).unwrap_or_default(),
                gone: Locations::from_env().gone(entry),
            });
        }
    };
    match file.note(MODEL_NOTE) {
        Some(found) if found != entry.id => {
            Err(InferenceError::OtherConversion { file: file.label(), found: found.to_owned(), model: entry.name })
        }
        _ => Ok(file),
    }
}
