//! The positional embedding at other sizes.

use candle_core::{Device, Result};

use super::array::Array;
use super::linear::multiply;
use crate::model::embed::{STORED_GRID, resampling};

/// The positional embedding for a grid of `h`×`w` patches: [1 + h·w, C], class row first (specification §3.1).
///
/// `stored` is [1, 1370, C]. The grid is resampled bicubically, as two small
/// matrix products; a 37×37 grid is used as it is.
pub fn positional_embedding(stored: &Array, h: usize, w: usize) -> Result<Array> {
    let stored = stored.squeeze(0)?;
    if (h, w) == (STORED_GRID, STORED_GRID) {
        return Ok(stored);
    }
    let (_, c) = stored.dims2()?;
    let device = stored.device();
    let grid = stored.narrow(0, 1, STORED_GRID * STORED_GRID)?;
    let rows = Array::from_vec(resampling(h), (h, STORED_GRID), device)?;
    let columns = Array::from_vec(resampling(w), (w, STORED_GRID), device)?;
    let grid = multiply(&rows, &grid.reshape((STORED_GRID, STORED_GRID * c))?)?;
    let grid = grid.reshape((h, STORED_GRID, c))?.transpose(0, 1)?.contiguous()?;
    let grid = multiply(&columns, &grid.reshape((STORED_GRID, h * c))?)?;
    let grid = grid.reshape((w, h, c))?.transpose(0, 1)?.contiguous()?.reshape((h * w, c))?;
    Array::cat(&[stored.narrow(0, 0, 1)?, grid], 0)
}

/// The same of numbers [1, 1370, C] on the host, for those who do not calculate with candle: it is small, and made once per size. Gives the
/// numbers and their shape.
pub fn positional_embedding_of(stored: Vec<f32>, dims: &[usize], h: usize, w: usize) -> Result<(Vec<f32>, Vec<usize>)> {
    let embedding = positional_embedding(&Array::from_vec(stored, dims, &Device::Cpu)?, h, w)?;
    Ok((embedding.to_host()?, embedding.dims().to_vec()))
}
