//! By which display server the window is shown, where a system has two.
//!
//! Through Wayland no files can be dropped on a window of winit 0.30, through X11 they can, and a Wayland desktop shows X11
//! windows as well. So X11 it is, wherever it is there; `FATHOM_DISPLAY` (`wayland` or `x11`) says otherwise.

use std::ffi::OsStr;

use eframe::EventLoopBuilderHook;

const CHOICE: &str = "FATHOM_DISPLAY";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    X11,
    Wayland,
}

/// The server, on a system that has these.
fn server() -> Option<Server> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let choice = variable(CHOICE);
    chosen(choice.as_deref(), variable("DISPLAY").is_some(), variable("WAYLAND_DISPLAY").is_some())
}

/// `None` where winit is to look for one, and to say that there is none.
fn chosen(choice: Option<&OsStr>, has_x11: bool, has_wayland: bool) -> Option<Server> {
    match choice.and_then(OsStr::to_str) {
        Some("wayland") => Some(Server::Wayland),
        Some("x11") => Some(Server::X11),
        _ if has_x11 => Some(Server::X11),
        _ => has_wayland.then_some(Server::Wayland),
    }
}

/// Whether files can be dropped on the window.
pub fn takes_drops() -> bool {
    server() != Some(Server::Wayland)
}

/// Has the event loop use the chosen server.
pub fn hook() -> Option<EventLoopBuilderHook> {
    #[cfg(target_os = "linux")]
    {
        use winit::platform::wayland::EventLoopBuilderExtWayland;
        use winit::platform::x11::EventLoopBuilderExtX11;

        let server = server()?;
        Some(Box::new(move |builder| {
            match server {
                Server::X11 => builder.with_x11(),
                Server::Wayland => builder.with_wayland(),
            };
        }))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x11_comes_first_unless_somebody_says_otherwise() {
        let wayland = Some(OsStr::new("wayland"));
        assert_eq!(chosen(None, true, true), Some(Server::X11));
        assert_eq!(chosen(None, false, true), Some(Server::Wayland));
        assert_eq!(chosen(wayland, true, true), Some(Server::Wayland));
        assert_eq!(chosen(Some(OsStr::new("mir")), true, true), Some(Server::X11));
        assert_eq!(chosen(None, false, false), None);
    }
}
