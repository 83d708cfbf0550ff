//! softmax(q·kᵀ/√d)·v: the one entry through which all attention goes.

use candle_core::{Device, Result, Tensor};

/// Bytes that the scores of one tile of queries may take when nothing else is asked for, whatever the number of views.
pub const TILE_BYTES: usize = 64 << 20;
/// Size of a head in every backbone; the Apple GPU's fused kernel is used for this one.
const HEAD: usize = 64;

/// Attention of `q` [heads, queries, d] over `k`, `v` [heads, keys, d], all contiguous → [heads, queries, d]. Where scores
/// are kept, those of one tile of queries take no more than `tile_bytes`.
pub fn attend(q: &Tensor, k: &Tensor, v: &Tensor, tile_bytes: usize) -> Result<Tensor> {
    let (_, queries, d) = q.dims3()?;
    match q.device() {
        Device::Metal(_) if d == HEAD && queries > 1 => fused_on_metal(q, k, v),
        // CUDA as well: flash attention is a crate of its own that compiles the templates of CUTLASS, for half precision
        // only, and the scores of a tile stay small without it.
        _ => tiled(q, k, v, tile_bytes),
    }
}

/// One kernel that keeps no scores, in the element type of `q`; it sums in f32.
fn fused_on_metal(q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
    let scale = 1.0 / (HEAD as f32).sqrt();
    // Neither a mask, nor causal, nor capped.
    candle_nn::ops::sdpa(&q.unsqueeze(0)?, &k.unsqueeze(0)?, &v.unsqueeze(0)?, None, false, scale, 1.0)?.squeeze(0)
}

/// Queries in tiles, so that memory grows linearly with the number of tokens and scores never exceed their limit.
fn tiled(q: &Tensor, k: &Tensor, v: &Tensor, tile_bytes: usize) -> Result<Tensor> {
    let (heads, queries, d) = q.dims3()?;
    let keys = k.dim(1)?;
    let q = (q * (1.0 / (d as f64).sqrt()))?;
    let k_transposed = k.t()?;
    let tile = (tile_bytes / (4 * heads * keys)).clamp(1, queries);
    let mut tiles = Vec::with_capacity(queries.div_ceil(tile));
    for start in (0..queries).step_by(tile) {
        let length = tile.min(queries - start);
        let scores = q.narrow(1, start, length)?.contiguous()?.matmul(&k_transposed)?;
        let weights = candle_nn::ops::softmax_last_dim(&scores)?;
        tiles.push(weights.matmul(v)?);
    }
    if tiles.len() == 1 { Ok(tiles.remove(0)) } else { Tensor::cat(&tiles, 1) }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn tiles_agree_with_one_big_product() -> Result<()> {
        let shape = (3, 700, 8);
        let [q, k, v] =
            [(); 3].map(|()| Tensor::randn(0f32, 1.0, shape, &Device::Cpu).expect("random numbers on the CPU"));
        // 3 · 700 keys · 4 bytes a query: with 20000 keys the limit makes several tiles.
        let many_k = Tensor::cat(&vec![k; 29], 1)?;
        let many_v = Tensor::cat(&vec![v; 29], 1)?;
        assert!(TILE_BYTES / (4 * 3 * many_k.dim(1)?) < 700, "the test must need several tiles");
        let scores = (q.matmul(&many_k.t()?)? * (1.0 / 8f64.sqrt()))?;
        let whole = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&many_v)?;
        for tile_bytes in [TILE_BYTES, TILE_BYTES / 4, 1] {
            let difference = (attend(&q, &many_k, &many_v, tile_bytes)? - &whole)?;
            let difference = difference.abs()?.max_all()?.to_scalar::<f32>()?;
            assert!(difference < 1e-5, "{difference}");
        }
        Ok(())
    }
}
