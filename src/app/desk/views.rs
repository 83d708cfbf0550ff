//! The list of photos: order, selection and the state of each.

use std::path::PathBuf;

use crate::input::ViewId;
use crate::session::{Failure, PhotoFile, SavedPhoto, Stamp};
use crate::worker::{Blame, Photo, Problem};

/// Where one photo stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowState {
    Waiting,
    Running,
    Done,
    Failed(Problem),
}

impl RowState {
    pub fn label(&self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed(_) => "Failed",
        }
    }
}

/// One photo of the list.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: ViewId,
    pub path: PathBuf,
    /// File name as shown; characters that are not Unicode are replaced.
    pub name: String,
    /// Width and height as shown, where the file's header tells.
    pub size: Option<[u32; 2]>,
    pub state: RowState,
    /// Of a photo that came with a session: whether its file is the one that its result was made of, and how to tell.
    pub file: PhotoFile,
    pub stamp: Option<Stamp>,
}

/// The photos in the order in which a run sees them.
#[derive(Clone, Debug, Default)]
pub struct ViewList {
    rows: Vec<Row>,
    selected: Option<ViewId>,
    next_id: u64,
}

impl ViewList {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn selected(&self) -> Option<ViewId> {
        self.selected
    }

    pub fn selected_row(&self) -> Option<&Row> {
        self.selected.and_then(|id| self.row(id))
    }

    pub fn row(&self, id: ViewId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    pub fn position(&self, id: ViewId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// Appends photos and gives their ids; the first one is selected where nothing was. `sizes` belong to the photos from
    /// the first on.
    pub fn add(
        &mut self,
        paths: impl IntoIterator<Item = PathBuf>,
        sizes: impl IntoIterator<Item = Option<[u32; 2]>>,
    ) -> Vec<ViewId> {
        let first = self.rows.len();
        let mut sizes = sizes.into_iter();
        for path in paths {
            let size = sizes.next().flatten();
            let id = ViewId(self.next_id);
            self.next_id += 1;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let (state, file, stamp) = (RowState::Waiting, PhotoFile::AsItWas, None);
            self.rows.push(Row { id, path, name, size, state, file, stamp });
        }
        self.selected = self.selected.or_else(|| self.rows.first().map(|row| row.id));
        self.rows[first..].iter().map(|row| row.id).collect()
    }

    /// Puts the photos of a session in the place of all others and gives their ids.
    pub fn restore(&mut self, photos: &[SavedPhoto]) -> Vec<ViewId> {
        self.clear();
        let ids = self.add(photos.iter().map(|photo| photo.path.clone()), photos.iter().map(|photo| photo.size));
        for (row, photo) in self.rows.iter_mut().zip(photos) {
            (row.file, row.stamp) = (photo.file, photo.stamp);
            if let Some(Failure { what, advice }) = &photo.failure {
                row.state = RowState::Failed(Problem::new(Blame::File, what, advice));
            }
        }
        ids
    }

    /// A run has read the photo's file as it is now.
    pub fn file_was_read(&mut self, id: ViewId) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            (row.file, row.stamp) = (PhotoFile::AsItWas, None);
        }
    }

    pub fn select(&mut self, id: ViewId) {
        if self.position(id).is_some() {
            self.selected = Some(id);
        }
    }

    /// Selects the row `by` places further down, stopping at the ends.
    pub fn select_by(&mut self, by: isize) {
        let Some(last) = self.rows.len().checked_sub(1) else { return };
        let place = self.selected.and_then(|id| self.position(id)).map_or(0, |at| at.saturating_add_signed(by));
        self.selected = self.rows.get(place.min(last)).map(|row| row.id);
    }

    /// Removes a row; its neighbour takes the selection.
    pub fn remove(&mut self, id: ViewId) {
        let Some(at) = self.position(id) else { return };
        self.rows.remove(at);
        if self.selected == Some(id) {
            let neighbour = at.min(self.rows.len().saturating_sub(1));
            self.selected = self.rows.get(neighbour).map(|row| row.id);
        }
    }

    /// Puts rows that were here before in the place of all; the selection stays where it can, else it is `selected`.
    pub fn put(&mut self, rows: Vec<Row>, selected: Option<ViewId>) {
        self.rows = rows;
        let is_here = |id: &ViewId| self.rows.iter().any(|row| row.id == *id);
        let selected = self.selected.filter(is_here).or(selected.filter(is_here));
        self.selected = selected.or_else(|| self.rows.first().map(|row| row.id));
    }

    pub fn clear(&mut self) {
        self.rows.clear();
        self.selected = None;
    }

    /// Puts a row at place `to` (clamped) and moves the others aside.
    pub fn move_to(&mut self, id: ViewId, to: usize) {
        let Some(from) = self.position(id) else { return };
        let row = self.rows.remove(from);
        self.rows.insert(to.min(self.rows.len()), row);
    }

    pub fn set_state(&mut self, id: ViewId, state: RowState) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.state = state;
        }
    }

    /// Changes every state at once.
    pub fn map_states(&mut self, change: impl Fn(&Row) -> Option<RowState>) {
        for row in &mut self.rows {
            if let Some(state) = change(row) {
                row.state = state;
            }
        }
    }

    /// Sizes of the photos that tell theirs.
    pub fn sizes(&self) -> Vec<[u32; 2]> {
        self.rows.iter().filter_map(|row| row.size).collect()
    }

    /// Photos that could not be used.
    pub fn failed(&self) -> impl Iterator<Item = ViewId> {
        self.rows.iter().filter(|row| matches!(row.state, RowState::Failed(_))).map(|row| row.id)
    }

    /// What a run over some rows is given.
    pub fn photos_of(&self, is_wanted: impl Fn(&Row) -> bool) -> Vec<Photo> {
        self.rows.iter().filter(|row| is_wanted(row)).map(|row| Photo { id: row.id, path: row.path.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> ViewList {
        let mut list = ViewList::default();
        list.add(["a/x.jpg", "b/y.jpg", "c/z.jpg"].map(PathBuf::from), [Some([4, 3])]);
        list
    }

    fn names(list: &ViewList) -> Vec<&str> {
        list.rows().iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn order_selection_and_removal() {
        let mut list = three();
        assert_eq!(list.selected(), Some(ViewId(0)));
        list.move_to(ViewId(0), 2);
        assert_eq!(names(&list), ["y.jpg", "z.jpg", "x.jpg"]);
        list.select_by(5);
        list.select_by(-1);
        assert_eq!(list.selected(), Some(ViewId(2)));
        list.remove(ViewId(2));
        assert_eq!((list.selected(), names(&list)), (Some(ViewId(0)), vec!["y.jpg", "x.jpg"]));
        list.remove(ViewId(0));
        list.remove(ViewId(1));
        assert_eq!(list.selected(), None);
    }

    #[test]
    fn the_same_file_twice_has_two_ids() {
        let mut list = three();
        list.add([PathBuf::from("a/x.jpg")], []);
        assert_eq!(list.sizes(), [[4, 3]], "the others told none");
        let ids: std::collections::HashSet<_> = list.rows().iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), 4);
    }
}
