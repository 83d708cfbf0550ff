//! Layers on maps [height, width, channels], one view at a time: convolutions and resizing. Each runs on candle, or on
//! our kernels where the device is a CPU.

use half::bf16;

use super::ModelError;
use super::array::{Array, Kind};
use super::attention::even_parts;
use super::host::with_host;
use super::kernels::{
    self, Activation, Compute, Element, Inputs, Map, Matrix, PerOutput, Plain, PositionTables, Resized, Rows, Runs,
    Shuffle, Source,
};
use super::ops::{TAIL, multiply, tail};
use super::source::{Backend, Contents};

/// Bytes that the unfolded input of one convolution band may take on candle. On a CPU it should stay in the cache; on a card
/// every band is some fifteen launches, and few of them are large enough.
const BAND_BYTES: usize = 16 << 20;
const BAND_BYTES_ON_CARDS: usize = 48 << 20;

/// What happens around a convolution.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    pub relu_before: bool,
    pub after: Activation,
    /// A map that is added to the result.
    pub plus: Option<&'a Array>,
    /// The result is resized next: on candle it lies in planes, seen as [h, w, c].
    pub in_planes: bool,
}

/// 3×3 convolution, padding 1.
pub struct Conv3x3 {
    stride: usize,
    inner: Inner,
}

enum Inner {
    /// Taps [3 · in, 3 · out], row kx·in + c, column ky·out + o. With a bias there are [`TAIL`] rows more, the first of which
    /// gives it to the windows' middle rows, and what the unfolded input has there, [1, TAIL].
    Candle {
        taps: Array,
        tail: Option<Array>,
    },
    Kernels {
        matrix: Matrix,
        bias: PerOutput,
    },
}

impl Conv3x3 {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::build(weights, name, true, 1)
    }

    pub fn without_bias(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::build(weights, name, false, 1)
    }

    /// With stride 2.
    pub fn halving(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::build(weights, name, true, 2)
    }

    fn build(weights: &Contents, name: &str, has_bias: bool, stride: usize) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let bias = if has_bias { Some(weights.on_host(&format!("{name}.bias"))?) } else { None };
        if weights.backend() == Backend::Candle {
            return Ok(Self { stride, inner: Inner::on_candle(weights, &stored, bias)? });
        }
        let shape = weights.shape(&stored);
        let (outputs, channels) = (shape[0], shape[1]);
        let runs = Runs { count: 3, length: 3 * channels };
        let format = weights.format_of(&stored);
        // Where weights are to be kept as small as can be, they are not transformed.
        let is_exact = format == weights.exact_format_of(&stored);
        let matrix = if is_exact && stride == 1 && has_large_maps(name) && channels.is_multiple_of(16) {
            let taps = weights.f32(&stored)?.permute([0, 2, 3, 1])?;
            with_host(&taps, |taps| kernels::transformed(taps, outputs))?
        } else {
            // Inputs come as (row, column, channel) of the window, and are stored as (channel, row, column).
            let place = |output: usize, input: usize| (output * channels + input % channels) * 9 + input / channels;
            weights.lay_out(&stored, outputs, runs, format, place)?
        };
        let bias = match bias {
            Some(bias) => PerOutput::new(&bias),
            None => PerOutput::zeros(outputs),
        };
        Ok(Self { stride, inner: Inner::Kernels { matrix, bias } })
    }

    /// [h, w, in] → [⌈h/stride⌉, ⌈w/stride⌉, out].
    pub fn forward(&self, x: &Array, around: Around) -> candle_core::Result<Array> {
        match &self.inner {
            Inner::Candle { taps, tail } => self.on_candle(x, taps, tail.as_ref(), around),
            Inner::Kernels { .. } => {
                let (height, width, channels) = x.dims3()?;
                with_host(x, |values| {
                    let map = Map { values, height, width, channels };
                    self.on_kernels(Plain { map, relu: around.relu_before }, around)
                })?
            }
        }
    }

    /// The convolution of `x` resized to height × width.
    pub fn forward_resized(&self, x: &Array, [height, width]: [usize; 2]) -> candle_core::Result<Array> {
        match &self.inner {
            Inner::Candle { .. } => {
                self.forward(&resize(x, [height, width], None, Backend::Candle)?, Around::default())
            }
            Inner::Kernels { .. } => {
                with_map(x, |map| self.on_kernels(Resized { map, height, width, positions: None }, Around::default()))?
            }
        }
    }

    /// For a head's end, which has a sink of its own: the matrix and bias where this runs on kernels.
    pub fn kernels(&self) -> Option<(&Matrix, &PerOutput)> {
        match &self.inner {
            Inner::Candle { .. } => None,
            Inner::Kernels { matrix, bias } => Some((matrix, bias)),
        }
    }

    fn on_kernels(&self, source: impl Source, around: Around) -> candle_core::Result<Array> {
        let Some((matrix, bias)) = self.kernels() else { candle_core::bail!("this convolution runs on candle") };
        let run = |plus: Option<&[f32]>| match matrix.compute() {
            Compute::F32 => convolve::<f32>(source, matrix, bias, self.stride, around.after, plus),
            Compute::Bf16 => convolve::<bf16>(source, matrix, bias, self.stride, around.after, plus),
        };
        let y = match around.plus {
            Some(plus) => with_host(plus, |plus| run(Some(plus)))?,
            None => run(None),
        };
        let [height, width, _] = source.size();
        let shape = (height.div_ceil(self.stride), width.div_ceil(self.stride), matrix.outputs());
        Array::from_vec(y, shape, &candle_core::Device::Cpu)
    }

    /// Row bands of the image, each from its input to its end, so that what lies between stays small however large the image
    /// is.
    fn on_candle(&self, x: &Array, taps: &Array, tail: Option<&Array>, around: Around) -> candle_core::Result<Array> {
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
            let y = windows(&band, taps, tail, [count, width], stride, around.in_planes)?;
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
        if around.in_planes { Array::cat(&bands, 1)?.permute([1, 2, 0]) } else { Array::cat(&bands, 0) }
    }
}

impl Inner {
    fn on_candle(weights: &Contents, stored: &str, bias: Option<Vec<f32>>) -> Result<Self, ModelError> {
        let taps = weights.prepared(stored, |taps| {
            let taps = taps.permute([3, 1, 2, 0])?.contiguous()?.flatten(2, 3)?.flatten(0, 1)?;
            let Some(bias) = &bias else { return Ok(taps) };
            let mut tail = vec![0.0; TAIL * 3 * bias.len()];
            tail[bias.len()..][..bias.len()].copy_from_slice(bias);
            Array::cat(&[&taps, &taps.like(tail, (TAIL, 3 * bias.len()))?], 0)
        })?;
        let tail = bias.map(|_| tail(weights.device())).transpose()?;
        Ok(Self::Candle { taps, tail })
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

/// Whether a head's layer works at 4× the patch grid or more: there is most of the work, and few of the weights, which
/// a transform makes four times as large.
pub fn has_large_maps(name: &str) -> bool {
    ["layer1_rn", "refinenet1", "output_conv"].iter().any(|part| name.contains(part))
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

fn convolve<E: Element>(
    source: impl Source,
    matrix: &Matrix,
    bias: &PerOutput,
    stride: usize,
    activation: Activation,
    plus: Option<&[f32]>,
) -> Vec<f32> {
    let ([height, width, _], outputs) = (source.size(), matrix.outputs());
    let mut y = vec![0.0; height.div_ceil(stride) * width.div_ceil(stride) * outputs];
    kernels::conv3x3::<E, _, _>(source, matrix, stride, outputs, &mut y, |first, count| Rows {
        activation,
        plus: plus.map(|plus| &plus[first * outputs..][..count * outputs]),
        ..Rows::new(bias, outputs)
    });
    y
}

/// Transposed convolution whose kernel is as large as its stride: a matrix product and a shuffle of pixels.
pub struct Upscale {
    factor: usize,
    channels: usize,
    inner: UpscaleInner,
}

enum UpscaleInner {
    /// [in, factor · factor · out].
    Candle {
        weight: Array,
        bias: Array,
    },
    Kernels {
        matrix: Matrix,
        bias: PerOutput,
    },
}

impl Upscale {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let shape = weights.shape(&stored);
        let (inputs, channels, factor) = (shape[0], shape[1], shape[2]);
        let bias = weights.f32(&format!("{name}.bias"))?;
        let inner = match weights.backend() {
            Backend::Candle => {
                let weight =
                    weights.prepared(&stored, |weight| weight.permute([0, 2, 3, 1])?.contiguous()?.flatten_from(1))?;
                UpscaleInner::Candle { weight, bias }
            }
            Backend::Kernels => {
                let (block, format) = (factor * factor, weights.format_of(&stored));
                // Outputs come as (place in the block, channel), and are stored as (channel, place).
                let place =
                    |output: usize, input: usize| (input * channels + output % channels) * block + output / channels;
                let matrix = weights.lay_out(&stored, block * channels, Runs::one(inputs), format, place)?;
                UpscaleInner::Kernels { matrix, bias: with_host(&bias, PerOutput::new)? }
            }
        };
        Ok(Self { factor, channels, inner })
    }

    /// [h, w, c] → [k·h, k·w, c].
    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        let (h, w, inputs) = x.dims3()?;
        let (k, channels) = (self.factor, self.channels);
        match &self.inner {
            UpscaleInner::Candle { weight, bias } => {
                let y = multiply(&x.reshape((h * w, inputs))?, weight)?.reshape(&[h, w, k, k, channels][..])?;
                y.permute([0, 2, 1, 3, 4])?.add(bias)?.reshape((k * h, k * w, channels))
            }
            UpscaleInner::Kernels { matrix, bias } => {
                let y = with_host(x, |x| match matrix.compute() {
                    Compute::F32 => self.shuffled::<f32>(x, w, matrix, bias),
                    Compute::Bf16 => self.shuffled::<bf16>(x, w, matrix, bias),
                })?;
                x.like(y, (k * h, k * w, channels))
            }
        }
    }

    fn shuffled<E: Element>(&self, x: &[f32], width: usize, matrix: &Matrix, bias: &PerOutput) -> Vec<f32> {
        let inputs = Inputs::<E>::copy_of(x, matrix.runs().total());
        let mut y = vec![0.0; inputs.rows() * matrix.outputs()];
        let shuffle = Shuffle { bias, channels: self.channels, factor: self.factor, width };
        kernels::linear(&inputs, matrix, &mut y, matrix.outputs(), width, |_, _| shuffle);
        y
    }
}

/// Bilinear resize with aligned corners: [h, w, c] → [height, width, c], plus a map of that size (or, on candle, one that is
/// repeated to it).
pub fn resize(
    x: &Array,
    [height, width]: [usize; 2],
    plus: Option<&Array>,
    backend: Backend,
) -> candle_core::Result<Array> {
    let (h, w, channels) = x.dims3()?;
    if backend == Backend::Kernels {
        let mut y = vec![0.0; height * width * channels];
        let mut write = |plus: Option<&[f32]>| {
            with_map(x, |map| kernels::write(Resized { map, height, width, positions: None }, plus, &mut y))
        };
        match plus {
            Some(plus) => with_host(plus, |plus| write(Some(plus)))??,
            None => write(None)?,
        }
        return x.like(y, (height, width, channels));
    }
    let resized = if (h, w) == (height, width) {
        x.clone()
    } else {
        let planes = x.permute([2, 0, 1])?.contiguous()?.unsqueeze(0)?;
        planes.upsample(height, width)?.squeeze(0)?.permute([1, 2, 0])?
    };
    match plus {
        // A sum lies together, whatever its parts do.
        Some(plus) => resized.add(plus),
        None => resized.contiguous(),
    }
}

/// `x` plus its position tables, resized to the tables' size on the way.
pub fn with_positions(x: &Array, tables: &PositionTables, backend: Backend) -> candle_core::Result<Array> {
    let (_, _, channels) = x.dims3()?;
    let half = channels / 2;
    let (height, width) = (tables.rows.len() / half, tables.columns.len() / half);
    if backend == Backend::Kernels {
        let mut y = vec![0.0; height * width * channels];
        with_map(x, |map| {
            kernels::write(Resized { map, height, width, positions: Some(tables) }, None, &mut y);
        })?;
        return x.like(y, (height, width, channels));
    }
    // Each of the tables with zeros where the other one counts: no map of both is made.
    let columns = x.like(tables.columns.clone(), (1, width, half))?.pad(2, 0, half)?;
    let rows = x.like(tables.rows.clone(), (height, 1, half))?.pad(2, half, 0)?;
    resize(x, [height, width], Some(&columns), backend)?.add(&rows)
}

/// Shows a tensor on the CPU as the kernels see it.
pub fn with_map<T>(x: &Array, look: impl FnOnce(Map) -> T) -> candle_core::Result<T> {
    let (height, width, channels) = x.dims3()?;
    with_host(x, |values| look(Map { values, height, width, channels }))
}
