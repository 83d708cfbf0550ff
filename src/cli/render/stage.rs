//! The scene that is drawn: from a folder of results or the built-in example, with the views that were asked for.

use std::path::Path;
use std::sync::Arc;

use super::args::RenderArguments;
use super::scenes::Scenes;
use super::stop::Stop;
use crate::examples::synthetic;
use crate::inference::{DepthUnit, Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::scene::{CloudScene, Extent};
use crate::session;

/// Stands for the built-in scene; a folder of that name is `./example`.
const EXAMPLE: &str = "example";
/// The example as `fathom example` writes it.
const EXAMPLE_VIEWS: usize = 5;
const EXAMPLE_SIZE: [u32; 2] = [640, 480];

/// One scene and what is shown of it.
pub(super) struct Stage {
    pub scene: Arc<CloudScene>,
    /// Per view of `scene`: whether it is drawn.
    pub visible: Vec<bool>,
    /// What a picture of all that is drawn has to hold.
    pub extent: Extent,
    pub unit: DepthUnit,
    /// All views of the scene, as they are counted; those that cannot be drawn are not in `scene`.
    views: Vec<Arc<ViewPrediction>>,
    /// Where views are looked for that this scene does not have.
    all: Scenes,
}

impl Stage {
    pub fn open(arguments: &RenderArguments) -> Result<Self, Stop> {
        let prediction = read(&arguments.source)?;
        let all = Scenes::of(&prediction);
        let views = all.chosen(arguments)?;
        let scene = CloudScene::new(&views).map(Arc::new);
        let nothing = || Stop::Failure("None of these views has a depth or a camera that can be drawn.".into());
        let scene = scene.ok_or_else(nothing)?;
        if let Some(list) = &arguments.views
            && list.largest() > views.len()
        {
            return Err(all.no_such_view("--views", list.largest(), views.len()));
        }
        let wanted = |view: &Arc<ViewPrediction>| {
            let number = views.iter().position(|other| Arc::ptr_eq(other, view)).map_or(0, |index| index + 1);
            arguments.views.as_ref().is_none_or(|list| list.contains(number))
        };
        let visible: Vec<bool> = scene.views().iter().map(wanted).collect();
        if !visible.contains(&true) {
            return Err(nothing());
        }
        let shown = |view: &ViewPrediction| {
            scene.views().iter().zip(&visible).any(|(other, &visible)| visible && other.view == view.view)
        };
        let extent = scene.extent(shown, &arguments.filters.filters()).ok_or_else(nothing)?;
        let unit = prediction.unit_of(views[0].scene);
        Ok(Self { scene, visible, extent, unit, views, all })
    }

    /// The view with this number, counted from 1.
    pub fn view(&self, number: usize) -> Result<&Arc<ViewPrediction>, Stop> {
        let view = number.checked_sub(1).and_then(|index| self.views.get(index));
        view.ok_or_else(|| self.all.no_such_view("--view", number, self.views.len()))
    }

    /// The views that are drawn, with their places in the scene.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &Arc<ViewPrediction>)> {
        let views = self.scene.views().iter().enumerate();
        views.zip(&self.visible).filter(|(_, visible)| **visible).map(|(view, _)| view)
    }
}

fn read(source: &Path) -> Result<Prediction, Stop> {
    if source != Path::new(EXAMPLE) {
        return Ok(session::open(source)?.shown().unwrap_or_default());
    }
    let [width, height] = EXAMPLE_SIZE;
    let views = (0..EXAMPLE_VIEWS).map(|index| {
        let view = synthetic::render(index, width, height);
        Arc::new(view.into_prediction(ViewId(index as u64), synthetic::photo_name(index).into()))
    });
    Ok(Prediction { views: views.collect(), ..Prediction::default() })
}
