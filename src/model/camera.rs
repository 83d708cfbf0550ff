//! Cameras to tokens and tokens to cameras (specification §5.1, §5.3).

use super::kernels::Activation;
use super::operations::{BlockShape, Precision, TILE_BYTES, TokenLayers};
use super::watch::{Shown, Watch};
use super::{Contents, ModelError};
use crate::geometry::PoseEncoding;

/// Numbers of one encoding.
const POSE: usize = 9;
/// Heads of the camera encoder's transformer, whatever its width.
const ENCODER_HEADS: usize = 16;
const ENCODER_BLOCKS: usize = 4;
/// All LayerNorms of the camera encoder.
const ENCODER_EPS: f64 = 1e-5;

/// Reads poses and fields of view out of camera tokens.
pub struct CameraDecoder<O: TokenLayers> {
    backbone: [O::Linear; 2],
    translation: O::Linear,
    quaternion: O::Linear,
    field_of_view: O::Linear,
}

impl<O: TokenLayers> CameraDecoder<O> {
    pub fn new(on: &O, weights: &Contents) -> Result<Self, ModelError> {
        let part = |name: &str| on.read_linear(weights, &format!("model.cam_dec.{name}"), Precision::Single);
        Ok(Self {
            backbone: [part("backbone.0")?, part("backbone.2")?],
            translation: part("fc_t")?,
            quaternion: part("fc_qvec")?,
            field_of_view: part("fc_fov.0")?,
        })
    }

    /// Un-normalised camera tokens [S, 2C] → one encoding per view.
    pub fn forward(&self, on: &O, tokens: &O::Array) -> Result<Vec<PoseEncoding>, ModelError> {
        let mut x = tokens.clone();
        for layer in &self.backbone {
            x = on.activated(&on.linear(layer, &x)?, Activation::Relu)?;
        }
        let fov = on.activated(&on.linear(&self.field_of_view, &x)?, Activation::Relu)?;
        let all = on.beside(vec![on.linear(&self.translation, &x)?, on.linear(&self.quaternion, &x)?, fov])?;
        Ok(all.numbers()?.chunks_exact(POSE).map(|row| std::array::from_fn(|i| row[i])).collect())
    }
}

/// Turns known cameras into the tokens that take the place of the learned ones.
pub struct CameraEncoder<O: TokenLayers> {
    pose: [O::Linear; 2],
    token_norm: O::Norm,
    trunk: Vec<O::Block>,
    trunk_norm: O::Norm,
}

impl<O: TokenLayers> CameraEncoder<O> {
    pub fn new(on: &O, weights: &Contents) -> Result<Self, ModelError> {
        let name = |part: &str| format!("model.cam_enc.{part}");
        let linear = |part: &str| on.read_linear(weights, &name(part), Precision::Single);
        let shape = BlockShape { heads: ENCODER_HEADS, norm_eps: ENCODER_EPS, qk_norm: false, swiglu: false };
        let trunk =
            (0..ENCODER_BLOCKS).map(|i| on.read_block(weights, &name(&format!("trunk.{i}")), shape, Precision::Single));
        Ok(Self {
            pose: [linear("pose_branch.fc1")?, linear("pose_branch.fc2")?],
            token_norm: on.read_norm(weights, &name("token_norm"), ENCODER_EPS)?,
            trunk: trunk.collect::<Result<_, _>>()?,
            trunk_norm: on.read_norm(weights, &name("trunk_norm"), ENCODER_EPS)?,
        })
    }

    /// One encoding per view → camera tokens [S, C].
    pub fn forward(&self, on: &O, encodings: &[PoseEncoding], watch: &dyn Watch) -> Result<O::Array, ModelError> {
        let x = on.upload(encodings.concat(), &[encodings.len(), POSE])?;
        watch.tensor(format_args!("pose_enc_in"), &x);
        let x = on.linear(&self.pose[1], &on.activated(&on.linear(&self.pose[0], &x)?, Activation::Gelu)?)?;
        let mut x = on.normed(&self.token_norm, &x)?;
        let mut workspace = on.workspace(TILE_BYTES);
        watch.tensor(format_args!("cam_token_norm"), &x);
        for block in &self.trunk {
            x = on.block(block, &x, 1, None, &mut workspace, &|_, _| ())?;
        }
        watch.tensor(format_args!("cam_trunk"), &x);
        on.normed(&self.trunk_norm, &x)
    }
}
