//! Everything that decides what one picture looks like, as plain data: equal frames give equal pictures.

use crate::scene::{
    Bounds, CloudScene, ColourBy, ColourMap, FilterLimits, Frustum, Look, OrbitCamera, Segment, Shape, Sizing, axes,
    grid, view_colour,
};

/// One picture of a scene, but for its size.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub camera: OrbitCamera,
    /// How far the camera's sensor is shifted: what lies straight ahead is drawn this far right of the middle, in halves of the
    /// picture's width.
    pub lens_shift: f32,
    /// Per view of the scene: whether its points are drawn. Views beyond the end are not.
    pub visible: Vec<bool>,
    pub limits: FilterLimits,
    pub points: PointStyle,
    /// Strength of eye-dome lighting, 0 (off) ..= 1.
    pub eye_dome: f32,
    pub segments: Vec<Segment>,
    /// Views whose photo hangs in its frustum, at this z-depth.
    pub photos: Vec<usize>,
    pub photo_depth: f32,
    /// A view's photo, laid over everything where its camera sees it.
    pub overlay: Option<Overlay>,
    /// sRGB and straight alpha.
    pub background: [u8; 4],
    /// Every how many rows and columns of a depth map are drawn; at least 1.
    pub stride: u32,
    /// Pixels per point of the user interface: lines and points of a given width keep it on dense screens.
    pub scale: f32,
}

/// How points look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointStyle {
    pub shape: Shape,
    pub sizing: Sizing,
    /// Pixels, or multiples of what `sizing` gives.
    pub size: f32,
    pub colour_by: ColourBy,
    pub colour_map: ColourMap,
    pub inverse_colours: bool,
}

/// A photo over the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlay {
    /// Index of the view.
    pub view: usize,
    /// 0 (not to be seen) ..= 1 (hides the scene).
    pub opacity: f32,
}

/// What a [`Look`] leaves open about a picture.
#[derive(Clone, Debug)]
pub struct Shown {
    pub camera: OrbitCamera,
    /// What the grid lies under; no grid without.
    pub bounds: Option<Bounds>,
    /// Per view of the scene.
    pub visible: Vec<bool>,
    /// Views whose cameras are told from the others.
    pub selected: Option<usize>,
    pub hovered: Option<usize>,
    pub overlay: Option<Overlay>,
    /// sRGB and straight alpha, where the look has no background of its own.
    pub background: [u8; 4],
    /// sRGB of the grid.
    pub line_colour: [u8; 3],
    /// Pixels per point of the user interface.
    pub scale: f32,
}

/// How far small splats reach, pixels. Keep in sync with `LARGEST_SMALL` in shaders/points.wgsl.
const FILL_WINDOW: i32 = 2;

impl Frame {
    /// Whether view `index` of the scene is visible.
    pub(super) fn shows(&self, index: usize) -> bool {
        self.visible.get(index) == Some(&true)
    }

    /// How far around a pixel splats that reach it may have their middle; wider ones write all their pixels themselves.
    pub(super) fn fill_window(&self) -> i32 {
        if self.points.shape == Shape::Surface {
            return 0;
        }
        let widest = match self.points.sizing {
            Sizing::Pixels => self.points.size * self.scale * self.stride as f32,
            Sizing::Adaptive | Sizing::Attenuated => f32::INFINITY,
        };
        // What reaches how far follows from the steps of reach in shaders/canvas.wgsl, and what fill.wgsl adds to them.
        match widest {
            ..=1.0 => 0,
            ..=3.0 => 1,
            _ => FILL_WINDOW,
        }
    }

    /// The picture of a scene that looks like this.
    pub fn new(scene: &CloudScene, look: &Look, shown: Shown) -> Self {
        let photo_depth = scene.frustum_depth(shown.camera.reach()) * look.frustum_size;
        let cameras: Vec<usize> = if look.frusta && scene.has_cameras() {
            (0..scene.views().len()).filter(|&index| shown.visible.get(index) == Some(&true)).collect()
        } else {
            Vec::new()
        };
        Self {
            segments: segments(scene, look, &shown, &cameras, photo_depth),
            camera: shown.camera,
            lens_shift: 0.0,
            visible: shown.visible,
            limits: scene.limits(&look.filters),
            points: PointStyle {
                shape: look.shape,
                sizing: look.sizing,
                size: look.point_size,
                colour_by: look.colour_by,
                colour_map: look.colour_map,
                inverse_colours: look.inverse_colours,
            },
            eye_dome: if look.eye_dome { look.eye_dome_strength } else { 0.0 },
            photos: if look.photos { cameras } else { Vec::new() },
            photo_depth,
            overlay: shown.overlay,
            background: look.background.map_or(shown.background, |[r, g, b]| [r, g, b, 255]),
            stride: 1,
            scale: shown.scale,
        }
    }
}

fn segments(scene: &CloudScene, look: &Look, shown: &Shown, cameras: &[usize], photo_depth: f32) -> Vec<Segment> {
    let mut segments = Vec::new();
    if let Some(bounds) = shown.bounds.as_ref().filter(|_| look.grid) {
        let [r, g, b] = shown.line_colour;
        segments.extend(grid(bounds, &shown.camera, [r, g, b, 70]).0);
    }
    if look.axes {
        segments.extend(axes(shown.camera.reach() * 0.15));
    }
    let centre = |index: usize| scene.views()[index].camera.camera_from_world.camera_centre();
    if look.path {
        let [r, g, b] = shown.line_colour;
        let line =
            |pair: &[usize]| Segment { a: centre(pair[0]), b: centre(pair[1]), colour: [r, g, b, 220], width: 1.6 };
        segments.extend(cameras.windows(2).map(line));
    }
    for &index in cameras {
        // The one that somebody looks through would only frame the picture.
        if shown.overlay.is_some_and(|overlay| overlay.view == index) {
            continue;
        }
        let frustum = Frustum::new(&scene.views()[index], photo_depth);
        // Told by its width and by white inside its colour, not by its colour alone.
        let width = if shown.selected == Some(index) { 4.5 } else { 1.8 };
        let width = if shown.hovered == Some(index) { width + 1.4 } else { width };
        segments.extend(frustum.segments(view_colour(index), width));
        if shown.selected == Some(index) {
            segments.extend(frustum.segments([255; 3], 1.4));
        }
    }
    segments
}
