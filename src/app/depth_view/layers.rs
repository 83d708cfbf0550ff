//! Textures of the pictures of one view, rebuilt only when what they show has changed.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{ColorImage, TextureFilter, TextureHandle, TextureOptions};
use image::{Rgb, RgbImage};

use super::settings::Layer;
use crate::inference::ViewPrediction;
use crate::scene::{ColourMap, DepthRange, depth_vis, percentiles};

/// What a depth picture depends on besides the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    pub map: ColourMap,
    pub is_inverse: bool,
    pub range: DepthRange,
}

struct Cached {
    view: Arc<ViewPrediction>,
    look: Look,
    texture: TextureHandle,
}

/// One texture per layer.
#[derive(Default)]
pub struct LayerTextures {
    cached: HashMap<Layer, Cached>,
    built: u64,
}

impl LayerTextures {
    /// The picture of a layer; `None` where the model gives no such layer.
    pub fn get(
        &mut self,
        ctx: &egui::Context,
        view: &Arc<ViewPrediction>,
        layer: Layer,
        look: Look,
    ) -> Option<&TextureHandle> {
        let fits = self
            .cached
            .get(&layer)
            .is_some_and(|cached| Arc::ptr_eq(&cached.view, view) && (layer != Layer::Depth || cached.look == look));
        if !fits {
            let picture = picture(view, layer, look)?;
            let size = [picture.width() as usize, picture.height() as usize];
            let pixels = ColorImage::from_rgb(size, picture.as_raw());
            // Single values stay visible when one zooms in: they are what the network said.
            let magnification = if layer == Layer::Photo { TextureFilter::Linear } else { TextureFilter::Nearest };
            let options = TextureOptions { magnification, ..TextureOptions::LINEAR };
            let texture = ctx.load_texture(layer.label(), pixels, options);
            self.built += 1;
            self.cached.insert(layer, Cached { view: Arc::clone(view), look, texture });
        }
        self.cached.get(&layer).map(|cached| &cached.texture)
    }

    /// Pictures built so far; a test checks that looking does not build.
    pub fn built(&self) -> u64 {
        self.built
    }
}

/// The picture of a layer, of the view's processed size.
fn picture(view: &ViewPrediction, layer: Layer, look: Look) -> Option<RgbImage> {
    match layer {
        Layer::Photo => Some(view.image.clone()),
        Layer::Depth => Some(depth_vis(&view.depth, view.width, view.height, look.range, look.map, look.is_inverse)),
        Layer::Confidence => view.confidence.as_deref().map(|map| confidence_picture(map, view.width, view.height)),
        Layer::Sky => view.sky.as_deref().map(|sky| sky_picture(sky, view.width, view.height)),
    }
}

/// Viridis from the 2nd to the 98th percentile: bright is sure.
fn confidence_picture(confidence: &[f32], width: u32, height: u32) -> RgbImage {
    let [low, high] = percentiles(confidence.iter().copied(), [2.0, 98.0]).unwrap_or([1.0, 2.0]);
    let table = ColourMap::Viridis.table(false);
    let spread = (high - low).max(1e-6);
    RgbImage::from_fn(width, height, |x, y| {
        let value = confidence[y as usize * width as usize + x as usize];
        Rgb(table[((value - low) / spread * 255.0).clamp(0.0, 255.0) as usize])
    })
}

/// White where the model saw sky.
fn sky_picture(sky: &[bool], width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(if sky[y as usize * width as usize + x as usize] { [235; 3] } else { [40; 3] })
    })
}
