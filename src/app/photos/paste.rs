//! What is pasted on the window: copied files and folders, their paths in words, or a picture.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use egui::{ColorImage, Event};
use image::RgbaImage;
use percent_encoding::percent_decode_str;

use super::copied_files::CopiedFiles;
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::worker::{Blame, Problem};

/// Most lines that are looked at: who pastes a book means no files.
const MOST_LINES: usize = 20_000;

impl CopiedFiles {
    /// Adds what was pasted, unless a text field was meant.
    pub fn take_pasted(&mut self, ctx: &egui::Context, desk: &mut Desk) {
        let events = ctx.input(|input| {
            let concerns = |event: &&Event| matches!(event, Event::Paste(_) | Event::PasteImage(_) | Event::Key { .. });
            input.events.iter().filter(concerns).cloned().collect::<Vec<_>>()
        });
        let is_text = ctx.text_edit_focused();
        for event in events {
            let is_untold = self.was_untold(&event);
            match event {
                _ if is_text => {}
                Event::Paste(text) => match paths_in(&text).or_else(|| self.present()) {
                    Some(paths) => desk.add(paths),
                    None => {
                        let what = "What was pasted names no files";
                        let advice = "Copy photos or a folder in a file manager, or a picture, and paste that";
                        desk.state.outcome = Some(format!("{what} · {advice}"));
                        desk.state.notices.tell(Severity::Warning, what, advice);
                    }
                },
                Event::PasteImage(picture) => add_picture(desk, &picture),
                _ if is_untold => self.present().into_iter().for_each(|paths| desk.add(paths)),
                _ => {}
            }
        }
    }

    /// The files on the clipboard that are there, whatever words come with them: a Mac gives bare names as words, Windows none.
    fn present(&self) -> Option<Vec<PathBuf>> {
        let paths: Vec<PathBuf> = self.read().into_iter().filter(|path| path.exists()).collect();
        (!paths.is_empty()).then_some(paths)
    }
}

/// A pasted picture has no file: it gets one, so that sessions and later runs find it.
fn add_picture(desk: &mut Desk, picture: &ColorImage) {
    match keep(picture, folder().as_deref()) {
        Ok(path) => {
            desk.state.outcome = Some(format!("The pasted picture is kept as {}", path.display()));
            desk.add(vec![path]);
        }
        Err(reason) => {
            let what = format!("the pasted picture cannot be kept: {reason}");
            let problem = Problem::new(Blame::Machine, what, "Save the picture to a file, and add that");
            desk.state.notices.add(Severity::Error, problem, Vec::new(), true);
        }
    }
}

/// Where pasted pictures are kept.
fn folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "fathom").map(|folders| folders.data_local_dir().join("pasted"))
}

fn keep(picture: &ColorImage, folder: Option<&Path>) -> Result<PathBuf, String> {
    let folder = folder.ok_or("this system has no folder for it")?;
    let [width, height] = picture.size.map(|side| side as u32);
    if picture.pixels.is_empty() {
        return Err("it has no pixels".into());
    }
    let pixels = picture.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
    let image = RgbaImage::from_raw(width, height, pixels).ok_or("it has no pixels")?;
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let path = folder.join(format!("pasted-{millis}.png"));
    image.save(&path).map_err(|error| error.to_string())?;
    Ok(path)
}

/// The files and folders that a text names, one a line, as paths or as `file:` addresses (text/uri-list, RFC 2483, whose remarks
/// begin with #); `None` where a line names none.
fn paths_in(text: &str) -> Option<Vec<PathBuf>> {
    // GNOME says first whether files were copied or cut.
    let is_said = |line: &&str| !line.is_empty() && !line.starts_with('#') && !["copy", "cut"].contains(line);
    let lines = text.lines().map(|line| line.trim_matches(['\0', '\r', ' ', '\t'])).filter(is_said);
    let paths: Vec<PathBuf> = lines.take(MOST_LINES).map(path_of).collect::<Option<_>>()?;
    (!paths.is_empty()).then_some(paths)
}

fn path_of(line: &str) -> Option<PathBuf> {
    let path = match line.strip_prefix("file:") {
        Some(address) => decoded(address)?,
        // "Copy as path" puts quotes around it.
        None => PathBuf::from(line.trim_matches('"')),
    };
    (path.is_absolute() && path.exists()).then_some(path)
}

/// The path of what stands behind `file:`, with or without a host (RFC 8089).
fn decoded(address: &str) -> Option<PathBuf> {
    let path = match address.strip_prefix("//") {
        Some(rest) => &rest[rest.find('/')?..],
        None => address,
    };
    let text = percent_decode_str(path).decode_utf8().ok()?;
    // Windows: /C:/photos.
    let text = if cfg!(windows) { text.trim_start_matches('/') } else { &text };
    Some(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_files_are_found_however_they_are_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let [a, b] = ["a b.jpg", "grün #1.png"].map(|name| dir.path().join(name));
        for path in [&a, &b] {
            std::fs::write(path, b"x").expect("written");
        }
        let base = dir.path().to_str().expect("text").replace('\\', "/");
        let base = if cfg!(windows) { format!("/{base}") } else { base };
        let addresses = format!("# two\r\nfile://{base}/a%20b.jpg\r\nfile://localhost{base}/gr%C3%BCn%20%231.png\r\n");
        let both = Some(vec![a.clone(), b.clone()]);
        assert_eq!(paths_in(&addresses), both);
        assert_eq!(paths_in(&format!("copy\nfile:{base}/a%20b.jpg\0")), Some(vec![a.clone()]));
        assert_eq!(paths_in(&format!("{}\n\"{}\"\n", a.display(), b.display())), both);
        assert_eq!(paths_in(&dir.path().display().to_string()), Some(vec![dir.path().to_owned()]));
        for words in ["", "hello", "a b.jpg", "file:///nowhere/at/all.jpg", "https://example.org/a.jpg"] {
            assert_eq!(paths_in(words), None, "{words}");
        }
    }

    #[test]
    fn a_picture_becomes_a_file_with_its_colours() {
        let dir = tempfile::tempdir().expect("a folder");
        let picture = ColorImage::from_rgba_unmultiplied([2, 1], &[255, 0, 0, 255, 1, 2, 3, 255]);
        let path = keep(&picture, Some(&dir.path().join("new"))).expect("kept");
        assert_eq!(image::open(path).expect("a picture").into_rgba8().into_raw(), [255, 0, 0, 255, 1, 2, 3, 255]);
    }
}
