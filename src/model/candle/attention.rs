//! softmax(q·kᵀ/√d)·v: the one entry through which all attention goes.

use candle_core::Result;

use super::array::{Array, Kind};
use super::linear::multiply;

/// Size of a head in every backbone; the Apple GPU's fused kernel is used for this one.
const HEAD: usize = 64;
/// Most operations of one fused kernel. macOS ends work that keeps a display waiting, and 24 views of a base network would be
/// 1.3 TFLOP at once; this is a tenth of a second on the slowest Apple GPU.
const MOST_OPERATIONS: usize = 200_000_000_000;

/// Attention of `q` [heads, queries, d] over `k`, `v` [heads, keys, d], all contiguous → [heads, queries, d]. Where scores
/// are kept, those of one tile of queries take no more than `tile_bytes`.
pub fn attend(q: &Array, k: &Array, v: &Array, tile_bytes: usize) -> Result<Array> {
    let (_, queries, d) = q.dims3()?;
    match q.kind() {
        // Softmax over one key is 1; a product of one row and one column is what Apple's library cannot do everywhere.
        _ if queries == 1 && k.dim(1)? == 1 => Ok(v.clone()),
        Kind::Metal if d == HEAD && queries > 1 => fused(q, k, v),
        // CUDA as well: flash attention is a crate of its own that compiles the templates of CUTLASS, for half precision
        // only, and the scores of a tile stay small without it.
        _ => tiled(q, k, v, tile_bytes),
    }
}

/// Queries that one fused kernel of so many heads and keys may take.
fn queries_at_once(heads: usize, keys: usize) -> usize {
    // Two products, each of a multiplication and an addition.
    (MOST_OPERATIONS / (4 * heads * keys * HEAD)).max(2)
}

/// A kernel that keeps no scores, in the element type of `q`; it sums in f32.
fn fused(q: &Array, k: &Array, v: &Array) -> Result<Array> {
    let (heads, queries, _) = q.dims3()?;
    let scale = 1.0 / (HEAD as f32).sqrt();
    let (k, v) = (k.unsqueeze(0)?, v.unsqueeze(0)?);
    let tiles = even_parts(queries, queries_at_once(heads, k.dim(2)?)).map(|(start, length)| {
        let tile = q.narrow(1, start, length)?.unsqueeze(0)?.sdpa(&k, &v, scale)?;
        tile.squeeze(0)
    });
    Array::cat(&tiles.collect::<Result<Vec<_>>>()?, 1)
}

/// Parts of at most `most`, as equal as can be, so that none is left over with a single one: first and length of each.
pub fn even_parts(all: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = all.div_ceil(most).max(1);
    (0..count).map(move |i| (i * all / count, (i + 1) * all / count - i * all / count))
}

/// Queries in tiles, so that memory grows linearly with the number of tokens and scores never exceed their limit.
fn tiled(q: &Array, k: &Array, v: &Array, tile_bytes: usize) -> Result<Array> {
    let (heads, queries, d) = q.dims3()?;
    let keys = k.dim(1)?;
    let q = q.affine(1.0 / (d as f64).sqrt(), 0.0)?;
    let k_transposed = k.t()?;
    let tile = (tile_bytes / (4 * heads * keys)).clamp(1, queries);
    let mut tiles = Vec::with_capacity(queries.div_ceil(tile));
    for (start, length) in even_parts(queries, tile) {
        let scores = multiply(&q.narrow(1, start, length)?.contiguous()?, &k_transposed)?;
        let weights = scores.softmax()?;
        drop(scores);
        tiles.push(multiply(&weights, v)?);
    }
    Array::cat(&tiles, 1)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::model::TILE_BYTES;

    fn normal(shape: (usize, usize, usize)) -> Tensor {
        Tensor::randn(0f32, 1.0, shape, &Device::Cpu).expect("random numbers on the CPU")
    }

    #[test]
    fn tiles_agree_with_one_big_product() -> Result<()> {
        let [q, k, v] = [(); 3].map(|()| normal((3, 700, 8)));
        // 3 · 700 keys · 4 bytes a query: with 20000 keys the limit makes several tiles.
        let (many_k, many_v) = (Tensor::cat(&vec![k; 29], 1)?, Tensor::cat(&vec![v; 29], 1)?);
        assert!(TILE_BYTES / (4 * 3 * many_k.dim(1)?) < 700, "the test must need several tiles");
        let scores = (q.matmul(&many_k.t()?)? * (1.0 / 8f64.sqrt()))?;
        let whole = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&many_v)?;
        let [q, k, v] = [q, many_k, many_v].map(Array::from);
        for tile_bytes in [TILE_BYTES, TILE_BYTES / 4, 1] {
            let difference = (attend(&q, &k, &v, tile_bytes)?.tensor()? - &whole)?;
            let difference = difference.abs()?.max_all()?.to_scalar::<f32>()?;
            assert!(difference < 1e-5, "{difference}");
        }
        Ok(())
    }

    #[test]
    fn one_query_over_one_key_is_its_value() -> Result<()> {
        let [q, k, v] = [(); 3].map(|()| Array::from(normal((16, 1, 24))));
        assert_eq!(attend(&q, &k, &v, TILE_BYTES)?.to_host()?, v.to_host()?);
        assert_eq!(tiled(&q, &k, &v, TILE_BYTES)?.to_host()?, v.to_host()?);
        Ok(())
    }

    #[test]
    fn fused_kernels_stay_within_what_a_display_can_wait_for() {
        for (heads, tokens) in [(6, 865), (12, 24 * 865), (24, 24 * 865), (24, 120 * 1370)] {
            let parts: Vec<_> = even_parts(tokens, queries_at_once(heads, tokens)).collect();
            assert_eq!(parts.iter().map(|part| part.1).sum::<usize>(), tokens);
            for (start, length) in &parts {
                assert!(4 * heads * HEAD * tokens * length <= MOST_OPERATIONS && *length > 1, "{heads} {start}");
            }
        }
        let parts = |heads, tokens| even_parts(tokens, queries_at_once(heads, tokens)).count();
        assert_eq!((parts(12, 865), parts(12, 24 * 865)), (1, 7));
    }
}
