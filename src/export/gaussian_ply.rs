//! 3D Gaussians as PLY, as splat viewers read them (specification §7.3).

use std::io::{self, Write};
use std::sync::Arc;

use super::depth_png::surfaces;
use crate::geometry::{GAUSSIAN_CHANNELS, GaussianCamera, percentile};
use crate::inference::{GaussianMaps, ViewPrediction};

/// Rows and columns at the rim that are left out, of 256.
const RIM: u32 = 8;
/// Depth up to this percentile of a view's is kept: what lies far behind is mostly wrong.
const NEAREST_PERCENT: f32 = 90.0;

/// Opacities lie so far from 0 and 1, whose logits are infinite.
const OPAQUE: f32 = 1e-6;

/// What became of the Gaussians of a scene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaussianCount {
    pub written: usize,
    /// Left out, because the network gave numbers that are none, or put them behind the camera.
    pub unusable: usize,
}

/// Writes the Gaussians of views of one scene, in their order and row by row, and returns their number: `x y z nx ny nz
/// f_dc_0..2 opacity scale_0..2 rot_0..3`, with `f_rest_0..23` (degrees 1 and 2, colour by colour) before the opacity if
/// `with_directions`. Opacity is a logit, scales are natural logarithms. Views without Gaussians have none.
///
/// Positions lie in the scene's world and unit.
///
/// # Errors
/// What the writer answers.
pub fn write_gaussian_ply(
    mut to: impl Write,
    views: &[Arc<ViewPrediction>],
    with_directions: bool,
) -> io::Result<GaussianCount> {
    let mut count = GaussianCount::default();
    let mut kept: Vec<(&ViewPrediction, &GaussianMaps, Vec<usize>)> = views
        .iter()
        .filter_map(|view| view.extras.gaussians.as_ref().map(|maps| (view.as_ref(), maps, kept_pixels(view))))
        .collect();
    for (view, maps, pixels) in &mut kept {
        let all = pixels.len();
        let camera = GaussianCamera::new(&view.camera.camera_from_world, view.camera.intrinsics);
        pixels.retain(|&pixel| vertex(&camera, view, maps, pixel, with_directions).is_some());
        count.written += pixels.len();
        count.unusable += all - pixels.len();
    }
    write_header(&mut to, count.written, with_directions)?;
    for (view, maps, pixels) in kept {
        let camera = GaussianCamera::new(&view.camera.camera_from_world, view.camera.intrinsics);
        for number in
            pixels.into_iter().filter_map(|pixel| vertex(&camera, view, maps, pixel, with_directions)).flatten()
        {
            to.write_all(&number.to_le_bytes())?;
        }
    }
    Ok(count)
}

/// The numbers of one Gaussian as they are written; `None` where one of them is none, or the Gaussian lies behind the camera.
fn vertex(
    camera: &GaussianCamera,
    view: &ViewPrediction,
    maps: &GaussianMaps,
    pixel: usize,
    with_directions: bool,
) -> Option<Vec<f32>> {
    let width = view.width as usize;
    let raw = &maps.raw.channels[pixel * GAUSSIAN_CHANNELS..][..GAUSSIAN_CHANNELS];
    let distance = maps.distance[pixel];
    let gaussian = camera.gaussian([pixel % width, pixel / width], raw, distance);
    let normal = [0.0; 3];
    let base = gaussian.harmonics.map(|colour| colour[0]);
    let directions = gaussian.harmonics.iter().filter(|_| with_directions).flat_map(|colour| &colour[1..]);
    let opacity = maps.raw.opacity[pixel].clamp(OPAQUE, 1.0 - OPAQUE);
    let head = gaussian.mean.to_array().into_iter().chain(normal).chain(base).chain(directions.copied());
    let logit = (opacity / (1.0 - opacity)).ln();
    let tail = gaussian.scale.to_array().map(f32::ln).into_iter().chain(gaussian.rotation);
    let numbers: Vec<f32> = head.chain([logit]).chain(tail).collect();
    (distance > 0.0 && numbers.iter().all(|number| number.is_finite())).then_some(numbers)
}

fn write_header(to: &mut impl Write, count: usize, with_directions: bool) -> io::Result<()> {
    writeln!(to, "ply\nformat binary_little_endian 1.0\nelement vertex {count}")?;
    let numbered = |name: &'static str, count| (0..count).map(move |i| format!("{name}_{i}"));
    let directions = if with_directions { 24 } else { 0 };
    let names = ["x", "y", "z", "nx", "ny", "nz"].map(String::from).into_iter();
    let names = names.chain(numbered("f_dc", 3)).chain(numbered("f_rest", directions)).chain(["opacity".into()]);
    for name in names.chain(numbered("scale", 3)).chain(numbered("rot", 4)) {
        writeln!(to, "property float {name}")?;
    }
    writeln!(to, "end_header")
}

/// Pixels away from the rim and not among the farthest tenth, whose Gaussians are numbers.
fn kept_pixels(view: &ViewPrediction) -> Vec<usize> {
    let (width, height) = (view.width, view.height);
    let [left, top] = [width, height].map(|side| RIM * side / 256);
    let farthest = percentile(surfaces(&view.depth, None), NEAREST_PERCENT).unwrap_or(f32::MAX);
    (top..height - top)
        .flat_map(|y| (left..width - left).map(move |x| (y * width + x) as usize))
        .filter(|&pixel| view.depth[pixel] > 0.0 && view.depth[pixel] <= farthest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::inference::RawGaussians;
    use crate::input::ViewId;

    fn view() -> ViewPrediction {
        let mut view = synthetic::render(0, 64, 32).into_prediction(ViewId(0), "a.jpg".into());
        let raw = RawGaussians { channels: vec![0.25; 64 * 32 * GAUSSIAN_CHANNELS], opacity: vec![0.75; 64 * 32] };
        view.extras.gaussians = Some(GaussianMaps { raw: Arc::new(raw), distance: view.depth.clone() });
        view
    }

    fn written(with_directions: bool) -> (usize, String, Vec<f32>) {
        let mut bytes = Vec::new();
        let count = write_gaussian_ply(&mut bytes, &[Arc::new(view())], with_directions).expect("memory is writable");
        assert_eq!(count.unusable, 0);
        let count = count.written;
        let end = b"end_header\n";
        let body = bytes.windows(end.len()).position(|w| w == end).expect("a header") + end.len();
        let numbers = bytes[body..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        (count, String::from_utf8(bytes[..body].to_vec()).expect("text"), numbers)
    }

    #[test]
    fn the_rim_and_the_farthest_tenth_are_left_out() {
        let (count, header, numbers) = written(false);
        let view = view();
        let limit = percentile(view.depth.iter().copied(), 90.0).expect("depth");
        let expected = (1..31).flat_map(|y| (2..62).map(move |x| y * 64 + x)).filter(|&i| view.depth[i] <= limit);
        assert_eq!((count, numbers.len()), (expected.count(), count * 17));
        assert!(header.contains(&format!("element vertex {count}\n")) && !header.contains("f_rest"), "{header}");
    }

    #[test]
    fn what_is_no_gaussian_is_left_out_and_counted() {
        let mut view = view();
        let kept = kept_pixels(&view);
        let maps = view.extras.gaussians.as_mut().expect("there");
        maps.distance[kept[0]] = -0.5;
        maps.distance[kept[1]] = f32::NAN;
        let raw = Arc::make_mut(&mut maps.raw);
        raw.channels[kept[2] * GAUSSIAN_CHANNELS + 9] = f32::INFINITY;
        // Fully there and not there at all are as near to it as a logit can say.
        (raw.opacity[kept[3]], raw.opacity[kept[4]]) = (1.0, 0.0);
        let mut bytes = Vec::new();
        let count = write_gaussian_ply(&mut bytes, &[Arc::new(view)], false).expect("memory is writable");
        assert_eq!(count, GaussianCount { written: kept.len() - 3, unusable: 3 });
        let body = bytes.windows(11).position(|w| w == b"end_header\n").expect("a header") + 11;
        let numbers: Vec<f32> =
            bytes[body..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        assert!(numbers.len() == 17 * count.written && numbers.iter().all(|number| number.is_finite()));
        let limit = ((1.0 - OPAQUE) / OPAQUE).ln();
        assert!((numbers[9] - limit).abs() < 0.1 && (numbers[17 + 9] + limit).abs() < 0.1, "{}", numbers[9]);
    }

    #[test]
    fn numbers_are_in_the_form_that_viewers_expect() {
        let (count, header, numbers) = written(true);
        assert_eq!(numbers.len(), count * 41);
        assert_eq!(header.matches("property float f_rest_").count(), 24);
        let vertex = &numbers[..41];
        assert_eq!(&vertex[3..9], &[0.0, 0.0, 0.0, 0.25, 0.25, 0.25]);
        assert!((vertex[33] - 3f32.ln()).abs() < 1e-6, "the logit of 0.75");
        assert!(vertex[34..37].iter().all(|scale| scale.is_finite() && *scale < 1.0));
        let length: f32 = vertex[37..].iter().map(|q| q * q).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
}
