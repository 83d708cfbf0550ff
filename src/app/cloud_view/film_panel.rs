//! The controls of a film, and how far it is.

use egui::{Button, DragValue, ProgressBar, Ui};

use super::picture_panel::ONLY_POINTS;
use super::picture_size::{PictureSize, Preset};
use crate::app::theme;
use crate::app::widgets::controls::{count, menu, note, row};
use crate::export::AnimationFormat;

const LONGEST_SECS: u32 = 600;
/// Pictures per second: what screens show, and what a GIF can say.
const MOST_FPS: u32 = 60;
const MOST_FPS_OF_GIF: u32 = 50;

/// Where the camera goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Around,
    Photos,
    Saved,
}

impl Way {
    const ALL: [Self; 3] = [Self::Around, Self::Photos, Self::Saved];

    fn label(self) -> &'static str {
        match self {
            Self::Around => "Once around",
            Self::Photos => "Through the photos",
            Self::Saved => "Through the saved views",
        }
    }
}

/// What was chosen.
pub struct FilmChoices {
    pub way: Way,
    pub size: PictureSize,
    pub seconds: u32,
    pub fps: u32,
    pub format: AnimationFormat,
    pub only_points: bool,
}

impl Default for FilmChoices {
    fn default() -> Self {
        Self {
            way: Way::Around,
            size: PictureSize::new(Preset::Hd),
            seconds: 6,
            fps: 25,
            format: AnimationFormat::Gif,
            only_points: false,
        }
    }
}

impl FilmChoices {
    /// Number of pictures.
    pub fn frames(&self) -> usize {
        (self.seconds * self.fps).max(1) as usize
    }
}

/// What there is to film with.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// Photos that are shown.
    pub photos: usize,
    pub saved_views: usize,
    /// Whether there is an ffmpeg.
    pub mp4: bool,
    /// Size of the view, pixels.
    pub shown: [u32; 2],
}

impl Means {
    /// Why this way cannot be gone.
    fn lacks(&self, way: Way) -> Option<&'static str> {
        match way {
            Way::Photos if self.photos < 2 => Some("This needs at least two photos in one scene"),
            Way::Saved if self.saved_views < 2 => Some("This needs at least two saved views (B saves one)"),
            _ => None,
        }
    }
}

/// What a person wants with the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilmAsked {
    Save,
    Cancel,
}

/// Draws the controls, or `progress`: pictures that are drawn, and all of them.
pub fn film_ui(
    ui: &mut Ui,
    choices: &mut FilmChoices,
    means: &Means,
    progress: Option<(usize, usize)>,
) -> Option<FilmAsked> {
    if let Some((drawn, all)) = progress {
        return progress_ui(ui, drawn, all);
    }
    way_ui(ui, &mut choices.way, means);
    choices.size.ui(ui, means.shown);
    format_ui(ui, &mut choices.format, means.mp4);
    let seconds = DragValue::new(&mut choices.seconds).range(1..=LONGEST_SECS).speed(0.1).suffix(" s");
    row(ui, "Length", "How long the film takes", |ui| ui.add(seconds));
    let most = if choices.format == AnimationFormat::Gif { MOST_FPS_OF_GIF } else { MOST_FPS };
    let tip = "Pictures per second: more are smoother, take longer to draw and make a larger file";
    let fps = DragValue::new(&mut choices.fps).range(1..=most).speed(0.2).suffix(" per s");
    row(ui, "Pictures", tip, |ui| ui.add(fps));
    choices.fps = choices.fps.min(most);
    ui.checkbox(&mut choices.only_points, "Only the points").on_hover_text(ONLY_POINTS);
    let lacks = means.lacks(choices.way);
    let mut asked = None;
    ui.horizontal(|ui| {
        let button = ui.add_enabled(lacks.is_none(), Button::new("Save…"));
        let button = button.on_hover_text("Asks where to, then draws one picture after the other");
        if button.on_disabled_hover_text(lacks.unwrap_or_default()).clicked() {
            asked = Some(FilmAsked::Save);
        }
        note(ui, count(choices.frames(), "picture"));
    });
    asked
}

fn progress_ui(ui: &mut Ui, drawn: usize, all: usize) -> Option<FilmAsked> {
    let fill = theme::tokens(ui).accent_hovered;
    ui.label(format!("Frame {drawn} of {all}"));
    let done = drawn as f32 / all.max(1) as f32;
    ui.add(ProgressBar::new(done).desired_height(8.0).corner_radius(4.0).fill(fill));
    let tip = "Ends the film; nothing of it stays on disk";
    ui.button("Cancel film").on_hover_text(tip).clicked().then_some(FilmAsked::Cancel)
}

fn way_ui(ui: &mut Ui, way: &mut Way, means: &Means) {
    row(ui, "Camera", "Where the camera goes", |ui| {
        let width = ui.available_width();
        menu("way of the film", width)
            .selected_text(way.label())
            .show_ui(ui, |ui| {
                for possible in Way::ALL {
                    let lacks = means.lacks(possible);
                    entry_ui(ui, way, possible, possible.label(), lacks);
                }
            })
            .response
    });
}

fn format_ui(ui: &mut Ui, format: &mut AnimationFormat, has_mp4: bool) {
    let label = |format| match format {
        AnimationFormat::PngFolder => "PNG files in a folder",
        AnimationFormat::Gif => "GIF",
        AnimationFormat::Mp4 => "MP4",
    };
    let tip = "PNG files: every picture as it is, in a new folder. GIF: plays everywhere, 256 colours per picture. \
               MP4: small and in full colour";
    row(ui, "Format", tip, |ui| {
        let width = ui.available_width();
        menu("format of the film", width)
            .selected_text(label(*format))
            .show_ui(ui, |ui| {
                for possible in [AnimationFormat::PngFolder, AnimationFormat::Gif, AnimationFormat::Mp4] {
                    let lacks = (possible == AnimationFormat::Mp4 && !has_mp4)
                        .then_some("MP4 needs the program ffmpeg, which is not on the PATH of this machine");
                    entry_ui(ui, format, possible, label(possible), lacks);
                }
            })
            .response
    });
}

/// One line of a menu; with a reason it cannot be chosen.
fn entry_ui<T: PartialEq>(ui: &mut Ui, value: &mut T, this: T, label: &str, lacks: Option<&str>) {
    ui.add_enabled_ui(lacks.is_none(), |ui| ui.selectable_value(value, this, label))
        .response
        .on_disabled_hover_text(lacks.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::{NodeT, Queryable};

    use super::*;

    fn panel(mp4: bool, saved_views: usize) -> Harness<'static, FilmChoices> {
        let means = Means { photos: 2, saved_views, mp4, shown: [640, 480] };
        Harness::builder().with_size([320.0, 400.0]).build_ui_state(
            move |ui, choices| {
                film_ui(ui, choices, &means, None);
            },
            FilmChoices::default(),
        )
    }

    #[test]
    fn mp4_can_be_chosen_only_with_ffmpeg() {
        for has_ffmpeg in [false, true] {
            let mut panel = panel(has_ffmpeg, 2);
            panel.get_by_label("Format").click();
            panel.run();
            assert_eq!(panel.get_by_label("MP4").accesskit_node().is_disabled(), !has_ffmpeg);
            panel.get_by_label("MP4").click();
            panel.run();
            let wanted = if has_ffmpeg { AnimationFormat::Mp4 } else { AnimationFormat::Gif };
            assert_eq!(panel.state().format, wanted);
        }
    }

    #[test]
    fn a_way_without_places_to_go_through_says_so() {
        let mut panel = panel(true, 1);
        panel.state_mut().way = Way::Saved;
        panel.run();
        assert!(panel.get_by_label("Save…").accesskit_node().is_disabled());
        panel.state_mut().way = Way::Photos;
        panel.run();
        assert!(!panel.get_by_label("Save…").accesskit_node().is_disabled());
    }

    #[test]
    fn a_gif_is_not_faster_than_it_can_be() {
        let mut panel = panel(true, 1);
        panel.state_mut().fps = 60;
        panel.run();
        assert_eq!((panel.state().fps, panel.state().frames()), (50, 300));
    }
}
