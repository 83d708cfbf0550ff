//! Opens the native window, or says in one sentence why there is none.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use egui::ViewportBuilder;
use egui_wgpu::{WgpuSetup, WgpuSetupCreateNew};
use wgpu::{Adapter, Backend, DeviceType};

use crate::worker::{Worker, WorkerOptions};

use super::fathom_app::FathomApp;
use super::link::Link;
use super::{log, window_icon};

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
    #[error("the worker thread cannot be started ({source})")]
    NoWorker { source: std::io::Error },
    #[error("the window failed: {reason}")]
    Window { reason: String },
}

/// Opens the window, adds `photos`, and returns when the window is closed.
///
/// # Errors
/// [`AppError`] says what is missing and names the headless command where that helps.
pub fn run_window(photos: Vec<PathBuf>) -> Result<(), AppError> {
    let log_file = log::start();
    if let Err(error) = &log_file {
        tracing::warn!("no log file: {error}");
    }
    let log_file = log_file.ok();
    tracing::info!("Fathom {} starts", env!("CARGO_PKG_VERSION"));
    // eframe boxes errors of the app away; this keeps ours.
    let worker_error = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&worker_error);
    let result = eframe::run_native(
        "fathom",
        options(),
        Box::new(move |cc| {
            let ctx = cc.egui_ctx.clone();
            let options = WorkerOptions { is_shown: true, ..WorkerOptions::at_home() };
            match Worker::spawn(move || ctx.request_repaint(), options) {
                Ok(worker) => {
                    let examples = crate::examples::scenes();
                    for error in examples.iter().filter_map(|scene| scene.unpack_card().err()) {
                        tracing::warn!("an example has no picture: {error}");
                    }
                    let mut app = FathomApp::new(cc, Link::from_worker(worker), examples)?;
                    app.set_log_file(log_file);
                    app.add(photos);
                    Ok(Box::new(app))
                }
                Err(source) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
                    Err("no worker".into())
                }
            }
        }),
    );
    if let Some(source) = worker_error.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(AppError::NoWorker { source });
    }
    result.map_err(|error| {
        tracing::error!("{error}");
        explain(error)
    })
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

fn options() -> eframe::NativeOptions {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.native_adapter_selector = Some(Arc::new(select_adapter));
    setup.device_descriptor = Arc::new(describe_device);
    eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id("fathom")
            .with_title("Fathom")
            .with_icon(window_icon::window_icon())
            .with_inner_size([1360.0, 860.0])
            .with_min_inner_size([800.0, 520.0])
            .with_drag_and_drop(true),
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

/// The best adapter that can draw on the window: Vulkan, Metal or DX12 on hardware, then OpenGL on hardware, then
/// software.
fn select_adapter(adapters: &[Adapter], surface: Option<&wgpu::Surface<'_>>) -> Result<Adapter, String> {
    let fitting = adapters.iter().filter(|adapter| surface.is_none_or(|surface| adapter.is_surface_supported(surface)));
    let best = fitting.min_by_key(|adapter| {
        let info = adapter.get_info();
        rank(info.device_type, info.backend)
    });
    best.cloned().ok_or_else(|| match adapters.len() {
        0 => "no adapter was found".into(),
        n => format!("none of {n} adapters can draw on this display"),
    })
}

/// Smaller is better.
fn rank(device: DeviceType, backend: Backend) -> (u8, u8, u8) {
    let is_software = u8::from(device == DeviceType::Cpu);
    let is_fallback = u8::from(backend == Backend::Gl);
    let kind = match device {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    };
    (is_software, is_fallback, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_before_opengl_before_software() {
        let best_first = [
            rank(DeviceType::DiscreteGpu, Backend::Vulkan),
            rank(DeviceType::IntegratedGpu, Backend::Metal),
            rank(DeviceType::DiscreteGpu, Backend::Gl),
            rank(DeviceType::Other, Backend::Gl),
            rank(DeviceType::Cpu, Backend::Vulkan),
            rank(DeviceType::Cpu, Backend::Gl),
        ];
        assert!(best_first.is_sorted());
    }

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
