//! Maps [height, width, channels] at other sizes.

use candle_core::Result;

use super::array::Array;
use crate::model::kernels::PositionTables;

/// Bilinear resize with aligned corners: [h, w, c] → [height, width, c], plus a map of that size or one that is repeated to
/// it.
pub fn resize(x: &Array, [height, width]: [usize; 2], plus: Option<&Array>) -> Result<Array> {
    let (h, w, _) = x.dims3()?;
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
pub fn with_positions(x: &Array, tables: &PositionTables) -> Result<Array> {
    let (_, _, channels) = x.dims3()?;
    let half = channels / 2;
    let (height, width) = (tables.rows.len() / half, tables.columns.len() / half);
    // Each of the tables with zeros where the other one counts: no map of both is made.
    let columns = x.like(tables.columns.clone(), (1, width, half))?.pad(2, 0, half)?;
    let rows = x.like(tables.rows.clone(), (height, 1, half))?.pad(2, half, 0)?;
    resize(x, [height, width], Some(&columns))?.add(&rows)
}
