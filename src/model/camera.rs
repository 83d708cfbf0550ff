//! Cameras to tokens and tokens to cameras (specification §5.1, §5.3).

use candle_core::Device;

use super::array::Array;
use super::attention::TILE_BYTES;
use super::block::Block;
use super::block_cpu::Workspace;
use super::block_parts::BlockShape;
use super::ops::{LayerNorm, Linear, Precision};
use super::watch::Watch;
use super::{Contents, ModelError};
use crate::geometry::PoseEncoding;

/// Heads of the camera encoder's transformer, whatever its width.
const ENCODER_HEADS: usize = 16;
const ENCODER_BLOCKS: usize = 4;
/// All LayerNorms of the camera encoder.
const ENCODER_EPS: f64 = 1e-5;

/// Reads poses and fields of view out of camera tokens.
pub struct CameraDecoder {
    backbone: [Linear; 2],
    translation: Linear,
    quaternion: Linear,
    field_of_view: Linear,
}

impl CameraDecoder {
    pub fn new(weights: &Contents) -> Result<Self, ModelError> {
        let part = |name: &str| Linear::f32(weights, &format!("model.cam_dec.{name}"));
        Ok(Self {
            backbone: [part("backbone.0")?, part("backbone.2")?],
            translation: part("fc_t")?,
            quaternion: part("fc_qvec")?,
            field_of_view: part("fc_fov.0")?,
        })
    }

    /// Un-normalised camera tokens [S, 2C] → one encoding per view.
    pub fn forward(&self, tokens: &Array) -> Result<Vec<PoseEncoding>, ModelError> {
        let mut x = tokens.clone();
        for layer in &self.backbone {
            x = layer.forward(&x)?.relu()?;
        }
        let fov = self.field_of_view.forward(&x)?.relu()?;
        let all = Array::cat(&[self.translation.forward(&x)?, self.quaternion.forward(&x)?, fov], 1)?;
        let (_, numbers) = all.dims2()?;
        Ok(all.to_host()?.chunks_exact(numbers).map(|row| std::array::from_fn(|i| row[i])).collect())
    }
}

/// Turns known cameras into the tokens that take the place of the learned ones.
pub struct CameraEncoder {
    pose: [Linear; 2],
    token_norm: LayerNorm,
    trunk: Vec<Block>,
    trunk_norm: LayerNorm,
}

impl CameraEncoder {
    pub fn new(weights: &Contents) -> Result<Self, ModelError> {
        let name = |part: &str| format!("model.cam_enc.{part}");
        let shape = BlockShape { heads: ENCODER_HEADS, norm_eps: ENCODER_EPS, qk_norm: false, swiglu: false };
        let trunk =
            (0..ENCODER_BLOCKS).map(|i| Block::new(weights, &name(&format!("trunk.{i}")), shape, Precision::Single));
        Ok(Self {
            pose: [Linear::f32(weights, &name("pose_branch.fc1"))?, Linear::f32(weights, &name("pose_branch.fc2"))?],
            token_norm: LayerNorm::new(weights, &name("token_norm"), ENCODER_EPS)?,
            trunk: trunk.collect::<Result<_, _>>()?,
            trunk_norm: LayerNorm::new(weights, &name("trunk_norm"), ENCODER_EPS)?,
        })
    }

    /// One encoding per view → camera tokens [S, C].
    pub fn forward(&self, encodings: &[PoseEncoding], device: &Device, watch: &dyn Watch) -> Result<Array, ModelError> {
        let x = Array::from_vec(encodings.concat(), (encodings.len(), 9), device)?;
        watch.tensor(format_args!("pose_enc_in"), &x);
        let x = self.pose[1].forward(&self.pose[0].forward(&x)?.gelu_erf()?)?;
        let mut x = self.token_norm.forward(&x)?.unsqueeze(0)?;
        let mut workspace = Workspace::new(TILE_BYTES);
        watch.tensor(format_args!("cam_token_norm"), &x);
        for block in &self.trunk {
            x = block.forward(&x, None, &mut workspace, &|_, _| ())?;
        }
        watch.tensor(format_args!("cam_trunk"), &x);
        Ok(self.trunk_norm.forward(&x)?.squeeze(0)?)
    }
}
