//! A picture as an eye beside its camera sees it.

use image::RgbImage;
use rayon::prelude::*;

use super::fill::fill;
use super::row::Row;
use super::{Nearness, Parallax};

/// Neighbours that an eye sees further apart than this, pixels, are two surfaces: what shows between them is behind both.
const TORN: f32 = 2.0;

/// The picture of an eye that sees every pixel `share` of its parallax further to the right.
pub(super) fn eye(picture: &RgbImage, nearness: &Nearness, parallax: &Parallax, share: f32) -> RgbImage {
    let width = picture.width() as usize;
    let mut seen = RgbImage::new(picture.width(), picture.height());
    if width == 0 {
        return seen;
    }
    let rows = seen.par_chunks_exact_mut(3 * width).zip(picture.par_chunks_exact(3 * width)).enumerate();
    rows.for_each(|(y, (to, from))| {
        let from: Vec<[f32; 3]> = from.as_chunks().0.iter().map(|pixel: &[u8; 3]| pixel.map(f32::from)).collect();
        let parallax: Vec<f32> = nearness.row(y).iter().map(|&near| parallax.of(near)).collect();
        let mut row = moved(&from, &parallax, share);
        fill(&mut row, &from);
        let bytes = row.colours.iter().flatten().map(|&value| (value + 0.5) as u8);
        to.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
    });
    seen
}

/// A row whose pixels have gone aside, with holes.
///
/// Between neighbours of one surface the row is continuous, so that a slope has no cracks and parts of a pixel count; at its ends
/// a surface reaches half a pixel beyond the middle of its last one.
fn moved(from: &[[f32; 3]], parallax: &[f32], share: f32) -> Row {
    let width = from.len();
    let mut row = Row { colours: vec![[0.0; 3]; width], parallax: vec![f32::NEG_INFINITY; width] };
    let places: Vec<f32> = parallax.iter().enumerate().map(|(x, parallax)| x as f32 + share * parallax).collect();
    // Of each pixel with the next one; the last has none.
    let mut joined: Vec<bool> = places
        .windows(2)
        .zip(parallax.windows(2))
        .map(|(place, parallax)| place[1] - place[0] <= TORN && (parallax[1] - parallax[0]).abs() <= 2.0 * TORN)
        .collect();
    joined.push(false);
    for (x, &here) in places.iter().enumerate() {
        let (is_joined_before, is_joined) = (x > 0 && joined[x - 1], joined[x]);
        for at in (here - 0.5).ceil() as i64..=(here + 0.5).floor() as i64 {
            let is_end = if (at as f32) < here { !is_joined_before } else { !is_joined };
            if at as f32 == here || is_end {
                row.see(at, parallax[x], || from[x]);
            }
        }
        let Some(&next) = places.get(x + 1).filter(|next| is_joined && **next > here) else { continue };
        let is_smooth = is_joined_before && joined[x + 1];
        for at in here.ceil() as i64..=next.floor() as i64 {
            let t = (at as f32 - here) / (next - here);
            row.see(at, parallax[x] + (parallax[x + 1] - parallax[x]) * t, || match is_smooth {
                true => cubic([from[x - 1], from[x], from[x + 1], from[x + 2]], t),
                false => std::array::from_fn(|i| from[x][i] + (from[x + 1][i] - from[x][i]) * t),
            });
        }
    }
    row
}

/// Between the middle two of four colours: Catmull and Rom's curve, which blurs less than a straight line.
fn cubic(colours: [[f32; 3]; 4], t: f32) -> [f32; 3] {
    std::array::from_fn(|i| {
        let [a, b, c, d] = colours.map(|colour| colour[i]);
        let value = b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)));
        value.clamp(0.0, 255.0)
    })
}
