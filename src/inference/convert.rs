//! Weight files in fewer bits: a half or a third of the size, which say what they were made of.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use safetensors::View;
use safetensors::tensor::Dtype;

use super::weight_file::{MODEL_NOTE, SCALES, WeightFile};
use super::weights::open_weights;
use super::{InferenceError, Settings};
use crate::catalog::{self, Entry, Weights};
use crate::model::kernels::INT8_BLOCK;
use crate::model::{Contents, Format, ModelError, TensorSource, TensorSpec, stored_as, to_int8};

/// Notes in the header of a converted file, beside that of its model.
const FORMAT_NOTE: &str = "fathom.format";
const SOURCE_NOTE: &str = "fathom.source";
const DIGEST_NOTE: &str = "fathom.source_sha256";

/// What a file can be converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FewerBits {
    F16,
    /// Linear layers in 8 bits, other matrices in f16.
    Int8,
}

impl FewerBits {
    fn name(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::Int8 => "int8",
        }
    }

    fn format(self) -> Format {
        match self {
            Self::F16 => Format::F16,
            Self::Int8 => Format::Int8,
        }
    }
}

/// What a conversion came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    pub source: String,
    /// Of the source.
    pub sha256: String,
    pub source_bytes: u64,
    pub bytes: u64,
}

/// Writes the weights of these settings' model to `path` in f16, or with linear layers in 8 bits. What is no matrix, cameras and
/// the ends of heads stay in f32, as when a run rounds on its own.
///
/// The file bears its name when it is whole; another one of that name is replaced.
///
/// # Errors
/// Everything that loading answers; [`InferenceError::Conversion`] where the file cannot be written, or where a number is too
/// large for 16 bits.
pub fn convert(settings: &Settings, to: FewerBits, path: &Path) -> Result<Conversion, InferenceError> {
    let entry = catalog::find(&settings.model).ok_or(InferenceError::UnknownModel(settings.model.clone()))?;
    let file = open_weights(settings, entry)?;
    let failed = |reason: String| InferenceError::Conversion { path: path.to_owned(), reason };
    let (source, sha256) = origin(settings, entry).map_err(failed)?;
    let tensors = Contents::tensors(&file, entry.preset)?;
    let notes = [(MODEL_NOTE, entry.id), (FORMAT_NOTE, to.name()), (SOURCE_NOTE, &source), (DIGEST_NOTE, &sha256)];
    let notes: HashMap<String, String> = notes.map(|(key, value)| (key.into(), value.into())).into();
    let trouble = RefCell::new(None);
    let tensors = tensors
        .iter()
        .flat_map(|(stored, published)| parts(&file, stored, stored_as(published, to.format()), &trouble));

    let unfinished = with_ending(path, ".incomplete");
    let written = safetensors::serialize_to_file(tensors, Some(notes), &unfinished)
        .map_err(|error| failed(error.to_string()))
        .and_then(|()| trouble.take().map_or(Ok(()), Err))
        .and_then(|()| fs::rename(&unfinished, path).map_err(|error| failed(error.to_string())));
    if let Err(error) = written {
        // What is left of it helps nobody; that it cannot be removed is not what went wrong.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    let bytes = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    Ok(Conversion { source, sha256, source_bytes: file.bytes(), bytes })
}

/// Name and digest of the file that the weights come from.
fn origin(settings: &Settings, entry: &'static Entry) -> Result<(String, String), String> {
    let weights = settings.weights_of(entry).ok_or("its weights are not on this machine")?;
    let digest = catalog::digest(&weights).map_err(|error| error.to_string())?;
    let name = match &weights {
        Weights::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        Weights::BuiltIn(_) => weights.to_string(),
    };
    Ok((name, digest))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// One tensor of the new file, made when it is written.
struct Lazy<'a> {
    file: &'a WeightFile,
    spec: &'a TensorSpec,
    part: Part,
    shape: Vec<usize>,
    /// The format allows for no error while it is written.
    trouble: &'a RefCell<Option<InferenceError>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    F32,
    F16,
    Int8,
    Scales,
}

/// A tensor as it will be stored: by itself, or with scales beside it.
fn parts<'a>(
    file: &'a WeightFile,
    spec: &'a TensorSpec,
    format: Format,
    trouble: &'a RefCell<Option<InferenceError>>,
) -> Vec<(String, Lazy<'a>)> {
    let lazy = |part, shape| Lazy { file, spec, part, shape, trouble };
    match format {
        Format::Int8 => {
            let scales = vec![spec.shape[0], spec.inputs().div_ceil(INT8_BLOCK)];
            let values = (spec.name.clone(), lazy(Part::Int8, spec.shape.clone()));
            vec![values, (format!("{}{SCALES}", spec.name), lazy(Part::Scales, scales))]
        }
        Format::F16 => vec![(spec.name.clone(), lazy(Part::F16, spec.shape.clone()))],
        _ => vec![(spec.name.clone(), lazy(Part::F32, spec.shape.clone()))],
    }
}

impl Lazy<'_> {
    fn bytes(&self) -> Result<Vec<u8>, InferenceError> {
        let count: usize = self.spec.shape.iter().product();
        let mut numbers = Vec::with_capacity(count);
        self.file.show(&self.spec.name, &mut |stored| numbers.extend((0..count).map(|i| stored.get(i))))?;
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(ModelError::NotFinite { file: self.file.label(), tensor: self.spec.name.clone() }.into());
        }
        Ok(match self.part {
            Part::F32 => bytemuck::cast_slice(&numbers).to_vec(),
            Part::F16 => {
                let halves: Vec<f16> = numbers.iter().map(|&number| f16::from_f32(number)).collect();
                if halves.iter().any(|half| half.is_infinite()) {
                    let reason = format!("tensor {} holds a number that is too large for 16 bits", self.spec.name);
                    return Err(InferenceError::Conversion { path: self.file.label().into(), reason });
                }
                halves.iter().flat_map(|half| half.to_le_bytes()).collect()
            }
            Part::Int8 => bytemuck::cast_slice(&to_int8(&numbers, self.spec.inputs()).0).to_vec(),
            Part::Scales => bytemuck::cast_slice(&to_int8(&numbers, self.spec.inputs()).1).to_vec(),
        })
    }
}

impl View for Lazy<'_> {
    fn dtype(&self) -> Dtype {
        match self.part {
            Part::F32 | Part::Scales => Dtype::F32,
            Part::F16 => Dtype::F16,
            Part::Int8 => Dtype::I8,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        // After an error nothing counts but that there is a file to remove.
        if self.trouble.borrow().is_some() {
            return vec![0; self.data_len()].into();
        }
        self.bytes().map_or_else(
            |error| {
                *self.trouble.borrow_mut() = Some(error);
                vec![0; self.data_len()].into()
            },
            Cow::Owned,
        )
    }

    fn data_len(&self) -> usize {
        let element = match self.part {
            Part::F32 | Part::Scales => 4,
            Part::F16 => 2,
            Part::Int8 => 1,
        };
        self.shape.iter().product::<usize>() * element
    }
}
