//! How much memory a network and a pass through it take, from their shapes alone.
//!
//! On our kernels every number here follows an allocation: [`weight_bytes`] those of the layers' constructors, [`pass_bytes`]
//! those of `vit`, `pyramid`, `dpt` and `on_kernels`. Who changes what lives together there changes it here; `fathom bench --memory`
//! shows whether the two still agree. On candle a pass is rehearsed: what it takes depends on the device's pool.

use std::sync::{Mutex, PoisonError};

use super::gpu::matrix_bytes as card_matrix_bytes;
use super::kept::{Backend, Kept, PassShape};
use super::kernels::{Bf16Unit, Format, INT8_BLOCK, LIBRARY_SCRATCH_BYTES, PANEL, PANEL_BYTES};
use super::names::{TensorSpec, tensor_specs};
use super::on_kernels::{FED_TOGETHER, has_large_maps};
use super::preset::{HeadKind, PATCH, Preset};
use super::reckoning::Reckoning;
use super::rehearsal::Rehearsal;
use super::stored::stored_as;
use crate::geometry::GAUSSIAN_CHANNELS;

const F32: u64 = 4;
/// Scratch of the kernels' threads: pieces of products, strips of maps; what products by a library take is part of it.
const SCRATCH_PER_THREAD: u64 = 4 << 20;
const _: () = assert!(2 * LIBRARY_SCRATCH_BYTES as u64 <= SCRATCH_PER_THREAD, "the other half is for strips");

/// Bytes of a network that is loaded.
pub fn weight_bytes(preset: Preset, kept: Kept) -> u64 {
    if let Some(metric) = preset.metric_part() {
        return weight_bytes(preset.any_view_part(), kept) + weight_bytes(metric, kept);
    }
    tensor_specs(preset)
        .iter()
        .filter(|spec| !spec.optional && is_read(&spec.name, kept))
        .map(|spec| bytes_of(spec, kept))
        .sum()
}

/// The Gaussian head is only read for Gaussians, the camera encoder for known cameras, and the auxiliary branch for rays: of
/// its four stacks the last, with the LayerNorm that is stored with the first.
fn is_read(name: &str, kept: Kept) -> bool {
    let of_aux = || {
        name.contains("refinenet")
            || ["output_conv1_aux.3", "output_conv2_aux.3", "output_conv2_aux.0.2"]
                .iter()
                .any(|part| name.contains(part))
    };
    let is_elsewhere =
        name.starts_with("model.cam_enc") && !kept.poses || name.starts_with("model.gs_head") && !kept.gaussians;
    !is_elsewhere && (!name.contains("_aux") || kept.rays && of_aux())
}

fn bytes_of(spec: &TensorSpec, kept: Kept) -> u64 {
    let elements: usize = spec.shape.iter().product();
    let is_matrix = spec.name.ends_with(".weight") && spec.shape.len() >= 2;
    if !is_matrix {
        return elements as u64 * F32;
    }
    // Patches are embedded as exactly as the file says on every device but candle's.
    let is_exact = kept.backend != Backend::Candle && spec.name.contains("patch_embed.proj");
    let is_f32_layer = spec.is_always_f32() || is_exact;
    // Other people's files hold all in one format, ours keep some numbers whole: the difference is small.
    let exact = stored_as(spec, kept.stored);
    let wanted = if kept.format == Format::F32 { exact } else { kept.format };
    let format = if is_f32_layer { exact } else { wanted };
    if kept.backend == Backend::Candle {
        // Convolutions, heads' matrices excepted, are widened; linear layers keep what was asked for.
        let is_conv = spec.shape.len() == 4 && spec.shape[2] > 1;
        let bytes = if is_conv || is_f32_layer || kept.format == Format::F32 { 4 } else { 2 };
        return elements as u64 * bytes;
    }
    if kept.backend == Backend::Card {
        let (first, others) = (spec.shape[0], elements / spec.shape[0]);
        // Transposed convolutions are stored the other way round.
        let is_transposed = spec.shape.get(2).is_some_and(|side| [2, 4].contains(side));
        let [outputs, inputs] = if is_transposed { [others, first] } else { [first, others] };
        return card_matrix_bytes(outputs, inputs, format);
    }
    let outputs = spec.shape[0].next_multiple_of(PANEL);
    let inputs = elements / spec.shape[0];
    let is_transformed =
        wanted == exact && spec.shape[2..] == [3, 3] && has_large_maps(&spec.name) && spec.shape[1].is_multiple_of(16);
    let bytes = match format {
        _ if is_transformed => 4 * F32 as usize * outputs * inputs,
        Format::F32 => F32 as usize * outputs * inputs,
        Format::F16 | Format::Bf16 => 2 * outputs * inputs,
        Format::Int8 => outputs * inputs + F32 as usize * outputs * inputs.div_ceil(INT8_BLOCK),
    };
    bytes as u64
}

/// The most bytes that live together while a pass runs, beside the network itself: while the backbone looks at all views,
/// and while a head draws the first of them.
pub fn pass_bytes(preset: Preset, kept: Kept, shape: &PassShape) -> u64 {
    // The second network of two looks at the views one by one, when the first is through with them.
    let alone = PassShape { views: 1, ..*shape };
    let second = preset.metric_part().map_or(0, |metric| pass_bytes(metric, kept, &alone));
    let first = match kept.backend {
        Backend::Kernels => backbone_bytes(preset, kept, shape).max(head_bytes(preset, kept, shape)),
        Backend::Candle | Backend::Card => rehearsed_bytes(preset.any_view_part(), kept, shape),
    };
    second.max(first)
}

/// Rehearsals take some milliseconds, and a plan asks for the same few passes again and again.
static REHEARSED: Mutex<Vec<(Preset, Kept, PassShape, u64)>> = Mutex::new(Vec::new());
const MOST_REMEMBERED: usize = 512;

fn rehearsed_bytes(preset: Preset, kept: Kept, shape: &PassShape) -> u64 {
    // What a weight file holds does not change what candle computes with; 8 bits are refused there, and told when loading.
    let is_refused = kept.format == Format::Int8 && kept.backend == Backend::Candle;
    let format = if is_refused { Format::F16 } else { kept.format };
    let kept = Kept { format, stored: Format::F32, ..kept };
    let mut known = REHEARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((.., bytes)) = known.iter().find(|(p, k, s, _)| *p == preset && *k == kept && s == shape) {
        return *bytes;
    }
    let rehearsed = match kept.backend {
        Backend::Card => Reckoning::of(preset, kept, shape).map(|reckoning| reckoning.pass_bytes()),
        _ => Rehearsal::brief(preset, kept, shape, kept.kind).map(|rehearsal| rehearsal.pass_bytes()),
    };
    let bytes = match rehearsed {
        Ok(bytes) => bytes,
        Err(error) => {
            // Too much for any machine: what cannot be rehearsed cannot be run.
            tracing::warn!("{}: no rehearsal: {error}", preset.upstream_name());
            return 1 << 40;
        }
    };
    if known.len() == MOST_REMEMBERED {
        known.remove(0);
    }
    known.push((preset, kept, *shape, bytes));
    bytes
}

fn backbone_bytes(preset: Preset, kept: Kept, shape: &PassShape) -> u64 {
    let config = preset.backbone();
    let views = shape.views as u64;
    let patches = (shape.height / PATCH * (shape.width / PATCH)) as u64;
    let (width, hidden) = (config.width as u64, config.hidden as u64);
    let rows = views * (patches + 1);
    let stream = rows * width * F32;
    let images = views * 3 * (shape.height * shape.width) as u64 * F32;
    // Cosines and sines of local and joint positions.
    let ropes = if config.joint_start.is_some() { 2 * rows * 32 * F32 } else { 0 };
    let level = features_bytes(preset, shape) / 4 * views;
    // The output of the latest local block waits beside the block's input and output.
    let streams = if config.joint_start.is_some() { 3 * stream } else { 2 * stream };
    let keys = if config.joint_start.is_some() { rows } else { patches + 1 };
    let is_half = kept.format == Format::Bf16 && Bf16Unit::exists();
    let element = if is_half { 2 } else { F32 };
    let fed = (FED_TOGETHER as u64).min(rows) * (hidden * element + if config.swiglu { 2 * hidden * F32 } else { 0 });
    // One head is laid out at least, three numbers of two bytes for each f32.
    let panel = (keys.next_multiple_of(256) * 64 * 2 * 6).max(PANEL_BYTES as u64);
    let scratch = shape.threads as u64 * SCRATCH_PER_THREAD;
    let block = rows * width * element + 3 * stream + fed + panel + scratch;
    // Three levels are collected when the last block runs, four when its buffers are gone.
    images + ropes + streams + (3 * level + block).max(4 * level + 2 * level / views.max(1))
}

/// The four levels of one view that wait for its head.
fn features_bytes(preset: Preset, shape: &PassShape) -> u64 {
    let tokens = (shape.height / PATCH * (shape.width / PATCH) + 1) as u64;
    4 * tokens * preset.head().dim_in as u64 * F32
}

fn head_bytes(preset: Preset, kept: Kept, shape: &PassShape) -> u64 {
    let (head, views) = (preset.head(), shape.views as u64);
    let grid = (shape.height / PATCH * (shape.width / PATCH)) as u64;
    let pixels = (shape.height * shape.width) as u64;
    let features = head.features as u64;
    let waiting = (views - 1) * features_bytes(preset, shape);
    // Maps of F channels at 4×, 2×, 1× and ½× the patch grid.
    let levels = grid * features * F32 * (64 + 16 + 4 + 1) / 4;
    let largest = 16 * grid * features * F32;
    // While the first level is made: the tokens of the others, its projection enlarged, its map.
    let first = features_bytes(preset, shape) + 16 * grid * head.projections[0] as u64 * F32 + largest;
    // While the first level is refined: its map, what comes from deeper, and two between.
    let fusing = levels.max(largest) + 3 * largest;
    // The neck at 8×, half as many channels, beside what it is made of; then logits, and maps made of them.
    let neck = largest + 32 * grid * features * F32;
    let outputs = if head.kind == HeadKind::Dual { 2 } else { 1 };
    let drawing = 32 * grid * features * F32 + 4 * outputs * pixels * F32;
    let alive = match kept.rays {
        false => first.max(fusing).max(neck).max(drawing),
        // The levels wait for the other branch, whose widest maps are two at 8×, of all and of half the channels.
        true => first.max(levels + fusing.max(neck).max(drawing)).max(levels + 96 * grid * features * F32),
    };
    // The Gaussians' head comes first: the levels wait for the other one, and two maps at the image's size meet. Then its
    // numbers wait.
    let numbers = (GAUSSIAN_CHANNELS as u64 + 1) * pixels * F32;
    let gaussian = features_bytes(preset, shape) + fusing.max(neck + pixels * features * F32).max(3 * numbers);
    let alive = if kept.gaussians { gaussian.max(numbers + alive) } else { alive };
    waiting + alive + shape.threads as u64 * SCRATCH_PER_THREAD
}

#[cfg(test)]
mod tests {
    use super::super::candle::array::Kind;
    use super::super::preset::Da2Output;
    use super::*;

    const KEPT: Kept = Kept {
        backend: Backend::Kernels,
        kind: Kind::Cpu,
        format: Format::F32,
        stored: Format::F32,
        rays: false,
        poses: false,
        gaussians: false,
    };

    fn shape(views: usize) -> PassShape {
        PassShape { views, height: 336, width: 504, tile_bytes: 64 << 20, threads: 2 }
    }

    #[test]
    fn smaller_formats_need_less() {
        let bytes = |format| weight_bytes(Preset::Da3Base, Kept { format, ..KEPT });
        let sizes = [Format::F32, Format::F16, Format::Int8].map(bytes);
        assert!(sizes.is_sorted_by(|larger, smaller| larger > smaller), "{sizes:?}");
        assert!(sizes[0] > 400_000_000 && sizes[0] < 520_000_000, "{sizes:?}");
        let with_rays = weight_bytes(Preset::Da3Base, Kept { rays: true, ..KEPT });
        assert!(with_rays > sizes[0] && with_rays < sizes[0] + sizes[0] / 10, "{with_rays}");
        let small = Preset::Da2Small(Da2Output::Disparity);
        let half = Kept { stored: Format::F16, ..KEPT };
        assert!(weight_bytes(small, half) < weight_bytes(small, KEPT) * 2 / 3);
    }

    #[test]
    fn memory_grows_with_views_and_pixels_and_not_with_their_square() {
        let bytes = |views| pass_bytes(Preset::Da3Base, KEPT, &shape(views));
        let per_view = bytes(9) - bytes(8);
        assert!((30_000_000..45_000_000).contains(&per_view), "{per_view}");
        assert!(bytes(64).abs_diff(bytes(32) + 32 * per_view) < per_view);
        let large = PassShape { height: 672, width: 1008, ..shape(1) };
        // What does not depend on the picture's size is there once.
        let of_pixels = |shape| pass_bytes(Preset::Da3Base, KEPT, shape) - 2 * SCRATCH_PER_THREAD;
        let growth = of_pixels(&large) as f64 / of_pixels(&shape(1)) as f64;
        assert!((2.5..4.5).contains(&growth), "{growth}");
    }
}
