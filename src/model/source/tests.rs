//! Weight files with flaws, and with other names.

use candle_core::Device;

use super::super::preset::Da2Output;
use super::*;

fn held(preset: Preset) -> HashMap<String, Described> {
    tensor_specs(preset).into_iter().map(|s| (s.name, Described { shape: s.shape, element: "F32".into() })).collect()
}

fn verdict(preset: Preset, held: &HashMap<String, Described>) -> Result<(), String> {
    compare("w.safetensors", preset.upstream_name(), held, &tensor_specs(preset)).map_err(|e| e.to_string())
}

#[test]
fn whole_file_passes_and_every_flaw_names_file_and_tensor() {
    let name = "model.cam_dec.fc_t.weight";
    let good = held(Preset::Da3Small);
    assert_eq!(verdict(Preset::Da3Small, &good), Ok(()));
    let mut lacking = good.clone();
    lacking.remove(name);
    let mut surplus = good.clone();
    surplus.insert("model.extra".into(), Described { shape: vec![1], element: "F32".into() });
    let mut bent = good.clone();
    bent.insert(name.into(), Described { shape: vec![3, 767], element: "F32".into() });
    let mut half = good.clone();
    half.insert(name.into(), Described { shape: vec![3, 768], element: "F64".into() });
    for (flawed, tensor) in [(lacking, name), (surplus, "model.extra"), (bent, name), (half, name)] {
        let message = verdict(Preset::Da3Small, &flawed).expect_err("a flaw");
        assert!(message.contains(tensor) && message.contains("w.safetensors"), "{message}");
    }
}

#[test]
fn unused_tensors_of_depth_anything_v2_may_be_absent() {
    let preset = Preset::Da2Small(Da2Output::Disparity);
    let mut lean = held(preset);
    lean.retain(|name, _| !name.contains("mask_token") && !name.contains("refinenet4.resConfUnit1"));
    assert_eq!(lean.len(), 234);
    assert_eq!(verdict(preset, &lean), Ok(()));
    assert_eq!(verdict(preset, &held(preset)), Ok(()));
}

/// A file with the names of the `-hf` repositories, each tensor filled with the length of its name.
struct Transformers(HashMap<String, Described>);

impl TensorSource for Transformers {
    fn label(&self) -> String {
        "hf.safetensors".into()
    }

    fn contents(&self) -> HashMap<String, Described> {
        self.0.clone()
    }

    fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        let shape = self.0[name].shape.as_slice();
        Ok(Tensor::full(name.len() as f32, shape, &Device::Cpu)?.to_dtype(DType::F16)?)
    }
}

#[test]
fn transformers_names_are_read_and_their_qkv_is_joined() -> Result<(), ModelError> {
    let preset = Preset::Da2Small(Da2Output::Disparity);
    let specs = names_hf::transformers_specs(&tensor_specs(preset));
    let described = |s: TensorSpec| (s.name, Described { shape: s.shape, element: "F16".into() });
    let source = Transformers(specs.into_iter().filter(|s| !s.optional).map(described).collect());
    let weights = Contents::check(&source, preset, Format::F32, &|_| Ok(()))?;
    let joined = weights.numbers("pretrained.blocks.3.attn.qkv.bias")?;
    let lengths = ["query", "key", "value"]
        .map(|part| format!("backbone.encoder.layer.3.attention.attention.{part}.bias").len() as f32);
    assert_eq!(joined.len(), 3 * 384);
    assert_eq!([joined[0], joined[384], joined[2 * 384]], lengths);
    Ok(())
}
