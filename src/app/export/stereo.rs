//! How stereo pictures look, with one of them.

use std::sync::Arc;

use egui::{ColorImage, DragValue, Response, Role, Sense, Slider, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo};
use image::RgbImage;
use image::imageops::{FilterType, resize};

use super::choices::ExportChoices;
use crate::app::widgets::controls::{choice, group, note, row, segments, slider_row};
use crate::export::{Format, StereoOptions};
use crate::inference::{DepthUnit, ViewPrediction};
use crate::scene::{EyeDistance, Eyes, Nearness, StereoLayout, StereoPair};

/// Pixels of one eye's picture across, at most: so few that a slider shows what it does in the same frame.
const ACROSS: u32 = 480;
/// Height of a preview in points, at most.
const HIGH: f32 = 260.0;
/// In percent of a picture's width: more is hard to look at.
const PERCENT: std::ops::RangeInclusive<f32> = 0.0..=6.0;
const MILLIMETRES: std::ops::RangeInclusive<f32> = 1.0..=1000.0;
/// Between the pupils of most people.
const PUPILS: f32 = 63.0;

/// What both eyes would see of one photo, kept until something about it changes.
#[derive(Default)]
pub struct StereoPreview {
    layout: Preview,
    photo: Option<Photo>,
    shown: Option<(Eyes, Preview, bool, TextureHandle)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Preview {
    #[default]
    Anaglyph,
    SideBySide,
}

/// A photo at the preview's size.
struct Photo {
    view: Arc<ViewPrediction>,
    picture: RgbImage,
    nearness: Nearness,
    /// Pixels of the picture.
    focal: f32,
}

impl Photo {
    fn new(view: &Arc<ViewPrediction>) -> Self {
        let width = view.width.clamp(1, ACROSS);
        let height = (view.height * width / view.width.max(1)).max(1);
        let picture = match width == view.width {
            true => view.image.clone(),
            false => resize(&view.image, width, height, FilterType::Triangle),
        };
        let focal = view.camera.intrinsics.fx * width as f32 / view.width.max(1) as f32;
        let nearness = Nearness::of(view).enlarged([picture.width(), picture.height()]);
        Self { view: Arc::clone(view), picture, nearness, focal }
    }
}

impl StereoPreview {
    /// The picture; `None` where an eye distance in millimetres meets depth of unknown scale.
    fn texture(
        &mut self,
        ctx: &egui::Context,
        view: &Arc<ViewPrediction>,
        unit: DepthUnit,
        stereo: &StereoOptions,
    ) -> Option<&TextureHandle> {
        if !self.photo.as_ref().is_some_and(|photo| Arc::ptr_eq(&photo.view, view)) {
            (self.photo, self.shown) = (None, None);
        }
        let photo = self.photo.get_or_insert_with(|| Photo::new(view));
        let focal = Some(photo.focal).filter(|_| unit == DepthUnit::Metres);
        let parallax = stereo.eyes.parallax(&photo.nearness, photo.picture.width(), focal)?;
        let is_shown = |(eyes, layout, swap, _): &(Eyes, Preview, bool, TextureHandle)| {
            (*eyes, *layout, *swap) == (stereo.eyes, self.layout, stereo.swap_eyes)
        };
        if !self.shown.as_ref().is_some_and(is_shown) {
            let pair = StereoPair::new(&photo.picture, &photo.nearness, &parallax);
            let layout = match self.layout {
                Preview::Anaglyph => StereoLayout::Anaglyph,
                Preview::SideBySide => StereoLayout::SideBySide,
            };
            let picture = layout.arrange(&pair, stereo.swap_eyes);
            let pixels = ColorImage::from_rgb([picture.width() as usize, picture.height() as usize], picture.as_raw());
            let texture = ctx.load_texture("stereo preview", pixels, TextureOptions::LINEAR);
            self.shown = Some((stereo.eyes, self.layout, stereo.swap_eyes, texture));
        }
        self.shown.as_ref().map(|(.., texture)| texture)
    }
}

/// The part of the page about pictures for two eyes.
pub struct StereoPart<'a> {
    pub choices: &'a mut ExportChoices,
    pub preview: &'a mut StereoPreview,
    pub unit: DepthUnit,
    /// The photo that the preview shows.
    pub view: Option<&'a Arc<ViewPrediction>>,
}

impl StereoPart<'_> {
    /// Settings and preview, where something for two eyes is written.
    pub fn ui(mut self, ui: &mut Ui) {
        if !self.choices.has_any(&Format::STEREO) {
            return;
        }
        ui.separator();
        ui.columns(2, |columns| {
            columns[0].vertical(|ui| self.stereo_settings_ui(ui));
            columns[1].vertical(|ui| self.preview_ui(ui));
        });
        ui.separator();
    }

    fn stereo_settings_ui(&mut self, ui: &mut Ui) {
        group(ui, "For two eyes");
        let is_film = self.choices.has_any(&[Format::StereoMp4, Format::StereoGif]);
        let stereo = &mut self.choices.stereo;
        let tip = "How both pictures become one; the left eye's is on the left or above";
        choice(ui, "Layout", tip, &mut stereo.layout, &StereoLayout::ALL, |layout| {
            match layout {
                StereoLayout::SideBySide => "Side by side",
                StereoLayout::HalfSideBySide => "Side by side, half width",
                StereoLayout::OverUnder => "One above the other",
                StereoLayout::Anaglyph => "Anaglyph (red–cyan)",
            }
            .into()
        });
        distance_ui(ui, &mut stereo.eyes.distance, self.unit);
        let tip = "Which depth lies in the plane of the screen: at 0 the nearest, and all lies behind the screen; at 50 the median; at \
                   100 all stands before it";
        let slider = Slider::new(&mut stereo.eyes.convergence, 0.0..=100.0).suffix(" %").max_decimals(0);
        slider_row(ui, "Convergence", tip, slider);
        ui.checkbox(&mut stereo.swap_eyes, "Swap the eyes")
            .on_hover_text("To look at two pictures with crossed eyes, or through glasses with cyan on the left");
        let value = DragValue::new(&mut stereo.fps).range(1..=50).suffix(" per second");
        ui.add_enabled_ui(is_film, |ui| row(ui, "Film", "Photos per second", |ui| ui.add(value)));
    }

    fn preview_ui(&mut self, ui: &mut Ui) {
        group(ui, "Preview");
        let Some(view) = self.view else { return };
        let options = [
            (Preview::Anaglyph, "Anaglyph", "For red–cyan glasses; without them the seams of colour show the parallax"),
            (Preview::SideBySide, "Pair", "Both pictures; look through them into the distance until they become one"),
        ];
        segments(ui, &mut self.preview.layout, &options);
        let name = view.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match self.preview.texture(ui.ctx(), view, self.unit, &self.choices.stereo) {
            Some(texture) => picture_ui(ui, texture, &format!("Stereo preview of {name}")).on_hover_text(name),
            None => {
                note(ui, "Millimetres need depth in metres: choose percent, set a scale in 3D, or take a metric model")
            }
        };
    }
}

/// Percent, or millimetres where that means something.
fn distance_ui(ui: &mut Ui, distance: &mut EyeDistance, unit: DepthUnit) {
    let tip = match distance {
        EyeDistance::PercentOfWidth(_) => {
            "How deep it looks: by how much of the width the parallax of the nearest surface differs from that of the farthest. 2 or \
             3 % are easy to look at"
        }
        EyeDistance::Millimetres(_) => "Between the eyes, which see the scene as large as it is; 63 mm are usual",
    };
    let slider = match distance {
        EyeDistance::PercentOfWidth(percent) => Slider::new(percent, PERCENT).suffix(" %").max_decimals(1),
        EyeDistance::Millimetres(length) => {
            Slider::new(length, MILLIMETRES).suffix(" mm").max_decimals(0).logarithmic(true)
        }
    };
    slider_row(ui, "Eye distance", tip, slider);
    let mut is_metric = matches!(distance, EyeDistance::Millimetres(_));
    let checkbox = egui::Checkbox::new(&mut is_metric, "In millimetres");
    let is_possible = unit == DepthUnit::Metres || matches!(distance, EyeDistance::Millimetres(_));
    let response = ui.add_enabled(is_possible, checkbox).on_hover_text("As far apart as real eyes or cameras would be");
    if response.on_disabled_hover_text("This depth is not in metres").changed() {
        *distance = if is_metric { EyeDistance::Millimetres(PUPILS) } else { Eyes::default().distance };
    }
}

/// As large as there is room.
fn picture_ui(ui: &mut Ui, texture: &TextureHandle, name: &str) -> Response {
    let size = texture.size_vec2();
    let factor = (ui.available_width() / size.x).min(HIGH / size.y);
    let (rect, response) = ui.allocate_exact_size(size * factor, Sense::hover());
    let whole = egui::Rect::from_min_max(egui::Pos2::ZERO, Vec2::splat(1.0).to_pos2());
    ui.painter().image(texture.id(), rect, whole, egui::Color32::WHITE);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response
}
