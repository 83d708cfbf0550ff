//! Renderers are made here, once their driver has shown that it draws what it is told: OpenGL's report little, and a picture without
//! its points looks like a picture.

use std::path::PathBuf;
use std::sync::Arc;

use glam::Vec3;
use image::{Rgb, RgbImage};

use super::RenderError;
use super::frame::{Frame, PointStyle};
use super::ready::heard;
use super::renderer::{CloudRenderer, draws_points};
use crate::geometry::{Intrinsics, Rigid};
use crate::inference::{Camera, Extras, LensSource, PhotoPart, PoseSource, ViewPrediction};
use crate::input::ViewId;
use crate::scene::{CloudScene, ColourBy, ColourMap, Filters, OrbitCamera, Shape, Sizing};

/// Sides of a depth map and of the picture, pixels.
const MAP: u32 = 8;
const PICTURE: u32 = 16;
/// How far a byte of a colour may be off.
const TOLERANCE: u8 = 4;

const BEHIND: [u8; 3] = [0, 0, 0];
const FIRST: [u8; 3] = [220, 60, 20];
const SECOND: [u8; 3] = [30, 90, 240];

impl CloudRenderer {
    /// Errors: [`RenderError::NoCompute`], [`RenderError::Refused`] and [`RenderError::Unproven`] on adapters that cannot draw
    /// points.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Self, RenderError> {
        if !draws_points(&device.limits()) {
            return Err(RenderError::NoCompute);
        }
        let (made, complaint) = heard(device, || {
            let mut renderer = Self::unproven(device);
            // Other interfaces say what goes wrong.
            let proof = match device.adapter_info().backend {
                wgpu::Backend::Gl => prove(&mut renderer, device, queue),
                _ => Ok(()),
            };
            renderer.count_anew();
            proof.map(|()| renderer)
        });
        match complaint {
            Some(reason) => Err(RenderError::Refused { reason }),
            None => made,
        }
    }
}

/// Draws a wall, then a second one before its right half, and looks whether they are there. Leaves the renderer without a scene.
///
/// Errors: [`RenderError::Unproven`], [`RenderError::ReadBack`].
fn prove(renderer: &mut CloudRenderer, device: &wgpu::Device, queue: &wgpu::Queue) -> Result<(), RenderError> {
    let walls = [wall(Vec3::ZERO, FIRST), wall(Vec3::new(0.5, 0.0, -0.1), SECOND)];
    for (views, right) in [(&walls[..1], FIRST), (&walls[..], SECOND)] {
        let Some((scene, frame)) = scene_of(views) else { continue };
        renderer.set_scene(device, queue, Some(scene))?;
        let picture = renderer.screenshot(device, queue, &frame, [PICTURE; 2])?;
        for (x, expected) in [(PICTURE / 4, FIRST), (PICTURE * 3 / 4, right)] {
            let [r, g, b, _] = picture.get_pixel(x, PICTURE / 2).0;
            if [r, g, b].iter().zip(expected).any(|(got, expected)| got.abs_diff(expected) > TOLERANCE) {
                return Err(RenderError::Unproven { views: views.len(), expected, got: [r, g, b] });
            }
        }
    }
    renderer.set_scene(device, queue, None)
}

/// A photo of one colour, taken from `eye` of what stands one unit away.
fn wall(eye: Vec3, colour: [u8; 3]) -> Arc<ViewPrediction> {
    Arc::new(ViewPrediction {
        view: ViewId(0),
        path: PathBuf::new(),
        scene: 0,
        photo_size: [MAP; 2],
        photo_part: PhotoPart::whole([MAP; 2]),
        photo_turn: Default::default(),
        bent: None,
        width: MAP,
        height: MAP,
        image: RgbImage::from_pixel(MAP, MAP, Rgb(colour)),
        depth: vec![1.0; (MAP * MAP) as usize],
        confidence: None,
        sky: None,
        disparity: None,
        background: None,
        extras: Extras::default(),
        camera: Camera {
            intrinsics: Intrinsics::from_horizontal_fov(std::f32::consts::FRAC_PI_4, MAP, MAP),
            camera_from_world: Rigid::looking_at(eye, eye + Vec3::Z, Vec3::NEG_Y),
            lens: LensSource::Predicted,
            pose: PoseSource::Predicted,
        },
    })
}

/// The walls through the first one's camera.
fn scene_of(views: &[Arc<ViewPrediction>]) -> Option<(Arc<CloudScene>, Frame)> {
    let scene = Arc::new(CloudScene::new(views)?);
    let bounds = scene.bounds(|_| true, &Filters::NONE)?;
    let mut camera = OrbitCamera::new(&views[0].camera.camera_from_world, &bounds, 1.0);
    camera.look_through(&views[0], 1.0, 1.0);
    let frame = Frame {
        camera,
        lens_shift: 0.0,
        visible: vec![true; views.len()],
        limits: scene.limits(&Filters::NONE),
        points: PointStyle {
            shape: Shape::Points,
            sizing: Sizing::Pixels,
            size: 3.0,
            colour_by: ColourBy::Photo,
            colour_map: ColourMap::Spectral,
            inverse_colours: false,
        },
        eye_dome: 0.0,
        segments: Vec::new(),
        photos: Vec::new(),
        photo_depth: 1.0,
        overlay: None,
        background: [BEHIND[0], BEHIND[1], BEHIND[2], 255],
        stride: 1,
        scale: 1.0,
    };
    Some((scene, frame))
}
