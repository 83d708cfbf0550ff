//! `fathom render`: a picture or a film of a scene, without a window.

mod args;
mod camera;
mod film;
mod frame;
mod output;
mod run;
mod scenes;
mod stage;
mod stereo;
mod stop;
mod values;

pub(super) use args::{RENDER_NOTES, RenderArguments};
pub(super) use run::run;
