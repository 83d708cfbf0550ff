//! The points that are on their way through the layers, of both photos.

use super::Points;
use super::layer::Look;
use super::specs::WIDTH;

/// What the network knows of each point, and which point it is.
pub struct Travellers {
    /// [points, 96], those of a before those of b.
    pub x: Vec<f32>,
    /// Their numbers in the photos, in rising order.
    pub points: [Vec<usize>; 2],
    /// Cosines and sines [points, 48] of their positions.
    turns: [[Vec<f32>; 2]; 2],
}

impl Travellers {
    /// `angles`, [48, 2], says how a position turns.
    pub fn new(x: Vec<f32>, photos: [Points; 2], angles: &[f32]) -> Self {
        let points = photos.map(|photo| (0..photo.positions.len()).collect());
        Self { x, points, turns: photos.map(|photo| turns(photo, angles)) }
    }

    pub fn of_a(&self) -> usize {
        self.points[0].len()
    }

    /// Whether a photo has none.
    pub fn is_over(&self) -> bool {
        self.points.iter().any(Vec::is_empty)
    }

    pub fn look_at_themselves(&self) -> Look<'_> {
        Look::AtThemselves(self.turns.each_ref().map(|[cosines, sines]| [&cosines[..], &sines[..]]))
    }

    /// Gives up all others. There is one answer for each point, those of a first.
    pub fn keep(&mut self, is_kept: &[bool]) {
        let (of_a, of_b) = is_kept.split_at(self.of_a());
        retain(&mut self.x, WIDTH, is_kept);
        for (photo, is_kept) in [of_a, of_b].into_iter().enumerate() {
            retain(&mut self.points[photo], 1, is_kept);
            self.turns[photo].iter_mut().for_each(|table| retain(table, WIDTH / 2, is_kept));
        }
    }
}

/// Keeps some rows of `length` numbers.
fn retain<T: Copy>(rows: &mut Vec<T>, length: usize, is_kept: &[bool]) {
    let kept = rows.chunks_exact(length).zip(is_kept).filter(|(_, is_kept)| **is_kept);
    *rows = kept.flat_map(|(row, _)| row).copied().collect();
}

/// Of a photo's positions, which lie between −1 and 1 along its longer side.
fn turns(photo: Points, angles: &[f32]) -> [Vec<f32>; 2] {
    let [width, height] = photo.size;
    let half = width.max(height) / 2.0;
    let place = |&[x, y]: &[f32; 2]| [(x - width / 2.0) / half, (y - height / 2.0) / half];
    let of_point = |[x, y]: [f32; 2]| angles.chunks_exact(2).map(move |angle| angle[0] * x + angle[1] * y);
    let angles: Vec<f32> = photo.positions.iter().map(place).flat_map(of_point).collect();
    [angles.iter().map(|angle| angle.cos()).collect(), angles.iter().map(|angle| angle.sin()).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_kept_keep_all_that_is_theirs() {
        let positions = [[0.0, 0.0], [10.0, 0.0], [20.0, 10.0]];
        let photo = Points { positions: &positions, descriptors: &[], size: [20.0, 10.0] };
        let angles: Vec<f32> = [1.0, 0.0].repeat(WIDTH / 2);
        let x: Vec<f32> = (0..6).flat_map(|point| [point as f32; WIDTH]).collect();
        let mut travellers = Travellers::new(x, [photo; 2], &angles);
        travellers.keep(&[false, true, true, true, false, false]);
        assert_eq!(travellers.points, [vec![1, 2], vec![0]]);
        let first: Vec<f32> = travellers.x.iter().step_by(WIDTH).copied().collect();
        assert_eq!(first, [1.0, 2.0, 3.0]);
        // The middle, the right rim; and the left rim.
        let [[cos_a, sin_a], [_, sin_b]] = &travellers.turns;
        assert_eq!((cos_a[0], sin_a[WIDTH / 2], sin_b[0]), (1.0, 1f32.sin(), (-1f32).sin()));
        assert!(!travellers.is_over());
        travellers.keep(&[true, true, false]);
        assert!(travellers.is_over());
    }
}
