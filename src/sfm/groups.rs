//! Photos that pairs hold together.

/// The photos of the largest group that pairs hold together, the first of equals; in ascending order.
pub(super) fn largest_group(photos: usize, pairs: impl Iterator<Item = [usize; 2]>) -> Vec<usize> {
    let mut group: Vec<usize> = (0..photos).collect();
    for [a, b] in pairs {
        let (from, to) = (group[a].max(group[b]), group[a].min(group[b]));
        group.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
    }
    let members = |of: usize| (0..photos).filter(|&photo| group[photo] == of).collect::<Vec<_>>();
    (0..photos)
        .map(members)
        .max_by_key(|members| (members.len(), std::cmp::Reverse(members.first().copied())))
        .unwrap_or_default()
}
