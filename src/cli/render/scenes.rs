//! The scenes of a folder of results, as they are counted, and what to say where one does not have what was asked for.

use std::sync::Arc;

use super::args::RenderArguments;
use super::stop::Stop;
use crate::cli::ui;
use crate::inference::{Prediction, ViewPrediction};
use crate::input::{display_name, listed};

/// All views, scene by scene; scenes are counted in the order of their first views.
pub(super) struct Scenes {
    scenes: Vec<Vec<Arc<ViewPrediction>>>,
    /// Of each photo, in the order of the photos: its scene and its place there, from 0.
    places: Vec<[usize; 2]>,
}

impl Scenes {
    pub fn of(prediction: &Prediction) -> Self {
        let mut all = Self { scenes: Vec::new(), places: Vec::new() };
        for view in &prediction.views {
            let at = all.scenes.iter().position(|scene| scene[0].scene == view.scene).unwrap_or_else(|| {
                all.scenes.push(Vec::new());
                all.scenes.len() - 1
            });
            all.places.push([at, all.scenes[at].len()]);
            all.scenes[at].push(view.clone());
        }
        all
    }

    /// The views of the scene that was asked for.
    pub fn chosen(&self, arguments: &RenderArguments) -> Result<Vec<Arc<ViewPrediction>>, Stop> {
        let (count, number) = (self.scenes.len(), arguments.scene);
        let Some(views) = (number as usize).checked_sub(1).and_then(|index| self.scenes.get(index)) else {
            let there = match count {
                0 => "is none".to_owned(),
                1 => "is only one".to_owned(),
                _ => format!("are {count}: {}", self.in_words()),
            };
            return Err(Stop::Usage(format!("--scene: there is no scene {number}; there {there}.")));
        };
        if count > 1 && !arguments.quiet {
            ui::err(&format!("Scene {number} of {count}; --scene chooses another one"));
        }
        Ok(views.clone())
    }

    /// That the chosen scene, which has so many views, has none of this number; and where the photo of this number is, if these are
    /// several scenes.
    pub fn no_such_view(&self, option: &str, number: usize, count: usize) -> Stop {
        let views = if count == 1 { "one view".to_owned() } else { format!("{count} views") };
        let mut said = format!("{option}: there is no view {number}; the scene has {views}.");
        if self.scenes.len() > 1 {
            said += &format!(" There are {} scenes, and --scene says which: {}.", self.scenes.len(), self.in_words());
        }
        let elsewhere = number.checked_sub(1).and_then(|index| self.places.get(index));
        if let Some([scene, place]) = elsewhere.filter(|_| self.scenes.len() > 1) {
            let name = display_name(&self.scenes[*scene][*place].path);
            let place = match option {
                "--view" => format!("--view camera:{}", place + 1),
                _ => format!("--views {}", place + 1),
            };
            said += &format!(" Photo {number}, {name}, is --scene {} {place}.", scene + 1);
        }
        Stop::Usage(said)
    }

    /// "1 (a.jpg), 2 (b.jpg and 3 more)".
    fn in_words(&self) -> String {
        let scenes = self.scenes.iter().enumerate().map(|(index, views)| {
            let more = match views.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            format!("{} ({}{more})", index + 1, display_name(&views[0].path))
        });
        listed(&scenes.collect::<Vec<_>>())
    }
}
