//! The controls of a film, and how far it is.

use egui::{Button, DragValue, ProgressBar, Ui};

use super::film_choices::{FilmChoices, Means, Way};
use super::picture_panel::ONLY_POINTS;
use crate::app::theme;
use crate::app::widgets::controls::{bytes, count, menu, note, row};
use crate::export::AnimationFormat;

const LONGEST_SECS: u32 = 600;
/// Pictures per second: what screens show, and what a GIF can say.
const MOST_FPS: u32 = 60;
const MOST_FPS_OF_GIF: u32 = 50;

const NO_FFMPEG: &str = "MP4 needs the program ffmpeg, which is not on the PATH of this machine";

const ABOUT: &str = "Of the size half where much is empty, twice as much where all is fine detail";

/// What a person wants with the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilmAsked {
    Save,
    /// Begin to show it, or end that.
    Preview,
    Cancel,
}

/// Draws the controls, or `progress`: pictures that are drawn, and all of them. `is_previewed`: the view shows the film.
pub fn film_ui(
    ui: &mut Ui,
    choices: &mut FilmChoices,
    means: &Means,
    progress: Option<(usize, usize)>,
    is_previewed: bool,
) -> Option<FilmAsked> {
    if let Some((drawn, all)) = progress {
        return progress_ui(ui, drawn, all);
    }
    way_ui(ui, choices, means);
    choices.size.ui(ui, means.shown);
    format_ui(ui, choices, means);
    let seconds = DragValue::new(&mut choices.seconds).range(1..=LONGEST_SECS).speed(0.1).suffix(" s");
    row(ui, "Length", "How long the film takes", |ui| ui.add(seconds));
    let most = if choices.format(means) == AnimationFormat::Gif { MOST_FPS_OF_GIF } else { MOST_FPS };
    let tip = "Pictures per second: more are smoother, take longer to draw and make a larger file";
    let fps = DragValue::new(&mut choices.fps).range(1..=most).speed(0.2).suffix(" per s");
    row(ui, "Pictures", tip, |ui| ui.add(fps));
    choices.fps = choices.fps.min(most);
    ui.checkbox(&mut choices.only_points, "Only the points").on_hover_text(ONLY_POINTS);
    let lacks = means.lacks(choices.way(means));
    let mut asked = None;
    ui.horizontal(|ui| {
        let button = ui.add_enabled(lacks.is_none(), Button::new("Save…"));
        let button = button.on_hover_text("Asks where to, then draws one picture after the other");
        if button.on_disabled_hover_text(lacks.unwrap_or_default()).clicked() {
            asked = Some(FilmAsked::Save);
        }
        let button = ui.add_enabled(lacks.is_none(), Button::new("Preview").selected(is_previewed));
        let button = button.on_hover_text("Shows the film here, over and over, until you move");
        if button.on_disabled_hover_text(lacks.unwrap_or_default()).clicked() {
            asked = Some(FilmAsked::Preview);
        }
    });
    let size = choices.about_bytes(means).map_or(String::new(), |size| format!(" · about {}", bytes(size)));
    let said = note(ui, format!("{}{size}", count(choices.frames(), "picture")));
    if !size.is_empty() {
        said.on_hover_text(ABOUT);
    }
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

fn way_ui(ui: &mut Ui, choices: &mut FilmChoices, means: &Means) {
    let mut way = choices.way(means);
    row(ui, "Camera", &format!("Where the camera goes\n{}: {}", way.label(), way.tip()), |ui| {
        let width = ui.available_width();
        menu("way of the film", width)
            .selected_text(way.label())
            .show_ui(ui, |ui| {
                for possible in Way::ALL {
                    entry_ui(ui, &mut way, possible, possible.label(), possible.tip(), means.lacks(possible));
                }
            })
            .response
    });
    if way != choices.way(means) {
        choices.way = Some(way);
    }
}

fn format_ui(ui: &mut Ui, choices: &mut FilmChoices, means: &Means) {
    let label = |format| match format {
        AnimationFormat::PngFolder => "PNG files in a folder",
        AnimationFormat::Gif => "GIF",
        AnimationFormat::Mp4 => "MP4",
    };
    let tip = |format| match format {
        AnimationFormat::PngFolder => "Every picture as it is, in a new folder",
        AnimationFormat::Gif => "Plays everywhere; 256 colours per picture",
        AnimationFormat::Mp4 => "Small and in full colour",
    };
    let mut format = choices.format(means);
    row(ui, "Format", &format!("What the film becomes\n{}: {}", label(format), tip(format)), |ui| {
        let width = ui.available_width();
        menu("format of the film", width)
            .selected_text(label(format))
            .show_ui(ui, |ui| {
                for possible in [AnimationFormat::Mp4, AnimationFormat::Gif, AnimationFormat::PngFolder] {
                    let lacks = (possible == AnimationFormat::Mp4 && !means.mp4).then_some(NO_FFMPEG);
                    entry_ui(ui, &mut format, possible, label(possible), tip(possible), lacks);
                }
            })
            .response
    });
    if format != choices.format(means) {
        choices.format = Some(format);
    }
}

/// One line of a menu; with a reason it cannot be chosen, and says why.
fn entry_ui<T: PartialEq>(ui: &mut Ui, value: &mut T, this: T, label: &str, tip: &str, lacks: Option<&str>) {
    let entry = Button::selectable(*value == this, label);
    let response = ui.add_enabled(lacks.is_none(), entry);
    if response.on_hover_text(tip).on_disabled_hover_text(lacks.unwrap_or_default()).clicked() {
        *value = this;
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::{NodeT, Queryable};

    use super::*;

    #[test]
    fn it_is_said_how_large_a_film_becomes_where_that_is_known() {
        assert!(panel(false, 0).query_by_label_contains("150 pictures · about 28 MB").is_some());
        assert!(panel(true, 0).query_by_label("150 pictures").is_some());
    }

    fn panel(mp4: bool, saved_views: usize) -> Harness<'static, FilmChoices> {
        let means = Means { photos: 2, saved_views, mp4, shown: [640, 480] };
        Harness::builder().with_size([320.0, 400.0]).build_ui_state(
            move |ui, choices| {
                film_ui(ui, choices, &means, None, false);
            },
            FilmChoices::default(),
        )
    }

    #[test]
    fn mp4_can_be_chosen_only_with_ffmpeg() {
        for has_ffmpeg in [false, true] {
            let mut panel = panel(has_ffmpeg, 2);
            panel.state_mut().format =
                (!has_ffmpeg).then_some(AnimationFormat::Gif).or(Some(AnimationFormat::PngFolder));
            panel.run();
            panel.get_by_label("Format").click();
            panel.run();
            assert_eq!(panel.get_by_label("MP4").accesskit_node().is_disabled(), !has_ffmpeg);
            panel.get_by_label("MP4").click();
            panel.run();
            let wanted = if has_ffmpeg { AnimationFormat::Mp4 } else { AnimationFormat::Gif };
            assert_eq!(panel.state().format, Some(wanted));
        }
    }

    #[test]
    fn a_way_without_places_to_go_through_says_so() {
        let mut panel = panel(true, 1);
        panel.state_mut().way = Some(Way::Saved);
        panel.run();
        assert!(panel.get_by_label("Save…").accesskit_node().is_disabled());
        panel.state_mut().way = Some(Way::Photos);
        panel.run();
        assert!(!panel.get_by_label("Save…").accesskit_node().is_disabled());
    }

    #[test]
    fn grey_entries_say_why() {
        let mut panel = panel(false, 1);
        for (menu, entry, why) in [
            ("Camera", "Through the saved views", "at least two saved views"),
            ("Format", "MP4", "needs the program ffmpeg"),
        ] {
            panel.get_by_label(menu).click();
            panel.run();
            assert!(panel.query_by_label_contains(why).is_none());
            panel.get_by_label(entry).hover();
            panel.run_steps(8);
            assert!(panel.query_by_label_contains(why).is_some(), "{entry} does not say why it is grey");
            panel.key_press(egui::Key::Escape);
            panel.run();
        }
    }

    #[test]
    fn a_gif_is_not_faster_than_it_can_be() {
        let mut panel = panel(false, 1);
        panel.state_mut().fps = 60;
        panel.run();
        assert_eq!((panel.state().fps, panel.state().frames()), (50, 300));
    }
}
