//! Errors of the rooms below as a person needs them: what happened, who can do something about it, and what.

use super::{Blame, Problem, command_line};
use crate::catalog;
use crate::inference::{DeviceChoice, InferenceError, LEAST_RESOLUTION, MOST_RESOLUTION, Notice, Remedy, Short};
use crate::input::{NoCamera, Remark};
use crate::memory::{RunNote, shown_bytes};
use crate::model::{ModelError, Trouble, panic_text};

impl Problem {
    pub fn new(blame: Blame, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            blame,
            what: sentence(what.into()),
            advice: advice.into(),
            remedies: Vec::new(),
            reading: None,
            options: &[],
        }
    }

    fn with_options(self, options: &'static [&'static str]) -> Self {
        Self { options, ..self }
    }

    fn with_remedies(self, remedies: &[Remedy]) -> Self {
        Self { remedies: remedies.to_vec(), ..self }
    }

    /// A panic inside a run: a defect of the program, with what it said of itself.
    pub(super) fn from_panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let said = panic_text(payload);
        let advice = "This is a defect in Fathom; Help › Copy diagnostics has what a report needs";
        Self::new(Blame::Program, format!("The run stopped in an unexpected place ({said})"), advice)
    }
}

impl From<&InferenceError> for Problem {
    fn from(error: &InferenceError) -> Self {
        let what = error.to_string();
        let told = match error {
            InferenceError::UnknownModel(_) => {
                Self::new(Blame::Setting, what, "“fathom models” lists the models there are")
            }
            InferenceError::NoWeights { published_at, places, .. } => {
                let id = catalog::entries().iter().find(|entry| entry.source == *published_at).map(|entry| entry.id);
                let fetch = id.map(|id| format!("Run “fathom models get {id}”, or get")).unwrap_or("Get".into());
                let save = places.first().map(|place| format!("save it as {}, or ", place.display()));
                let advice = format!(
                    "{fetch} model.safetensors from {published_at} on Hugging Face and {}choose the file",
                    save.unwrap_or_default()
                );
                Self::new(Blame::Setting, what, advice)
            }
            InferenceError::Device { .. } => {
                Self::new(Blame::Machine, what, "Choose the CPU as device, which always works")
            }
            InferenceError::Resolution { .. } => {
                let advice = format!("Choose {LEAST_RESOLUTION} to {MOST_RESOLUTION} px");
                Self::new(Blame::Setting, what, advice)
            }
            InferenceError::Model(error) => Self::from(error),
            InferenceError::Input(error) => Self::new(Blame::File, what, error.advice()),
            InferenceError::TooElongated { .. } => Self::new(
                Blame::File,
                what,
                "Cut a part out of it that is no longer than 30 times its width, and add that",
            ),
            InferenceError::TooLargeForOthers { .. } => {
                Self::new(Blame::File, what, "Cut it into parts, run it alone, or choose a lower resolution")
            }
            InferenceError::OddShape { .. } => {
                Self::new(Blame::File, what, "Choose another way for photos of different shapes to keep it (--shapes)")
            }
            InferenceError::Catalog(error) => Self::new(Blame::File, what, error.advice()),
            InferenceError::Cameras(_) => {
                let advice = "Choose a cameras.json of Fathom, the folder of a COLMAP model, or a transforms.json";
                Self::new(Blame::File, what, advice)
            }
            InferenceError::NoCamera { reason: NoCamera::NoName, .. } => Self::new(
                Blame::File,
                what,
                "Photos and cameras belong together by file name; leave the photo out, or add its camera",
            ),
            InferenceError::NoCamera { reason: NoCamera::Unusable { .. }, .. }
            | InferenceError::CameraMisfit { .. } => {
                Self::new(Blame::File, what, "Leave the photo out, or put its camera right")
            }
            InferenceError::NoCamera { .. } => Self::new(
                Blame::File,
                what,
                "Give photos of one name folders of their own, there and here: the end of the path decides",
            ),
            InferenceError::NothingToDo => Self::new(Blame::File, what, "Add photos that can be read"),
            InferenceError::Conversion { .. } => {
                Self::new(Blame::File, what, "Choose a place that can be written to and has room")
            }
            InferenceError::OtherConversion { .. } => {
                Self::new(Blame::File, what, "Choose the model that the file was made of, or another file")
            }
            InferenceError::NoLensModel(_) => {
                Self::new(Blame::Setting, what, "Choose an any-view model for the lens, such as da3-small")
            }
            InferenceError::NoSuchBlock { .. } => Self::new(Blame::Setting, what, "Name blocks that the model has"),
            InferenceError::Unusable { .. } => {
                Self::new(Blame::File, what, "Try another model or resolution; a photo of one colour has no depth")
            }
            InferenceError::DoesNotFit { remedies, .. } => {
                Self::new(Blame::Machine, what, advice_of(remedies)).with_remedies(remedies)
            }
            InferenceError::OutOfMemory { remedies } => {
                Self::new(Blame::Machine, what, advice_of(remedies)).with_remedies(remedies)
            }
            InferenceError::NotLoaded => Self::new(Blame::Machine, what, "Run again: the model is loaded anew"),
            InferenceError::Cancelled => Self::new(Blame::Setting, what, "Run again when you are ready"),
        };
        told.with_options(command_line::for_error(error))
    }
}

impl From<&ModelError> for Problem {
    fn from(error: &ModelError) -> Self {
        let what = error.to_string();
        let told = match error {
            ModelError::NotSafetensors { .. } | ModelError::Truncated { .. } | ModelError::NotFinite { .. } => {
                Self::new(Blame::File, what, "Get the model file again")
            }
            ModelError::Missing { .. }
            | ModelError::Surplus { .. }
            | ModelError::Shape { .. }
            | ModelError::Type { .. } => {
                Self::new(Blame::File, what, "Choose the file of this model, or the model of the file")
            }
            ModelError::Read { .. } => {
                Self::new(Blame::File, what, "Check that the file is still there and may be read")
            }
            ModelError::ImageSize { .. } | ModelError::PoseCount { .. } => {
                Self::new(Blame::Program, what, "This is a defect in Fathom; please report it")
            }
            ModelError::Cancelled => Self::new(Blame::Setting, what, "Run again when you are ready"),
            ModelError::OutOfMemory { .. } => {
                Self::new(Blame::Machine, what, "Close other programs, or choose a smaller model or a lower resolution")
            }
            ModelError::Int8NeedsKernels => {
                Self::new(Blame::Setting, what, "Choose the CPU, the graphics card by that name, or f16")
            }
            ModelError::Device(_) | ModelError::Gpu(_) | ModelError::Stopped { .. } => {
                Self::new(Blame::Machine, what, advice_on(error.trouble()))
            }
        };
        told.with_options(command_line::for_model(error))
    }
}

impl From<&Notice> for Problem {
    fn from(notice: &Notice) -> Self {
        let what = notice.to_string();
        let told = match notice {
            Notice::FellBackToCpu { .. } => {
                Self::new(Blame::Machine, what, "Check the driver, or choose the CPU to hide this notice")
            }
            Notice::WentOnWithCpu { is_of_memory: true, .. } => Self::new(
                Blame::Machine,
                what,
                "Nothing that was finished is lost; a smaller model or a lower resolution may stay on the graphics card",
            ),
            Notice::WentOnWithCpu { wanted: DeviceChoice::Gpu, was_named: true, .. } => Self::new(
                Blame::Machine,
                what,
                "Nothing that was finished is lost. The next run tries the graphics card again; a newer driver or system may help",
            ),
            Notice::WentOnWithCpu { .. } => Self::new(
                Blame::Machine,
                what,
                "Nothing that was finished is lost. Until the program ends, automatic means the CPU; a newer driver or system \
                 may help, and choosing the graphics card by name tries it again",
            ),
            Notice::NoBf16 { .. } => Self::new(Blame::Machine, what, "Choose f16, or automatic, to hide this notice"),
            Notice::Cropped { .. } => Self::new(
                Blame::Setting,
                what,
                "Choose whole photos with a rim (Photos of different shapes, --shapes) to keep all",
            ),
            Notice::Framed { .. } => {
                Self::new(Blame::Setting, what, "A crop is faster (Photos of different shapes, --shapes)")
            }
            Notice::CamerasReadBetter { reading, .. } => Self {
                reading: Some(*reading),
                ..Self::new(
                    Blame::File,
                    what,
                    "Run again with that reading (Poses are, under Known cameras; --cameras-as)",
                )
            },
            Notice::CamerasDisagree { .. } => Self::new(
                Blame::File,
                what,
                "Check that photos and cameras belong together; where they do, the photos may see too little of each other",
            ),
            Notice::CamerasFarOff { .. } => Self::new(
                Blame::File,
                what,
                "They were left out of the scale; check their poses, or leave the photos out",
            ),
            Notice::WithoutMask { .. } => {
                Self::new(Blame::File, what, "Masks have the names of their photos: a.png or a.jpg.png for a.jpg")
            }
            Notice::OfDepths { .. } => Self::new(Blame::File, what, "All else that is known is used"),
            Notice::ScaleAlone { .. } => {
                Self::new(Blame::File, what, "Measure several places of each photo, near and far")
            }
            Notice::WithoutDepth { .. } => Self::new(
                Blame::File,
                what,
                "A table names photos by their file names; a sensor's depth of a.jpg is a.png, a.jpg.png or a_depth.png",
            ),
            Notice::DepthsMisfit { .. } => Self::new(
                Blame::File,
                what,
                "Check that they are metres along the direction of view, and of these photos; metres are a guess until they fit",
            ),
            Notice::Ordered => Self::new(
                Blame::Setting,
                what,
                "Keep the given order (Advanced, --keep-order) where it is the one in which they were taken",
            ),
            Notice::Remark { remark: Remark::AllRound, .. } => Self::new(
                Blame::File,
                what,
                "Its depth means little: cut ordinary views of up to 90° out of it, and add those",
            ),
            Notice::Remark { .. } => {
                Self::new(Blame::File, what, "Save it in 8 bits with the brightness you want, to decide that yourself")
            }
            Notice::Unvouched { .. } => Self::new(
                Blame::File,
                what,
                "Put the config.json that was published with it beside it, as model.safetensors, and it is checked",
            ),
            Notice::CroppedSince { .. } => Self::new(
                Blame::File,
                what,
                "If the part was resized as well, set the lens yourself (Lens, --fov, --focal), or use the photo that it was cut from",
            ),
            Notice::ResizedSince { .. } => {
                Self::new(Blame::File, what, "There is nothing to do, unless its EXIF is of another picture")
            }
            Notice::SeparateScenes { .. } => {
                Self::new(Blame::Setting, what, "Let passes share views to get one scene: two views per pass at least")
            }
            Notice::NotAligned { .. } => Self::new(
                Blame::File,
                what,
                "Use photos that see more of the same place, more views per pass, or a larger overlap",
            ),
            Notice::OverShare { .. } => Self::new(
                Blame::Machine,
                what,
                "Let it plan with more (Memory to use under Advanced, --memory), close other programs, or choose a lower \
                 resolution or a smaller model",
            ),
            Notice::FewerViews { short: Short::Time { .. }, .. }
            | Notice::SmallerTiles { short: Short::Time { .. }, .. }
            | Notice::TriedAgain { short: Short::Time { .. } } => Self::new(
                Blame::Machine,
                what,
                "Nothing that was finished is lost; choose fewer views per pass to keep it from happening",
            ),
            Notice::FewerViews { .. } | Notice::SmallerTiles { .. } | Notice::TriedAgain { .. } => {
                Self::new(Blame::Machine, what, "Nothing that was finished is lost; close other programs to be quicker")
            }
            Notice::LowerResolution { .. } => {
                Self::new(Blame::Machine, what, "Run again with a smaller model to see all views equally well")
            }
            Notice::ScaleOfCamerasUnknown { .. } | Notice::PlaceOfCamerasUnknown { .. } => Self::new(
                Blame::File,
                what,
                "Use cameras that stand at different places, and more than one of them per pass",
            ),
            Notice::OfCameras { .. } => {
                Self::new(Blame::File, what, "Cameras that are not named here are used as they are")
            }
            Notice::WithoutCamera { .. } => Self::new(
                Blame::File,
                what,
                "Photos and cameras belong together by file name; add the cameras, or leave the photos out",
            ),
            Notice::StretchedCameras { .. } => Self::new(
                Blame::File,
                what,
                "Use the photos that the cameras were made with, neither cropped nor turned",
            ),
            Notice::AssumedScale { .. } => Self::new(
                Blame::File,
                what,
                "Say which lens it was under Advanced (--fov or --focal), or use photos with the focal length in their EXIF data",
            ),
        };
        told.with_options(command_line::for_notice(notice))
    }
}

impl From<&RunNote> for Problem {
    fn from(note: &RunNote) -> Self {
        let RunNote { model, photos, views_per_pass, need_bytes, free_bytes, .. } = note;
        let cause = if *need_bytes > free_bytes / 2 { ", probably because memory ran out" } else { "" };
        let what = format!(
            "The last run ended with the program{cause}: {photos} photos with {model}, {views_per_pass} per pass; it needed \
             about {} and {} were free",
            shown_bytes(*need_bytes),
            shown_bytes(*free_bytes)
        );
        Self::new(Blame::Machine, what, "If memory was short, let runs plan with less of it or choose a smaller model")
    }
}

fn advice_on(trouble: Option<Trouble>) -> &'static str {
    match trouble {
        Some(Trouble::Memory) => {
            "Choose fewer views per pass, a lower resolution or a smaller model, or another device"
        }
        Some(Trouble::TooLong) => "Choose fewer views per pass or a lower resolution, or the CPU as device",
        _ => "Choose the CPU as device, which always works; a newer driver or system may help",
    }
}

fn advice_of(remedies: &[Remedy]) -> String {
    if remedies.is_empty() {
        return "Close other programs; nothing smaller would fit either".into();
    }
    let said: Vec<String> =
        remedies.iter().map(|remedy| format!("{} ({})", remedy.change, shown_bytes(remedy.need_bytes))).collect();
    said.join(" · ")
}

/// With a capital letter and without a full stop, unless it begins with a path.
fn sentence(text: String) -> String {
    let text = text.trim_end_matches('.');
    let is_word = text.split(' ').next().is_some_and(|word| word.chars().all(char::is_alphabetic));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if is_word => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ModelId;

    #[test]
    fn sentences_begin_with_a_capital_unless_a_path_stands_first() {
        assert_eq!(sentence("no photo could be used.".into()), "No photo could be used");
        assert_eq!(sentence("a.jpg: the file is empty".into()), "a.jpg: the file is empty");
    }

    #[test]
    fn every_problem_says_what_to_do() {
        let errors = [
            InferenceError::UnknownModel(ModelId("da9".into())),
            InferenceError::NoWeights {
                model: "DA3-Small",
                published_at: "a/b",
                places: vec!["m/x".into()],
                gone: None,
            },
            InferenceError::Resolution { resolution: 7, least: 56, most: 4096 },
            InferenceError::Model(ModelError::Truncated { file: "w".into(), expected: 9, actual: 3 }),
            InferenceError::NothingToDo,
        ];
        for error in &errors {
            let problem = Problem::from(error);
            assert!(!problem.advice.is_empty() && problem.what.len() > 10, "{problem}");
        }
        assert_eq!(Problem::from_panic(&"index out of bounds").blame, Blame::Program);
    }
}
