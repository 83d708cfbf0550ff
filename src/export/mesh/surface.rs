//! The surfaces that a photo shows, as triangles between its pixels.

use std::collections::HashMap;

use glam::{DMat4, DVec3};

use crate::export::full_size::is_one_surface;
use crate::inference::ViewPrediction;
use crate::scene::usable_depth;

/// Triangles between pixels of one view.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// Width and height of the picture that lies on the mesh.
    pub size: [u32; 2],
    /// The pixel (x, y) that each vertex shows, in row order. Every vertex belongs to a triangle.
    pub pixels: Vec<[u32; 2]>,
    /// x right, y up, −z forward, in the scene's unit: one per vertex.
    pub positions: Vec<[f32; 3]>,
    /// Vertices, counter-clockwise for whoever looks from the camera.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// The surfaces that `view` shows, from every `step`-th row and column and the last ones (0 is taken for 1).
    ///
    /// Two vertices are joined where no two neighbouring pixels on the way between them differ by more than 10 % in depth, so
    /// that a slope is not cut because `step` is large. Background and what has no depth have no vertices.
    ///
    /// `first` is the first view of the same scene, whose camera is where the world begins: meshes of one scene fit together.
    pub fn new(view: &ViewPrediction, first: &ViewPrediction, step: u32) -> Self {
        let surface = Surface { view, world: turned(first) * matrix(view).inverse() };
        let (columns, rows) = (ticks(view.width, step), ticks(view.height, step));
        let corners = rows.windows(2).flat_map(|y| columns.windows(2).map(move |x| (x, y)));
        let mut cut: Vec<[[u32; 2]; 3]> = Vec::new();
        for (x, y) in corners {
            cut.extend(surface.triangles([[x[0], y[0]], [x[1], y[0]], [x[0], y[1]], [x[1], y[1]]]));
        }
        let mut pixels: Vec<[u32; 2]> = cut.iter().flatten().copied().collect();
        pixels.sort_unstable_by_key(|&[x, y]| (y, x));
        pixels.dedup();
        let places: HashMap<[u32; 2], u32> = pixels.iter().copied().zip(0..).collect();
        Self {
            size: [view.width, view.height],
            positions: pixels.iter().map(|&pixel| surface.position(pixel)).collect(),
            triangles: cut.iter().map(|corners| corners.map(|pixel| places[&pixel])).collect(),
            pixels,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.triangles.is_empty()
    }

    /// Where in the picture each vertex lies, 0..1 from its left and its upper edge: in the middle of its pixel.
    pub fn places(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        let [width, height] = self.size.map(|side| side as f32);
        self.pixels.iter().map(move |&[x, y]| [(x as f32 + 0.5) / width, (y as f32 + 0.5) / height])
    }

    /// The same from the left and the lower edge, as OBJ and PLY count.
    pub(super) fn places_from_below(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        self.places().map(|[u, v]| [u, 1.0 - v])
    }
}

/// What a view shows, in the file's world.
struct Surface<'a> {
    view: &'a ViewPrediction,
    /// From the camera.
    world: DMat4,
}

impl Surface<'_> {
    /// Both halves of a cell, one, or none; `a` is its upper left corner, `b` the upper right and `c` the lower left one.
    fn triangles(&self, [a, b, c, d]: [[u32; 2]; 4]) -> Vec<[[u32; 2]; 3]> {
        let halves = |pair: [[[u32; 2]; 3]; 2]| -> Vec<[[u32; 2]; 3]> {
            pair.into_iter().filter(|&[p, q, r]| self.joins(p, q) && self.joins(q, r) && self.joins(r, p)).collect()
        };
        let (falling, rising) = (halves([[a, c, d], [a, d, b]]), halves([[a, c, b], [b, c, d]]));
        // Where both ways of halving give as much, along the diagonal that bends less.
        let bend = |p, q| (self.depth(p) - self.depth(q)).abs();
        let is_rising = rising.len() > falling.len() || rising.len() == falling.len() && bend(b, c) < bend(a, d);
        if is_rising { rising } else { falling }
    }

    /// Whether both pixels lie on one surface, as far as those between them tell.
    fn joins(&self, p: [u32; 2], q: [u32; 2]) -> bool {
        // The same way for both triangles at a diagonal.
        let ([x0, y0], [x1, y1]) = if p[1] <= q[1] { (p, q) } else { (q, p) };
        let steps = x0.abs_diff(x1).max(y0.abs_diff(y1));
        let between = |from: u32, to: u32, at: u32| {
            let way = (i64::from(to) - i64::from(from)) * i64::from(at);
            (i64::from(from) + way.div_euclid(i64::from(steps))) as u32
        };
        (0..steps).all(|at| {
            let [p, q] = [at, at + 1].map(|at| self.depth([between(x0, x1, at), between(y0, y1, at)]));
            p > 0.0 && q > 0.0 && is_one_surface([p, q, p, q])
        })
    }

    /// 0 where there is no surface.
    fn depth(&self, [x, y]: [u32; 2]) -> f32 {
        let at = y as usize * self.view.width as usize + x as usize;
        if self.view.background.as_ref().is_some_and(|mask| mask[at]) { 0.0 } else { usable_depth(self.view.depth[at]) }
    }

    fn position(&self, [x, y]: [u32; 2]) -> [f32; 3] {
        let in_camera = self.view.camera.intrinsics.unproject(x as f32, y as f32, self.depth([x, y]));
        self.world.transform_point3(in_camera.as_dvec3()).as_vec3().to_array()
    }
}

/// Every `step`-th of so many, and the last.
fn ticks(side: u32, step: u32) -> Vec<u32> {
    let last = side.saturating_sub(1);
    (0..last).step_by(step.max(1) as usize).chain([last]).collect()
}

fn matrix(view: &ViewPrediction) -> DMat4 {
    view.camera.camera_from_world.matrix().as_dmat4()
}

/// The file's world from the scene's.
fn turned(first: &ViewPrediction) -> DMat4 {
    DMat4::from_diagonal(DVec3::new(1.0, -1.0, -1.0).extend(1.0)) * matrix(first)
}
