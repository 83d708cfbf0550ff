//! Which views of the list are selected: one that is shown, and others that the same is done with.

use std::collections::HashSet;

use crate::input::ViewId;

/// Of a list that has views, at least one is selected.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The view that is shown.
    lead: Option<ViewId>,
    /// All that are selected, the lead among them.
    all: HashSet<ViewId>,
    /// Where a stretch begins.
    anchor: Option<ViewId>,
}

impl Selection {
    /// The view that is shown.
    pub fn lead(&self) -> Option<ViewId> {
        self.lead
    }

    pub fn has(&self, id: ViewId) -> bool {
        self.all.contains(&id)
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// This one alone, or none.
    pub fn only(&mut self, id: Option<ViewId>) {
        (self.lead, self.anchor) = (id, id);
        self.all = id.into_iter().collect();
    }

    /// This one as well, or not any more; one stays. `order`: the views of the list.
    pub fn toggle(&mut self, id: ViewId, order: &[ViewId]) {
        if !self.has(id) {
            self.all.insert(id);
            (self.lead, self.anchor) = (Some(id), Some(id));
        } else if self.all.len() > 1 {
            self.all.remove(&id);
            if self.lead == Some(id) {
                let at = order.iter().position(|other| *other == id).unwrap_or(0);
                let next = order[at..].iter().chain(order[..at].iter().rev()).find(|other| self.has(**other));
                (self.lead, self.anchor) = (next.copied(), next.copied());
            }
        }
    }

    /// The stretch of the list from where the last one began to this view.
    pub fn stretch_to(&mut self, id: ViewId, order: &[ViewId]) {
        let place = |wanted: Option<ViewId>| order.iter().position(|other| Some(*other) == wanted);
        let Some(to) = place(Some(id)) else { return };
        let from = place(self.anchor).or(place(self.lead)).unwrap_or(to);
        self.all = order[from.min(to)..=from.max(to)].iter().copied().collect();
        (self.lead, self.anchor) = (Some(id), order.get(from).copied());
    }

    /// All views, of which the same one stays shown.
    pub fn all(&mut self, order: &[ViewId]) {
        self.all = order.iter().copied().collect();
    }

    /// Forgets views that are not in the list any more. Where the one that was shown is among them, `instead` is, alone.
    pub fn keep(&mut self, order: &[ViewId], instead: Option<ViewId>) {
        let here: HashSet<ViewId> = order.iter().copied().collect();
        self.all.retain(|id| here.contains(id));
        self.anchor = self.anchor.filter(|id| here.contains(id));
        if self.lead.is_none_or(|id| !here.contains(&id)) {
            self.only(instead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: [ViewId; 5] = [ViewId(4), ViewId(1), ViewId(3), ViewId(0), ViewId(2)];

    fn of(selection: &Selection) -> Vec<u64> {
        ORDER.iter().filter(|id| selection.has(**id)).map(|id| id.0).collect()
    }

    #[test]
    fn a_stretch_turns_around_where_it_began() {
        let mut selection = Selection::default();
        selection.only(Some(ViewId(3)));
        selection.stretch_to(ViewId(2), &ORDER);
        assert_eq!((of(&selection), selection.lead()), (vec![3, 0, 2], Some(ViewId(2))));
        selection.stretch_to(ViewId(4), &ORDER);
        assert_eq!((of(&selection), selection.lead()), (vec![4, 1, 3], Some(ViewId(4))));
    }

    #[test]
    fn single_views_come_and_go_and_one_stays() {
        let mut selection = Selection::default();
        selection.only(Some(ViewId(4)));
        selection.toggle(ViewId(4), &ORDER);
        assert_eq!(of(&selection), [4]);
        selection.toggle(ViewId(0), &ORDER);
        selection.toggle(ViewId(2), &ORDER);
        assert_eq!((of(&selection), selection.lead()), (vec![4, 0, 2], Some(ViewId(2))));
        selection.toggle(ViewId(2), &ORDER);
        assert_eq!((of(&selection), selection.lead()), (vec![4, 0], Some(ViewId(0))), "the nearest is shown");
    }

    #[test]
    fn what_has_left_the_list_is_not_selected() {
        let mut selection = Selection::default();
        selection.only(Some(ViewId(4)));
        selection.all(&ORDER);
        selection.keep(&ORDER[..2], None);
        assert_eq!((of(&selection), selection.count(), selection.lead()), (vec![4, 1], 2, Some(ViewId(4))));
        selection.keep(&ORDER[1..2], Some(ViewId(1)));
        assert_eq!((of(&selection), selection.lead()), (vec![1], Some(ViewId(1))));
        selection.keep(&[], None);
        assert_eq!((selection.count(), selection.lead()), (0, None));
    }
}
