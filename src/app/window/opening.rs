//! Opens the native window, or says in one sentence why there is none.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use egui::ViewportBuilder;
use egui_wgpu::{WgpuSetup, WgpuSetupCreateNew};
use wgpu::{Adapter, Backend};

use super::graphics;
use super::graphics::{Asked, Choosing, Exhausted};
use super::{display, icon, log};
use crate::app::desk::link::Link;
use crate::app::fathom_app::FathomApp;
use crate::app::photos::of_desktop;
use crate::render::{AdapterChoice, UnknownAdapter, allowed_backends};
use crate::worker::{Worker, WorkerOptions};

const HEADLESS: &str = "`fathom depth PHOTOS… --out DIR` works without a window";

/// Why the window did not open or did not stay.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("there is no display to open a window on ({reason}): start Fathom from a desktop session, or {HEADLESS}")]
    NoDisplay { reason: String },
    #[error(
        "no graphics adapter can draw the window ({reason}): install a Vulkan or OpenGL driver \
         (on Debian and Ubuntu the package mesa-vulkan-drivers), or {HEADLESS}"
    )]
    NoAdapter { reason: String },
    #[error(transparent)]
    UnknownAdapter(#[from] UnknownAdapter),
    #[error("the worker thread cannot be started ({source})")]
    NoWorker { source: std::io::Error },
    #[error(
        "the graphics adapter cannot draw the window ({reason}), and Fathom cannot be started for another one ({source})"
    )]
    NotAgain { reason: String, source: std::io::Error },
    #[error("the window failed: {reason}")]
    Window { reason: String },
}

impl AppError {
    /// Whether other words on the command line would help.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::UnknownAdapter(_))
    }
}

/// Opens the window, adds `photos`, and returns when the window is closed. `adapter`: what an option asks for.
///
/// # Errors
/// [`AppError`] says what is missing and names the headless command where that helps.
pub fn run_window(photos: Vec<PathBuf>, adapter: Option<AdapterChoice>) -> Result<(), AppError> {
    let log_file = log::start();
    if let Err(error) = &log_file {
        tracing::warn!("no log file: {error}");
    }
    let log_file = log_file.ok();
    tracing::info!("Fathom {} starts", env!("CARGO_PKG_VERSION"));
    let (file, chosen) = graphics::remembered();
    let earlier = chosen.as_ref().map(|label| Asked::Earlier(AdapterChoice::Named(label.clone())));
    let asked = adapter.or_else(AdapterChoice::from_env).map(Asked::Now).or(earlier).unwrap_or_default();
    let choosing = Choosing::new(asked, graphics::failed_before());
    let start = Arc::new(Start { photos, log_file, file, chosen, choosing, ..Start::default() });
    start.quieten_panics();
    // What a driver refuses ends in a panic as often as in an error.
    let result = catch_unwind(AssertUnwindSafe(|| start.open()));
    let (reason, error) = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => (short(&error.to_string()), Ok(error)),
        Err(panic) => (short(panic_text(panic.as_ref())), Err(panic)),
    };
    tracing::error!("{reason}");
    let is_open = start.is_open.load(Ordering::Relaxed);
    if !is_open && let Some(failed) = start.choosing.fail(&reason) {
        return graphics::start_again(&failed).map_err(|source| AppError::NotAgain { reason, source });
    }
    if let Some(source) = start.worker_error.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(AppError::NoWorker { source });
    }
    Err(match (start.choosing.exhausted(), error) {
        (Some(Exhausted::Unknown(unknown)), _) => AppError::UnknownAdapter(unknown),
        (Some(Exhausted::None { reason }), _) => AppError::NoAdapter { reason },
        (None, Ok(error)) => explain(error),
        (None, Err(panic)) if is_open => resume_unwind(panic),
        (None, Err(_)) => AppError::Window { reason },
    })
}

/// What the window begins with, and how far it came.
#[derive(Default)]
struct Start {
    photos: Vec<PathBuf>,
    log_file: Option<PathBuf>,
    /// Where the chosen adapter is remembered, and its label.
    file: Option<PathBuf>,
    chosen: Option<String>,
    choosing: Choosing,
    /// There is a window with a device: what fails from here on is not the choice of the adapter.
    is_open: AtomicBool,
    /// eframe boxes errors of the app away; this keeps ours.
    worker_error: Mutex<Option<std::io::Error>>,
}

impl Start {
    /// Until the window is open, panics are a driver's and go into the log: nobody can do anything about them but the next try.
    fn quieten_panics(self: &Arc<Self>) {
        let (start, usual) = (Arc::clone(self), take_hook());
        set_hook(Box::new(move |panic| {
            if start.is_open.load(Ordering::Relaxed) {
                usual(panic);
            } else {
                tracing::error!("{panic}");
            }
        }));
    }

    fn open(self: &Arc<Self>) -> eframe::Result {
        let start = Arc::clone(self);
        eframe::run_native(
            "fathom",
            options(Arc::clone(self)),
            Box::new(move |cc| {
                start.is_open.store(true, Ordering::Relaxed);
                let ctx = cc.egui_ctx.clone();
                let options = WorkerOptions { is_shown: true, ..WorkerOptions::at_home() };
                match Worker::spawn(move || ctx.request_repaint(), options) {
                    Ok(worker) => start.app(cc, Link::from_worker(worker)),
                    Err(source) => {
                        *start.worker_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
                        Err("no worker".into())
                    }
                }
            }),
        )
    }

    fn app(
        &self,
        cc: &eframe::CreationContext<'_>,
        link: Link,
    ) -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        let examples = crate::examples::scenes();
        for error in examples.iter().filter_map(|scene| scene.unpack_card().err()) {
            tracing::warn!("an example has no picture: {error}");
        }
        let mut app = FathomApp::new(cc, link, examples)?;
        app.set_log_file(self.log_file.clone());
        app.set_takes_drops(display::takes_drops());
        app.set_copied_files(of_desktop);
        app.set_adapter_file(self.file.clone(), self.chosen.clone());
        for remark in self.choosing.remarks() {
            app.warn_of_graphics(remark);
        }
        app.add(self.photos.clone());
        Ok(Box::new(app))
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the driver panicked")
}

fn explain(error: eframe::Error) -> AppError {
    let reason = short(&error.to_string());
    match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => AppError::NoDisplay { reason },
        eframe::Error::Wgpu(_) => AppError::NoAdapter { reason },
        _ => AppError::Window { reason },
    }
}

/// The innermost cause in one line: these errors print causes behind each other, with source lines of libraries.
fn short(error: &str) -> String {
    let line = error.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches(['.', ' ', '{', '}', ':']);
    line.rsplit(": ").next().unwrap_or(line).to_owned()
}

fn options(start: Arc<Start>) -> eframe::NativeOptions {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = allowed_backends();
    setup.native_adapter_selector = Some(Arc::new(move |adapters, surface| start.choosing.select(adapters, surface)));
    setup.device_descriptor = Arc::new(describe_device);
    eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id("fathom")
            .with_title("Fathom")
            .with_icon(icon::window_icon())
            .with_inner_size([1360.0, 860.0])
            .with_min_inner_size([800.0, 520.0])
            .with_drag_and_drop(true),
        event_loop_builder: display::hook(),
        renderer: eframe::Renderer::Wgpu,
        wgpu_options: egui_wgpu::WgpuConfiguration { wgpu_setup: WgpuSetup::CreateNew(setup), ..Default::default() },
        ..Default::default()
    }
}

/// What the window asks of an adapter: what every desktop adapter has, and room for large scenes and pictures where it
/// has that.
fn describe_device(adapter: &Adapter) -> wgpu::DeviceDescriptor<'static> {
    let has = adapter.limits();
    let least = match adapter.get_info().backend {
        Backend::Gl => wgpu::Limits::downlevel_webgl2_defaults(),
        _ => wgpu::Limits::default(),
    };
    wgpu::DeviceDescriptor {
        label: Some("fathom"),
        required_limits: wgpu::Limits {
            max_texture_dimension_2d: has.max_texture_dimension_2d,
            max_buffer_size: has.max_buffer_size,
            max_storage_buffer_binding_size: has.max_storage_buffer_binding_size,
            // Old OpenGL has none of these; then there is no 3D view.
            max_storage_buffers_per_shader_stage: has.max_storage_buffers_per_shader_stage.min(8),
            max_compute_invocations_per_workgroup: has.max_compute_invocations_per_workgroup.min(256),
            max_compute_workgroup_size_x: has.max_compute_workgroup_size_x.min(256),
            max_compute_workgroup_size_y: has.max_compute_workgroup_size_y.min(256),
            max_compute_workgroup_size_z: has.max_compute_workgroup_size_z.min(64),
            max_compute_workgroups_per_dimension: has.max_compute_workgroups_per_dimension.min(65_535),
            ..least
        },
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_short() {
        let winit = "winit EventLoopError: os error at /a/b/mod.rs:765: neither DISPLAY nor\n WAYLAND_DISPLAY is set.";
        assert_eq!(short(winit), "neither DISPLAY nor WAYLAND_DISPLAY is set");
        assert_eq!(short("WGPU error: Failed to create surface: {}"), "Failed to create surface");
    }

    #[test]
    fn errors_name_the_headless_command_in_one_line() {
        for error in [AppError::NoDisplay { reason: "x".into() }, AppError::NoAdapter { reason: "x".into() }] {
            let text = error.to_string();
            assert!(text.contains("fathom depth PHOTOS… --out DIR") && !text.contains('\n'), "{text}");
        }
    }
}
