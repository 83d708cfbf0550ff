//! The list of photos: order, selection and the state of each.

use std::collections::HashSet;
use std::path::PathBuf;

use super::selection::Selection;
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
    /// Another number after each run that has read the file.
    pub reading: u64,
}

impl Row {
    /// What is told of this photo, without its name, which often stands before it: "the file is empty".
    pub fn without_name(&self, what: &str) -> String {
        let whole = self.path.display().to_string();
        let names = [whole.clone(), capital(&whole), self.name.clone(), capital(&self.name)];
        let rest = names.iter().find_map(|name| what.strip_prefix(name.as_str())).unwrap_or(what);
        rest.trim_start_matches([':', ' ']).to_owned()
    }
}

/// A text as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The photos in the order in which a run sees them.
#[derive(Clone, Debug, Default)]
pub struct ViewList {
    rows: Vec<Row>,
    selection: Selection,
    next_id: u64,
    readings: u64,
}

impl ViewList {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The selected view that is shown; see [`Self::selection`] for all.
    pub fn selected(&self) -> Option<ViewId> {
        self.selection.lead()
    }

    pub fn selected_row(&self) -> Option<&Row> {
        self.selected().and_then(|id| self.row(id))
    }

    pub fn is_selected(&self, id: ViewId) -> bool {
        self.selection.has(id)
    }

    /// How many are selected.
    pub fn selected_count(&self) -> usize {
        self.selection.count()
    }

    /// All that are selected, in the order of the list.
    pub fn selection(&self) -> Vec<ViewId> {
        self.rows.iter().map(|row| row.id).filter(|id| self.is_selected(*id)).collect()
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
            self.rows.push(Row { id, path, name, size, state, file, stamp, reading: 0 });
        }
        if self.selected().is_none() {
            self.selection.only(self.rows.first().map(|row| row.id));
        }
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
            self.readings += 1;
            (row.file, row.stamp, row.reading) = (PhotoFile::AsItWas, None, self.readings);
        }
    }

    fn order(&self) -> Vec<ViewId> {
        self.rows.iter().map(|row| row.id).collect()
    }

    /// Selects this one alone.
    pub fn select(&mut self, id: ViewId) {
        if self.position(id).is_some() {
            self.selection.only(Some(id));
        }
    }

    /// Selects this one beside the others, or not any more.
    pub fn select_also(&mut self, id: ViewId) {
        if self.position(id).is_some() {
            self.selection.toggle(id, &self.order());
        }
    }

    /// Selects the stretch of the list from where the last one began to this one.
    pub fn select_to(&mut self, id: ViewId) {
        self.selection.stretch_to(id, &self.order());
    }

    pub fn select_all(&mut self) {
        self.selection.all(&self.order());
    }

    /// Selects the one alone that is shown; false where that was so.
    pub fn select_one(&mut self) -> bool {
        let is_change = self.selection.count() > 1;
        self.selection.only(self.selected());
        is_change
    }

    /// Selects the row `by` places further down, stopping at the ends.
    pub fn select_by(&mut self, by: isize) {
        self.selection.only(self.neighbour(by));
    }

    /// The same for the stretch that is selected.
    pub fn stretch_by(&mut self, by: isize) {
        if let Some(id) = self.neighbour(by) {
            self.select_to(id);
        }
    }

    fn neighbour(&self, by: isize) -> Option<ViewId> {
        let last = self.rows.len().checked_sub(1)?;
        let place = self.selected().and_then(|id| self.position(id)).map_or(0, |at| at.saturating_add_signed(by));
        self.rows.get(place.min(last)).map(|row| row.id)
    }

    /// Removes rows; the neighbour of the one that was shown takes its place.
    pub fn remove(&mut self, ids: &[ViewId]) {
        let gone: HashSet<ViewId> = ids.iter().copied().collect();
        let at = self.selected().and_then(|id| self.position(id)).unwrap_or(0);
        let before = self.rows[..at.min(self.rows.len())].iter().filter(|row| !gone.contains(&row.id)).count();
        self.rows.retain(|row| !gone.contains(&row.id));
        let neighbour = before.min(self.rows.len().saturating_sub(1));
        self.selection.keep(&self.order(), self.rows.get(neighbour).map(|row| row.id));
    }

    /// Puts rows that were here before in the place of all; the selection stays where it can, else it is `selected`.
    pub fn put(&mut self, rows: Vec<Row>, selected: Option<ViewId>) {
        self.rows = rows;
        let selected = selected.filter(|id| self.position(*id).is_some());
        self.selection.keep(&self.order(), selected.or_else(|| self.rows.first().map(|row| row.id)));
    }

    pub fn clear(&mut self) {
        self.rows.clear();
        self.selection.only(None);
    }

    /// Puts rows in the place of the row at `to` (clamped), in their order, and moves the others aside. Several stay where they
    /// are where that row is one of them; place 0 is the top all the same.
    pub fn move_to(&mut self, ids: &[ViewId], to: usize) {
        let last = self.rows.len().saturating_sub(1);
        let Some(target) = self.rows.get(to.min(last)).map(|row| row.id) else { return };
        let is_onto_itself = ids.contains(&target);
        if ids.len() > 1 && is_onto_itself && to > 0 {
            return;
        }
        // Counted among the rows that are left, behind the target where they come from above it.
        let first = self.rows.iter().position(|row| ids.contains(&row.id)).unwrap_or(0);
        let above = self.rows[..to.min(last)].iter().filter(|row| !ids.contains(&row.id)).count();
        let to = above + usize::from(first < to && !is_onto_itself);
        let (moved, mut others): (Vec<Row>, Vec<Row>) =
            std::mem::take(&mut self.rows).into_iter().partition(|row| ids.contains(&row.id));
        let to = to.min(others.len());
        others.splice(to..to, moved);
        self.rows = others;
    }

    /// Moves what is selected one place up, or down. What has arrived at the end stays there.
    pub fn move_selection(&mut self, down: bool) {
        for [above, below] in self.swaps(down) {
            if self.is_selected(self.rows[above].id) == down && self.is_selected(self.rows[below].id) != down {
                self.rows.swap(above, below);
            }
        }
    }

    /// Whether [`Self::move_selection`] would change something.
    pub fn can_move_selection(&self, down: bool) -> bool {
        self.rows.windows(2).any(|pair| {
            let [above, below] = [&pair[0], &pair[1]].map(|row| self.is_selected(row.id));
            above == down && below != down
        })
    }

    /// Neighbours in the order in which they change places, so that a block of rows stays together.
    fn swaps(&self, down: bool) -> Vec<[usize; 2]> {
        let mut pairs: Vec<[usize; 2]> = (1..self.rows.len()).map(|below| [below - 1, below]).collect();
        if down {
            pairs.reverse();
        }
        pairs
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

    /// Whether a photo could not be used.
    pub fn is_failed(&self, id: ViewId) -> bool {
        self.row(id).is_some_and(|row| matches!(row.state, RowState::Failed(_)))
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
        list.move_to(&[ViewId(0)], 2);
        assert_eq!(names(&list), ["y.jpg", "z.jpg", "x.jpg"]);
        list.select_by(5);
        list.select_by(-1);
        assert_eq!(list.selected(), Some(ViewId(2)));
        list.remove(&[ViewId(2)]);
        assert_eq!((list.selected(), names(&list)), (Some(ViewId(0)), vec!["y.jpg", "x.jpg"]));
        list.remove(&[ViewId(0), ViewId(1)]);
        assert_eq!(list.selected(), None);
    }

    #[test]
    fn what_is_selected_moves_together_and_is_removed_together() {
        let mut list = three();
        list.add([PathBuf::from("d/w.jpg")], []);
        list.select_to(ViewId(1));
        assert!(!list.can_move_selection(false) && list.can_move_selection(true));
        list.move_selection(true);
        assert_eq!(names(&list), ["z.jpg", "x.jpg", "y.jpg", "w.jpg"]);
        for _ in 0..3 {
            list.move_selection(true);
        }
        assert_eq!(names(&list), ["z.jpg", "w.jpg", "x.jpg", "y.jpg"], "they stop at the end");
        list.move_selection(false);
        assert_eq!(names(&list), ["z.jpg", "x.jpg", "y.jpg", "w.jpg"]);
        list.move_to(&[ViewId(1), ViewId(0)], 0);
        assert_eq!(names(&list), ["x.jpg", "y.jpg", "z.jpg", "w.jpg"]);
        list.remove(&list.selection());
        assert_eq!((names(&list), list.selection()), (vec!["z.jpg", "w.jpg"], vec![ViewId(2)]));
        list.select_all();
        assert!(list.select_one() && !list.select_one());
        list.stretch_by(1);
        assert_eq!(list.selection(), [ViewId(2), ViewId(3)]);
    }

    #[test]
    fn several_rows_take_the_place_of_the_one_that_they_are_dropped_on() {
        let order = |dragged: std::ops::Range<u64>, to| {
            let mut list = ViewList::default();
            list.add((0..8).map(|n| PathBuf::from(format!("{n}.jpg"))), []);
            list.move_to(&dragged.map(ViewId).collect::<Vec<_>>(), to);
            list.rows().iter().map(|row| row.id.0).collect::<Vec<_>>()
        };
        assert_eq!(order(0..4, 2), [0, 1, 2, 3, 4, 5, 6, 7], "onto themselves");
        assert_eq!(order(0..4, 6), [4, 5, 6, 0, 1, 2, 3, 7]);
        assert_eq!(order(4..7, 1), [0, 4, 5, 6, 1, 2, 3, 7]);
        assert_eq!(order(2..4, 0), [2, 3, 0, 1, 4, 5, 6, 7]);
        assert_eq!(order(1..3, 99), [0, 3, 4, 5, 6, 7, 1, 2]);
        assert_eq!(order(5..6, 5), [0, 1, 2, 3, 4, 5, 6, 7]);
        ViewList::default().move_to(&[ViewId(0)], 3);
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
