//! Which lens photos were taken with, for models that do not find it themselves.

use egui::{DragValue, Ui};

use super::fitting::FittingMenu;
use crate::app::desk::outlook::Outlook;
use crate::app::widgets::controls::{choice, row};
use crate::catalog::{self, ModelId};
use crate::inference::{ASSUMED_FOV_DEGREES, Lens, Settings};

/// What somebody begins with who says it by hand.
const BY_HAND: [Lens; 2] = [Lens::FieldOfView(ASSUMED_FOV_DEGREES as f32), Lens::Focal35(28.0)];

/// A menu, and the number that belongs to the choice.
pub fn lens_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    let Settings { lens, lens_model: model, .. } = settings;
    let tip = "How wide the lens sees: depth in metres and the shape of the cloud follow from it. Any-view models find it \
               themselves";
    let options = [None, Some(BY_HAND[0]), Some(BY_HAND[1])];
    let same_kind =
        |other: &Option<Lens>| lens.map(|l| std::mem::discriminant(&l)) == other.map(|l| std::mem::discriminant(&l));
    let before = options.into_iter().find(same_kind).unwrap_or_default();
    let mut kind = before;
    choice(ui, "Lens", tip, &mut kind, &options, |kind| {
        match kind {
            None => "From the photo",
            Some(Lens::FieldOfView(_)) => "Field of view",
            Some(Lens::Focal35(_)) => "Focal length",
        }
        .into()
    });
    if kind != before {
        *lens = kind;
    }
    match lens {
        Some(Lens::FieldOfView(degrees)) => {
            let value = DragValue::new(degrees).range(Lens::FIELDS_OF_VIEW).speed(0.2).suffix("°");
            row(ui, "Across", "Degrees across the longer side of the photo", |ui| ui.add(value));
        }
        Some(Lens::Focal35(mm)) => {
            let value = DragValue::new(mm).range(Lens::FOCALS_35).speed(0.2).suffix(" mm");
            row(ui, "On 35 mm film", "Millimetres on 35 mm film, as lenses are usually named", |ui| ui.add(value));
        }
        None => {
            let tip = "For photos whose file does not say which lens it was: a usual one is assumed, or a model that predicts \
                       cameras looks at them first";
            let models = catalog::entries().iter().filter(|entry| entry.preset.is_any_view());
            let options: Vec<Option<&str>> = [None].into_iter().chain(models.map(|entry| Some(entry.id))).collect();
            let mut chosen = model.as_ref().and_then(catalog::find).map(|entry| entry.id);
            let name_of = |id: &str| catalog::find(&ModelId(id.into())).map_or(id, |entry| entry.name).to_owned();
            let name = |id| match id {
                None => format!("Assume {ASSUMED_FOV_DEGREES}°"),
                Some(id) => format!("Ask {}", name_of(id)),
            };
            let menu = FittingMenu { label: "If unknown", tip, entries: &options, obstacle: None };
            let model_of = |id: Option<&str>| id.map(|id| ModelId(id.into()));
            menu.ui(ui, &mut chosen, outlook, name, |settings, id| settings.lens_model = model_of(id));
            *model = model_of(chosen);
        }
    }
}
