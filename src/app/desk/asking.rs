//! What a person is asked for, and what follows from the answer.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbaImage;

use super::open_dialog::Open;
use super::places::Purpose;
use super::save_dialog::SaveAs;
use super::tasks::{TaskDone, Tasks, Work, cameras};
use crate::catalog::{self, Entry};
use crate::export::AnimationFormat;

impl Tasks {
    /// Asks for photos.
    pub fn pick_photos(&mut self) -> std::io::Result<()> {
        let ask = self.dialogs.for_photos();
        self.spawn(Work::Dialog, "photo dialog", move || {
            let paths = ask();
            match paths.first().cloned() {
                Some(first) => TaskDone::Answered(Purpose::Photos, first, TaskDone::Picked(paths).into()),
                None => TaskDone::Nothing,
            }
        })
    }

    /// Asks for a folder of photos.
    pub fn pick_folder(&mut self) -> std::io::Result<()> {
        self.pick(Open::Folder, None, |path| TaskDone::Picked(vec![path]))
    }

    /// Asks for a session.
    pub fn pick_session(&mut self) -> std::io::Result<()> {
        self.pick(Open::Session, None, |path| TaskDone::Found { path, others: 0 })
    }

    /// Asks for a model's weight file, or for the folder with it, and looks whether it is that model's.
    pub fn pick_weights(&mut self, entry: &'static Entry, what: Open) -> std::io::Result<()> {
        self.pick(what, None, move |path| TaskDone::Weights(entry, catalog::chosen(entry, &path)))
    }

    /// Asks for cameras that are known before a run, and reads them.
    pub fn pick_cameras(&mut self, what: Open) -> std::io::Result<()> {
        self.pick(what, None, cameras)
    }

    /// Asks for the folder with masks of the photos.
    pub fn pick_masks(&mut self) -> std::io::Result<()> {
        self.pick(Open::MaskFolder, None, TaskDone::Masks)
    }

    /// Asks for depths that are known.
    pub fn pick_depths(&mut self, what: Open) -> std::io::Result<()> {
        self.pick(what, None, TaskDone::Depths)
    }

    /// Asks for a folder to export into, first in `beside`.
    pub fn pick_export_folder(&mut self, beside: Option<PathBuf>) -> std::io::Result<()> {
        self.pick(Open::ExportFolder, beside, TaskDone::ExportInto)
    }

    /// Asks for the file that a session is to become.
    pub fn pick_session_file(&mut self, offered: PathBuf) -> std::io::Result<()> {
        self.pick_place(SaveAs::Session(offered), TaskDone::SessionInto)
    }

    /// Asks for the file that a picture is to become.
    pub fn pick_picture_file(&mut self, picture: Arc<RgbaImage>, offered: PathBuf) -> std::io::Result<()> {
        self.pick_place(SaveAs::Picture(offered), |path| TaskDone::PictureInto(path, picture))
    }

    /// Asks for the place of a film.
    pub fn pick_film_place(&mut self, format: AnimationFormat, offered: PathBuf) -> std::io::Result<()> {
        self.pick_place(SaveAs::Film(format, offered), TaskDone::FilmInto)
    }

    fn pick(
        &mut self,
        what: Open,
        first_in: Option<PathBuf>,
        then: impl FnOnce(PathBuf) -> TaskDone + Send + 'static,
    ) -> std::io::Result<()> {
        let ask = self.dialogs.for_opening(what, first_in);
        self.spawn(Work::Dialog, "file dialog", move || answered(what.purpose(), ask(), then))
    }

    fn pick_place(
        &mut self,
        what: SaveAs,
        then: impl FnOnce(PathBuf) -> TaskDone + Send + 'static,
    ) -> std::io::Result<()> {
        let purpose = what.purpose();
        let ask = self.dialogs.for_saving(what);
        self.spawn(Work::Dialog, "save dialog", move || answered(purpose, ask(), then))
    }
}

fn answered(purpose: Purpose, answer: Option<PathBuf>, then: impl FnOnce(PathBuf) -> TaskDone) -> TaskDone {
    match answer {
        Some(path) => TaskDone::Answered(purpose, path.clone(), then(path).into()),
        None => TaskDone::Nothing,
    }
}
