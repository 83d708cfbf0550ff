//! Which remedies a problem is shown with.

use crate::app::desk::fix::Fix;
use crate::catalog::{self, Family, ModelId};
use crate::inference::Settings;
use crate::worker::{Blame, Problem};

/// What could help, by who is at fault.
pub fn fixes(problem: &Problem, settings: &Settings) -> Vec<Fix> {
    if !problem.remedies.is_empty() {
        return problem.remedies.iter().cloned().map(Fix::Remedy).collect();
    }
    let family = catalog::find(&settings.model).map(|entry| entry.family);
    match problem.blame {
        Blame::Machine => {
            let mut fixes = Vec::new();
            if family == Some(Family::AnyView) && settings.views_per_pass != Some(1) {
                fixes.push(Fix::OneViewPerPass);
            }
            if let Some(smaller) = smaller_resolution(settings.resolution) {
                fixes.push(Fix::Resolution(smaller));
            }
            fixes
        }
        Blame::Setting if lacks_weights(settings) => vec![Fix::ShowModels, Fix::ChooseWeights, Fix::BuiltInModel],
        Blame::Setting => vec![Fix::AutomaticSettings, Fix::BuiltInModel],
        Blame::File => vec![Fix::RunAgain],
        Blame::Program => vec![Fix::RunAgain, Fix::CopyDiagnostics],
    }
}

/// What a warning offers. A run went on in spite of it, so only what the warning itself speaks of.
pub fn offers(problem: &Problem) -> Vec<Fix> {
    problem.reading.map(Fix::CamerasAs).into_iter().collect()
}

/// Whether a model that a run with these settings needs is not on this machine.
fn lacks_weights(settings: &Settings) -> bool {
    let is_absent = |id: &ModelId| catalog::find(id).is_some_and(|entry| catalog::locate(entry).is_none());
    settings.weights.is_none() && is_absent(&settings.model) || settings.lens_model.as_ref().is_some_and(is_absent)
}

/// The next smaller resolution worth trying; both networks start near 504 pixels.
fn smaller_resolution(now: Option<u32>) -> Option<u32> {
    let now = now.unwrap_or(504);
    [392, 280].into_iter().find(|&pixels| pixels < now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Reading;
    use crate::inference::Notice;

    #[test]
    fn a_reading_that_fits_better_is_offered() {
        let notice = Notice::CamerasReadBetter { reading: Reading::OpenGlInverse, degrees: 1.0, before: 90.0 };
        let offered = offers(&Problem::from(&notice));
        assert_eq!(offered, [Fix::CamerasAs(Reading::OpenGlInverse)]);
        assert_eq!(offered[0].label(), "Read them as c2w, OpenGL axes");
        assert!(offers(&Problem::from(&Notice::CamerasDisagree { degrees: 50.0 })).is_empty());
    }
}
