//! Weight files of generated numbers.

use std::path::{Path, PathBuf};

use fathom::model::{Preset, generated_values, tensor_specs};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Writes a weight file of `preset`'s shape, for what reads files; returns its path.
pub fn write_file(path: &Path, preset: Preset, seed: u64) -> PathBuf {
    let tensors: Vec<_> = tensor_specs(preset)
        .into_iter()
        .filter(|spec| !spec.optional)
        .map(|spec| {
            let numbers = generated_values(&spec.name, &spec.shape, seed, false);
            (spec, numbers.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())
        })
        .collect();
    let views = tensors.iter().map(|(spec, bytes)| {
        (spec.name.clone(), TensorView::new(Dtype::F32, spec.shape.clone(), bytes).expect("bytes of the shape"))
    });
    safetensors::serialize_to_file(views, None, path).expect("space for a weight file");
    path.to_owned()
}
