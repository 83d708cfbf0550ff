//! Where weights come from, and the check that they are the weights of the network that is asked for.

use std::cell::Cell;
use std::collections::HashMap;

use candle_core::{DType, Tensor};

use super::host::with_host;
use super::kernels::Format;
use super::names::{TensorSpec, tensor_specs};
use super::preset::Preset;
use super::stored::Numbers;
use super::{ModelError, names_hf};

/// What a source says about one tensor before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    pub shape: Vec<usize>,
    /// `F32`, `F16`, …, as safetensors spells it.
    pub element: String,
}

/// A map from names to tensors that are read when they are asked for.
pub trait TensorSource {
    /// How errors call this source: the file's name.
    fn label(&self) -> String;

    /// Everything that the source holds.
    fn contents(&self) -> HashMap<String, Described>;

    /// Reads one tensor onto the host, in its stored element type.
    fn read(&self, name: &str) -> Result<Tensor, ModelError>;

    /// Shows the numbers of one tensor without keeping them; sources that hold them in memory need not copy.
    fn show(&self, name: &str, look: &mut dyn FnMut(Numbers)) -> Result<(), ModelError> {
        let tensor = self.read(name)?.to_dtype(DType::F32)?;
        Ok(with_host(&tensor, |numbers| look(Numbers::F32(numbers)))?)
    }
}

/// A source whose contents were checked against a preset.
pub struct Contents<'a> {
    source: &'a dyn TensorSource,
    held: HashMap<String, Described>,
    preset: Preset,
    format: Format,
    transformers_names: bool,
    on_bytes: &'a dyn Fn(u64) -> Result<(), ModelError>,
    bytes_read: Cell<u64>,
}

impl<'a> Contents<'a> {
    /// Compares names, shapes and element types with the published file of `preset`, without reading a tensor.
    ///
    /// Depth Anything V2 may come with its original names or with those of the `-hf` repositories, Depth Anything 3 comes with
    /// one set of names; either in F32, in F16, or in 8 bits as this program writes them.
    pub fn check(
        source: &'a dyn TensorSource,
        preset: Preset,
        format: Format,
        on_bytes: &'a dyn Fn(u64) -> Result<(), ModelError>,
    ) -> Result<Self, ModelError> {
        let held = source.contents();
        let transformers_names = has_transformers_names(preset, &held);
        let mut specs = tensor_specs(preset);
        if transformers_names {
            specs = names_hf::transformers_specs(&specs);
        }
        compare(&source.label(), preset.upstream_name(), &held, &specs)?;
        Ok(Self { source, held, preset, format, transformers_names, on_bytes, bytes_read: Cell::new(0) })
    }

    /// The tensors of a source that holds the weights of `preset`: as it stores them, and as they are published.
    pub fn tensors(source: &dyn TensorSource, preset: Preset) -> Result<Vec<(TensorSpec, TensorSpec)>, ModelError> {
        let held = source.contents();
        let with_names = |spec: &TensorSpec| match has_transformers_names(preset, &held) {
            true => names_hf::transformers_specs(std::slice::from_ref(spec)),
            false => vec![spec.clone()],
        };
        let published = tensor_specs(preset);
        let all = published.iter().flat_map(|spec| with_names(spec).into_iter().map(|stored| (stored, spec.clone())));
        let all: Vec<(TensorSpec, TensorSpec)> = all.collect();
        let stored: Vec<TensorSpec> = all.iter().map(|(stored, _)| stored.clone()).collect();
        compare(&source.label(), preset.upstream_name(), &held, &stored)?;
        Ok(all.into_iter().filter(|(stored, _)| held.contains_key(&stored.name)).collect())
    }

    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// The format chosen for the run.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The format in which the matrix `name` is kept by who takes them all.
    pub fn format_of(&self, name: &str) -> Format {
        if self.format == Format::F32 { self.exact_format_of(name) } else { self.format }
    }

    /// The smallest format that loses nothing: what a file holds in f16 needs no more.
    pub fn exact_format_of(&self, name: &str) -> Format {
        let parts = if self.transformers_names { names_hf::transformers_names(name) } else { vec![name.to_owned()] };
        let all = |element| parts.iter().all(|part| self.held.get(part).is_some_and(|held| held.element == element));
        match () {
            () if all("F16") => Format::F16,
            () if all("I8") => Format::Int8,
            () => Format::F32,
        }
    }

    /// Shows the numbers of a tensor as they are stored, row-major, without keeping them.
    pub fn show(&self, name: &str, look: impl FnOnce(Numbers)) -> Result<(), ModelError> {
        let mut is_finite = true;
        let mut look = Some(look);
        let mut look = |numbers: Numbers| {
            is_finite = numbers.are_finite();
            if let Some(look) = look.take() {
                look(numbers);
            }
        };
        if self.transformers_names && names_hf::transformers_names(name).len() > 1 {
            with_host(&self.tensor(name)?, |joined| look(Numbers::F32(joined)))?;
        } else {
            let stored = self.stored_name(name);
            self.source.show(&stored, &mut look)?;
            let described = self.held.get(&stored);
            let elements: usize = described.map_or(0, |described| described.shape.iter().product());
            let bytes = described.map_or(4, |described| match described.element.as_str() {
                "I8" => 1,
                "F16" => 2,
                _ => 4,
            });
            self.count(elements * bytes)?;
        }
        self.require_finite(is_finite, name)
    }

    /// The numbers of a small tensor, row-major.
    pub fn numbers(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        Ok(self.tensor(name)?.flatten_all()?.to_vec1()?)
    }

    /// The shape of a tensor that was checked to be there.
    pub fn shape(&self, name: &str) -> Vec<usize> {
        let parts = if self.transformers_names { names_hf::transformers_names(name).len() } else { 1 };
        let mut shape = self.held.get(&self.stored_name(name)).map_or_else(Vec::new, |held| held.shape.clone());
        // Parts are joined along the outputs.
        if let Some(outputs) = shape.first_mut() {
            *outputs *= parts;
        }
        shape
    }

    fn stored_name(&self, name: &str) -> String {
        match self.transformers_names {
            true => names_hf::transformers_names(name).swap_remove(0),
            false => name.to_owned(),
        }
    }

    fn count(&self, bytes: usize) -> Result<(), ModelError> {
        self.bytes_read.set(self.bytes_read.get() + bytes as u64);
        (self.on_bytes)(self.bytes_read.get())
    }

    /// Reads a tensor onto the host in f32, where its numbers are looked at.
    pub fn tensor(&self, name: &str) -> Result<Tensor, ModelError> {
        let tensor = if self.transformers_names {
            let parts: Result<Vec<_>, _> =
                names_hf::transformers_names(name).iter().map(|part| self.source.read(part)).collect();
            Tensor::cat(&parts?, 0)?
        } else {
            self.source.read(name)?
        };
        self.count(tensor.elem_count() * tensor.dtype().size_in_bytes())?;
        let single = tensor.to_dtype(DType::F32)?;
        let is_finite = with_host(&single, |numbers| Numbers::F32(numbers).are_finite())?;
        self.require_finite(is_finite, name)?;
        Ok(single)
    }

    fn require_finite(&self, is_finite: bool, name: &str) -> Result<(), ModelError> {
        let tensor = || self.stored_name(name);
        if is_finite { Ok(()) } else { Err(ModelError::NotFinite { file: self.source.label(), tensor: tensor() }) }
    }
}

fn has_transformers_names(preset: Preset, held: &HashMap<String, Described>) -> bool {
    preset.is_da2() && held.keys().any(|name| name.starts_with("backbone.embeddings."))
}

/// Whether a file holds what a network needs and nothing else. `network` is what errors call it.
pub(super) fn compare(
    file: &str,
    network: &'static str,
    held: &HashMap<String, Described>,
    specs: &[TensorSpec],
) -> Result<(), ModelError> {
    let (file, preset) = (file.to_owned(), network);
    const ACCEPTED: [&str; 3] = ["F32", "F16", "I8"];
    let missing: Vec<_> = specs.iter().filter(|s| !s.optional && !held.contains_key(&s.name)).collect();
    if let Some(first) = missing.first() {
        return Err(ModelError::Missing {
            file,
            tensor: first.name.clone(),
            missing: missing.len(),
            expected: specs.iter().filter(|s| !s.optional).count(),
            preset,
        });
    }
    let known: HashMap<&str, &TensorSpec> = specs.iter().map(|s| (s.name.as_str(), s)).collect();
    let mut surplus: Vec<_> = held.keys().filter(|name| !known.contains_key(name.as_str())).collect();
    surplus.sort();
    if let Some(first) = surplus.first() {
        return Err(ModelError::Surplus { file, tensor: (*first).clone(), surplus: surplus.len(), preset });
    }
    for spec in specs {
        let Some(described) = held.get(&spec.name) else { continue };
        if described.shape != spec.shape {
            return Err(ModelError::Shape {
                file,
                tensor: spec.name.clone(),
                expected: spec.shape.clone(),
                actual: described.shape.clone(),
                preset,
            });
        }
        if !ACCEPTED.contains(&described.element.as_str()) {
            return Err(ModelError::Type {
                file,
                tensor: spec.name.clone(),
                actual: described.element.clone(),
                accepted: "F32, F16 and 8 bits with scales",
                preset,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
