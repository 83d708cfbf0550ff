//! What was made in the scenes of a run stays while another takes its place: it comes back with that run, or along into the next.

use super::aside::Aside;
use super::page::CentrePage;
use crate::app::cloud_view::{Places, ScenePlaces};
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::geometry::Similarity;
use crate::scene::Carried;
use crate::worker::RunId;

impl CentrePage {
    /// To be called after events, before anything is drawn; `left` is the run whose results there were before them. Answers whether
    /// something has come along.
    pub fn follow_run(&mut self, desk: &mut Desk, left: RunId) -> bool {
        let now = desk.state.results.run();
        if left != now {
            let shown = self.cloud.as_ref().and_then(|cloud| cloud.shown_scene());
            let back = self.aside.take_if(|aside| aside.run == now);
            self.aside = Some(Aside { run: left, places: self.places(left), shown });
            if let (Some(cloud), Some(back)) = (&mut self.cloud, back) {
                cloud.restore(now, back.places);
            }
        }
        let Some(moved) = desk.state.moved.take().filter(|moved| moved.to == now) else { return false };
        let (Some(aside), Some(cloud)) = (self.aside.take_if(|aside| aside.run == moved.from), &mut self.cloud) else {
            return true;
        };
        let scale = |scene: usize| desk.state.results.set_scales().get(&scene).copied().unwrap_or(1.0);
        let mut places = aside.places.carried(&moved.scenes, scale, aside.shown);
        let is_lost = |of: &ScenePlaces| !moved.scenes.contains_key(&of.scene);
        if aside.places.scenes.iter().any(is_lost) {
            let what = "Measured lines and saved views were of the scene before";
            desk.state.notices.tell(
                Severity::News,
                what,
                "The new one lies elsewhere: they would not be where they were",
            );
        }
        // What was made while the run went on lies in scenes whose scale may have come along since.
        let (meanwhile, shown) = (cloud.places(now), cloud.shown_scene());
        let scenes = meanwhile.scenes.iter().map(|of| of.scene).chain(shown.map(|(scene, _)| scene));
        let stay = scenes.map(|scene| (scene, Carried { scene, similarity: Similarity::IDENTITY })).collect();
        places.take_in(meanwhile.carried(&stay, scale, shown));
        if places != Places::default() {
            cloud.restore(now, places);
        }
        true
    }
}
