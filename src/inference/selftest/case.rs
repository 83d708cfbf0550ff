//! The cases inside the program: an input, weights, and what the reference implementation made of them.

use std::collections::HashMap;
use std::str::FromStr;

use candle_core::{Device, Tensor};
use safetensors::SafeTensors;

use super::images::{float_image, rgb_image};
use crate::catalog::{self, ModelId, Weights};
use crate::geometry::{Intrinsics, Rigid};
use crate::inference::devices::Opened;
use crate::inference::sweeping::Sweeping;
use crate::inference::{InferenceError, Precision, WeightFile};
use crate::input::preprocess::normalise;
use crate::model::{Conditioning, Generated, Maps, ModelError, Network, Options, Preset, Silent};

/// Names and golden files. Together they stay below a megabyte, and one case after the other needs no more memory than
/// its network: 1.4 GB for the one with sky, at f32.
const FILES: [(&str, &[u8]); 6] = [
    ("one view", include_bytes!("../../../tests/goldens/network/small_s1_70x98.safetensors")),
    ("two views", include_bytes!("../../../tests/goldens/network/small_s2_56x84.safetensors")),
    ("known cameras", include_bytes!("../../../tests/goldens/network/small_s4_56x84_pose.safetensors")),
    ("chosen reference", include_bytes!("../../../tests/goldens/network/small_s5_56x84_saddle_balanced.safetensors")),
    ("sky", include_bytes!("../../../tests/goldens/network/mono_s1_70x98.safetensors")),
    ("built-in model", include_bytes!("../../../tests/goldens/da2/da2_small_266x378.safetensors")),
];

/// What is compared, and under which names golden files hold it, before any post-processing.
const QUANTITIES: [(Quantity, &[&str]); 4] = [
    (Quantity::Depth, &["depth_raw", "disparity", "depth"]),
    (Quantity::Confidence, &["depth_conf"]),
    (Quantity::Sky, &["sky"]),
    (Quantity::Poses, &["pose_enc"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    Depth,
    Confidence,
    Sky,
    Poses,
}

impl Quantity {
    pub fn label(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Confidence => "confidence",
            Self::Sky => "sky",
            Self::Poses => "poses",
        }
    }
}

/// One golden file.
pub(super) struct Case {
    pub name: &'static str,
    pub expected: Vec<Expected>,
    meta: HashMap<String, String>,
    tensors: SafeTensors<'static>,
}

/// What a network made of a case: all views behind each other, row-major.
pub(super) type Outputs = Vec<(Quantity, Vec<f32>)>;

/// Every `stride`-th element of what the reference implementation gave.
pub(super) struct Expected {
    pub quantity: Quantity,
    pub values: Vec<f32>,
    pub stride: usize,
}

impl Case {
    pub fn all() -> Result<Vec<Self>, ModelError> {
        FILES.iter().map(|&(name, bytes)| Self::read(name, bytes)).collect()
    }

    fn read(name: &'static str, bytes: &'static [u8]) -> Result<Self, ModelError> {
        let flawed = |e: safetensors::SafeTensorError| flaw(name, e.to_string());
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(flawed)?;
        let meta = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(bytes).map_err(flawed)?;
        let mut case = Self { name, expected: Vec::new(), meta, tensors };
        case.expected = case.held()?;
        Ok(case)
    }

    /// The network with the weights of this case.
    pub fn network(&self, opened: &Opened, precision: Precision) -> Result<Network, InferenceError> {
        let (device, kernels) = (opened.device(), !opened.is_card());
        let (format, card, poses) = (precision.format(), opened.gpu(), self.has_cameras());
        let options = Options { format, kernels, card, poses, ..Options::default() };
        if let Some(name) = self.meta.get("preset") {
            let preset = Preset::da3(name).ok_or_else(|| flaw(self.name, format!("no preset {name}")))?;
            let weights = Generated::new(preset, self.number("seed")?, false);
            return Ok(Network::new(&weights, preset, device, &options)?);
        }
        let model = ModelId::default();
        match catalog::find(&model).map(|entry| (entry, catalog::locate(entry))) {
            Some((entry, Some(Weights::BuiltIn(bytes)))) => {
                Ok(Network::new(&WeightFile::built_in("the built-in model", bytes)?, entry.preset, device, &options)?)
            }
            _ => Err(InferenceError::UnknownModel(model)),
        }
    }

    /// Runs this case's network, without post-processing.
    pub fn run(&self, network: &Network, opened: &Opened) -> Result<Outputs, ModelError> {
        let watch = Sweeping { watch: &Silent, opened };
        let images = self.images(opened.device())?;
        let cameras = self.cameras()?;
        let conditioning = Conditioning { poses: cameras.as_deref(), ..Conditioning::default() };
        let encoded = network.encode(&images, &conditioning, &watch)?;
        let views = encoded.views.into_iter().map(|view| network.decode(view, &watch));
        let views = views.collect::<Result<Vec<Maps>, _>>()?;
        let joined = |quantity, part: fn(&Maps) -> Option<&Vec<f32>>| {
            let parts = views.iter().map(part).collect::<Option<Vec<_>>>()?;
            Some((quantity, parts.into_iter().flatten().copied().collect()))
        };
        let outputs = [
            joined(Quantity::Depth, |maps| Some(&maps.depth)),
            joined(Quantity::Confidence, |maps| maps.confidence.as_ref()),
            joined(Quantity::Sky, |maps| maps.sky.as_ref()),
            encoded.poses.map(|poses| (Quantity::Poses, poses.concat())),
        ];
        Ok(outputs.into_iter().flatten().collect())
    }

    fn held(&self) -> Result<Vec<Expected>, ModelError> {
        let held = QUANTITIES.iter().filter_map(|(quantity, names)| {
            Some((*quantity, *names.iter().find(|name| self.tensors.tensor(name).is_ok())?))
        });
        held.map(|(quantity, name)| {
            Ok(Expected { quantity, values: self.values(name)?, stride: self.number(&format!("stride.{name}"))? })
        })
        .collect()
    }

    /// The network's input [S, 3, H, W].
    fn images(&self, device: &Device) -> Result<Tensor, ModelError> {
        let number = self.number("image")?;
        let (values, shape) = match self.meta.get("wh") {
            Some(size) => {
                let [width, height]: [u32; 2] =
                    serde_json::from_str(size).map_err(|e| flaw(self.name, e.to_string()))?;
                let samples = rgb_image(0, height as usize, width as usize, number);
                let photo = image::RgbImage::from_raw(width, height, samples)
                    .ok_or_else(|| flaw(self.name, format!("no photo has the size {size}")))?;
                (normalise(&photo), (1, 3, height as usize, width as usize))
            }
            None => {
                let (views, height, width) = (self.number("S")?, self.number("H")?, self.number("W")?);
                (float_image(views, height, width, number), (views, 3, height, width))
            }
        };
        Ok(Tensor::from_vec(values, shape, device)?)
    }

    /// The cameras that the network is told, where there are some.
    fn cameras(&self) -> Result<Option<Vec<(Rigid, Intrinsics)>>, ModelError> {
        if !self.has_cameras() {
            return Ok(None);
        }
        let (poses, lenses) = (self.values("in_extrinsics")?, self.values("in_intrinsics")?);
        let pairs = poses.chunks_exact(16).zip(lenses.chunks_exact(9));
        let cameras = pairs.map(|(pose, lens)| {
            let pose = Rigid::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| pose[4 * r + c])));
            (pose, Intrinsics::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| lens[3 * r + c]))))
        });
        Ok(Some(cameras.collect()))
    }

    fn has_cameras(&self) -> bool {
        self.tensors.tensor("in_extrinsics").is_ok()
    }

    fn values(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensors.tensor(name).map_err(|e| flaw(self.name, e.to_string()))?;
        let (numbers, _) = tensor.data().as_chunks::<4>();
        Ok(numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }

    fn number<T: FromStr>(&self, key: &str) -> Result<T, ModelError> {
        let number = self.meta.get(key).and_then(|text| text.parse().ok());
        number.ok_or_else(|| flaw(self.name, format!("{key} is no number")))
    }
}

fn flaw(case: &str, reason: String) -> ModelError {
    ModelError::NotSafetensors { file: format!("the stored case “{case}”"), reason }
}
