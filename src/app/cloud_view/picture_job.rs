//! A picture in the making: drawn bit by bit between frames of the window, then saved or copied.

use std::sync::Arc;

use egui::ColorImage;

use super::exchange::TakenAway;
use super::picture_panel::PictureAsked;
use super::stage::StageHandle;
use crate::render::Exposure;
use crate::scene::CloudScene;

/// A picture on its way.
pub struct PictureJob {
    pub asked: PictureAsked,
    pub exposure: Exposure,
    pub size: [u32; 2],
    /// What it shows: another one is another picture.
    pub scene: Arc<CloudScene>,
}

impl PictureJob {
    /// Draws about `slice` points more; `None` as long as there is more to draw, then what hinders [`Self::end`].
    pub fn advance(
        &mut self,
        stage: &StageHandle,
        scene: Option<&Arc<CloudScene>>,
        slice: u64,
    ) -> Option<Result<(), String>> {
        if !scene.is_some_and(|scene| Arc::ptr_eq(scene, &self.scene)) {
            return Some(Err("the scene changed".into()));
        }
        match stage.expose(&mut self.exposure, slice) {
            Ok(false) => None,
            Ok(true) => Some(Ok(())),
            Err(error) => Some(Err(error.to_string())),
        }
    }

    /// Hands the picture over; what becomes of it.
    pub fn end(self, ctx: &egui::Context) -> TakenAway {
        let picture = self.exposure.into_picture();
        match self.asked {
            PictureAsked::Save => TakenAway::Picture(Arc::new(picture)),
            PictureAsked::Copy => {
                let sides = self.size.map(|side| side as usize);
                ctx.copy_image(ColorImage::from_rgba_unmultiplied(sides, picture.as_raw()));
                TakenAway::Copied(self.size)
            }
        }
    }
}
