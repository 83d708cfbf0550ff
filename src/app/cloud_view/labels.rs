//! Room for labels over the 3D view: inside it, and none on another.

use egui::{Pos2, Rect, Vec2};

/// Between two labels, in points.
const GAP: f32 = 3.0;
/// Step of the search for room, and its length.
const STEP: f32 = 5.0;
const STEPS: usize = 30;

/// Ways to go from where a label belongs: along the screen's axes first, above before below.
const WAYS: [Vec2; 8] = [
    Vec2::new(0.0, -1.0),
    Vec2::new(0.0, 1.0),
    Vec2::new(1.0, 0.0),
    Vec2::new(-1.0, 0.0),
    Vec2::new(0.7, -0.7),
    Vec2::new(-0.7, -0.7),
    Vec2::new(0.7, 0.7),
    Vec2::new(-0.7, 0.7),
];

/// Rectangles for labels by where their middle belongs and how large they are, as near to it as there is room beside what
/// is `taken`. The first ones choose first; `None` for a label without room.
pub fn place(labels: &[(Pos2, Vec2)], view: Rect, taken: &[Rect]) -> Vec<Option<Rect>> {
    let mut taken = taken.to_vec();
    let place_one = |&(middle, size): &(Pos2, Vec2)| {
        let offsets = (0..STEPS).flat_map(|step| WAYS.map(|way| way * (step as f32 * STEP)));
        let mut candidates = offsets.filter_map(|offset| inside(Rect::from_center_size(middle + offset, size), view));
        let found = candidates.find(|rect| !taken.iter().any(|other| other.expand(GAP).intersects(*rect)))?;
        taken.push(found);
        Some(found)
    };
    labels.iter().map(place_one).collect()
}

/// Moved as little as it takes to lie inside; `None` where the view is smaller.
fn inside(rect: Rect, view: Rect) -> Option<Rect> {
    if rect.width() > view.width() || rect.height() > view.height() || rect.any_nan() {
        return None;
    }
    Some(rect.translate((view.min - rect.min).max(Vec2::ZERO) + (view.max - rect.max).min(Vec2::ZERO)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: Rect = Rect { min: Pos2::new(10.0, 10.0), max: Pos2::new(310.0, 210.0) };
    const SIZE: Vec2 = Vec2::new(60.0, 20.0);

    #[test]
    fn a_label_with_room_stays_where_it_belongs() {
        let at = Pos2::new(100.0, 100.0);
        assert_eq!(place(&[(at, SIZE)], VIEW, &[]), [Some(Rect::from_center_size(at, SIZE))]);
    }

    #[test]
    fn labels_lie_inside_and_not_on_each_other_nor_on_what_is_there() {
        let panel = Rect::from_min_max(VIEW.min, Pos2::new(120.0, 90.0));
        let wanted: Vec<_> =
            (0..12).map(|i| (Pos2::new(15.0 + 3.0 * i as f32, 20.0 + 14.0 * i as f32), SIZE)).collect();
        let placed: Vec<_> = place(&wanted, VIEW, &[panel]).into_iter().flatten().collect();
        assert!(placed.len() >= 8, "{} have room", placed.len());
        for (i, rect) in placed.iter().enumerate() {
            assert!(VIEW.contains_rect(*rect) && !panel.intersects(*rect), "{rect:?}");
            assert!(placed[..i].iter().all(|other| !other.intersects(*rect)), "{rect:?}");
        }
    }

    #[test]
    fn without_room_there_is_no_label() {
        assert_eq!(place(&[(VIEW.center(), SIZE)], VIEW, &[VIEW]), [None]);
        assert_eq!(place(&[(VIEW.center(), Vec2::new(400.0, 20.0))], VIEW, &[]), [None]);
    }
}
