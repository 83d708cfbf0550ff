//! 3×3 convolutions on maps [height, width, channels], unfolded along rows alone.

use super::array::{Array, Kind};
use super::attention::even_parts;
use super::linear::{TAIL, multiply, tail};
use super::weights::Weights;
use crate::model::ModelError;
use crate::model::kernels::Activation;
use crate::model::operations::{Around, ConvShape};

/// Bytes that the unfolded input of one convolution band may take on candle. On a CPU it should stay in the cache; on a card
/// every band is some fifteen launches, and few of them are large enough.
const BAND_BYTES: usize = 16 << 20;
const BAND_BYTES_ON_CARDS: usize = 48 << 20;

/// 3×3 convolution, padding 1.
pub struct Conv3x3 {
    stride: usize,
    /// [3 · in, 3 · out], row kx·in + c, column ky·out + o. With a bias there are [`TAIL`] rows more, the first of which gives it
    /// to the windows' middle rows.
    taps: Array,
    /// With a bias, what the unfolded input has for those rows, [1, TAIL].
    tail: Option<Array>,
}

impl Conv3x3 {
    pub fn new(weights: &Weights, name: &str, ConvShape { has_bias, stride }: ConvShape) -> Result<Self, ModelError> {
        let bias = if has_bias { Some(weights.on_host(&format!("{name}.bias"))?) } else { None };
        let taps = weights.prepared(&format!("{name}.weight"), |taps| {
            let taps = taps.permute([3, 1, 2, 0])?.contiguous()?.flatten(2, 3)?.flatten(0, 1)?;
            let Some(bias) = &bias else { return Ok(taps) };
            let mut tail = vec![0.0; TAIL * 3 * bias.len()];
            tail[bias.len()..][..bias.len()].copy_from_slice(bias);
            Array::cat(&[&taps, &taps.like(tail, (TAIL, 3 * bias.len()))?], 0)
        })?;
        let tail = bias.map(|_| tail(weights.device)).transpose()?;
        Ok(Self { stride, taps, tail })
    }

    /// Row bands of the image, each from its input to its end, so that what lies between stays small however large the image
    /// is. [h, w, in] → [⌈h/stride⌉, ⌈w/stride⌉, out].
    pub fn forward(&self, x: &Array, around: &Around<Array>) -> candle_core::Result<Array> {
        let Self { taps, tail, .. } = self;
        let (h, w, _) = x.dims3()?;
        let (height, width, stride) = (h.div_ceil(self.stride), w.div_ceil(self.stride), self.stride);
        let limit = if x.kind() == Kind::Cpu { BAND_BYTES } else { BAND_BYTES_ON_CARDS };
        let together = (limit / (taps.dim(0)? * width * stride * 4)).clamp(1, height);
        let bands = even_parts(height, together).map(|(top, count)| {
            // Windows reach one row and column beyond; beyond the image there are zeros.
            let (first, end) = (top * stride, (top + count) * stride + 2 + usize::from(stride == 1));
            let (inside, below) = (first.max(1)..end.min(h + 1), end.saturating_sub(h + 1));
            let mut band = x.narrow(0, inside.start - 1, inside.len())?;
            if around.relu_before {
                band = band.relu()?;
            }
            let band = band.framed([inside.start - first, below], [1, stride])?;
            let y = windows(&band, taps, tail.as_ref(), [count, width], stride, around.is_enlarged_next)?;
            let y = match around.after {
                Activation::None => y,
                Activation::Relu => y.relu()?,
                Activation::Gelu => y.gelu_erf()?,
                Activation::Silu => y.silu()?,
            };
            match around.plus {
                Some(plus) => y.add(&plus.narrow(0, top, count)?),
                None => Ok(y),
            }
        });
        let bands = bands.collect::<candle_core::Result<Vec<_>>>()?;
        if around.is_enlarged_next { Array::cat(&bands, 1)?.permute([1, 2, 0]) } else { Array::cat(&bands, 0) }
    }
}

/// Sums over the 3×3 windows of a band that has its rim, with one row more below where the stride is 1.
///
/// The band is unfolded along its rows alone, and one product gives what each of the windows' three rows adds; three stretches
/// of that, a row apart, are the sums, [height, width, out] or the same in planes. So a third is unfolded of what a whole window would take, and read once.
fn windows(
    band: &Array,
    taps: &Array,
    tail: Option<&Array>,
    [height, width]: [usize; 2],
    stride: usize,
    in_planes: bool,
) -> candle_core::Result<Array> {
    let (rows, across, channels) = band.dims3()?;
    let outputs = taps.dim(1)? / 3;
    let sums = if stride == 1 {
        // Rows behind each other: a column further is a pixel further. At the end of a row that is one of the next, of a
        // window that nobody asks for.
        let pixels = (rows - 1) * across;
        let flat = band.reshape((rows * across, channels))?;
        let mut columns = (0..3).map(|kx| flat.narrow(0, kx, pixels)).collect::<candle_core::Result<Vec<_>>>()?;
        columns.extend(tail.map(|tail| tail.broadcast_as((pixels, TAIL))).transpose()?);
        multiply(&Array::cat(&columns, 1)?, taps)?.reshape((rows - 1, across, 3 * outputs))?
    } else {
        let column = |kx| every(&band.narrow(1, kx, width * stride)?, 1, stride)?.reshape((rows * width, channels));
        let mut columns = (0..3).map(column).collect::<candle_core::Result<Vec<_>>>()?;
        columns.extend(tail.map(|tail| tail.broadcast_as((rows * width, TAIL))).transpose()?);
        let unfolded = Array::cat(&columns, 1)?;
        multiply(&unfolded, taps)?.reshape((rows, width, 3 * outputs))?
    };
    let row = |ky: usize| {
        let lines = sums.narrow(2, ky * outputs, outputs)?.narrow(0, ky, height * stride)?;
        let row = every(&lines.narrow(1, 0, width)?, 0, stride)?;
        if in_planes { row.permute([2, 0, 1]) } else { Ok(row) }
    };
    row(0)?.add(&row(1)?)?.add(&row(2)?)
}

/// Every `step`-th place of dimension `dim`, whose length is a multiple of it.
fn every(x: &Array, dim: usize, step: usize) -> candle_core::Result<Array> {
    if step == 1 {
        return Ok(x.clone());
    }
    let mut shape = x.dims().to_vec();
    shape[dim] /= step;
    shape.insert(dim + 1, step);
    x.reshape(shape.as_slice())?.narrow(dim + 1, 0, 1)?.squeeze(dim + 1)
}
