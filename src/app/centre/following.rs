//! What was made in the scenes of a run stays while another takes its place: it comes back with that run, or along into the next.

use super::aside::Aside;
use super::page::CentrePage;
use crate::app::cloud_view::Places;
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::worker::RunId;

impl CentrePage {
    /// To be called after events, before anything is drawn; `left` is the run whose results there were before them.
    pub fn follow_run(&mut self, desk: &mut Desk, left: RunId) {
        let now = desk.state.results.run();
        if left != now {
            let shown = self.cloud.as_ref().and_then(|cloud| cloud.shown_scene());
            let back = self.aside.take_if(|aside| aside.run == now);
            self.aside = Some(Aside { run: left, places: self.places(left), shown });
            if let (Some(cloud), Some(back)) = (&mut self.cloud, back) {
                cloud.restore(now, back.places);
            }
        }
        let Some(moved) = desk.state.moved.take().filter(|moved| moved.to == now) else { return };
        let (Some(aside), Some(cloud)) = (self.aside.take_if(|aside| aside.run == moved.from), &mut self.cloud) else {
            return;
        };
        let scale = |scene: usize| desk.state.results.set_scales().get(&scene).copied().unwrap_or(1.0);
        let mut places = aside.places.carried(&moved.scenes, scale, aside.shown);
        if places.scenes.len() < aside.places.scenes.len() {
            let what = "Measured lines and saved views were of the scene before";
            desk.state.notices.tell(
                Severity::News,
                what,
                "The new one lies elsewhere: they would not be where they were",
            );
        }
        places.take_in(cloud.places(now));
        if places != Places::default() {
            cloud.restore(now, places);
        }
    }
}
