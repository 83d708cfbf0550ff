//! A film shown in the view before it is made: the camera goes its way, over and over.

use super::film_choices::Course;
use crate::scene::OrbitCamera;

/// A film that is looked at.
pub struct Preview {
    pub course: Course,
    cameras: Vec<OrbitCamera>,
    /// Where a person looks from; whoever moves sees what they do, and no film.
    home: OrbitCamera,
    /// On the window's clock; `None` before the first picture.
    began: Option<f64>,
}

impl Preview {
    /// Of `cameras`, one per picture, while a person stays at `home`.
    pub fn new(course: Course, cameras: Vec<OrbitCamera>, home: OrbitCamera) -> Self {
        Self { course, cameras, home, began: None }
    }

    /// Where the film is at `time` (seconds); `None` once it is over because somebody has moved to `now`.
    pub fn at(&mut self, time: f64, now: &OrbitCamera) -> Option<OrbitCamera> {
        if *now != self.home {
            return None;
        }
        let began = *self.began.get_or_insert(time);
        let picture = ((time - began).max(0.0) * f64::from(self.course.fps)) as usize;
        self.cameras.get(picture % self.cameras.len().max(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::super::film_choices::Way;
    use super::*;
    use crate::geometry::Rigid;
    use crate::scene::{Bounds, sway};

    #[test]
    fn it_runs_at_its_pace_again_and_again_until_somebody_moves() {
        let bounds = Bounds { min: Vec3::splat(-1.0), max: Vec3::splat(1.0) };
        let home = OrbitCamera::new(&Rigid::IDENTITY, &bounds, 1.5);
        let cameras = sway(&home, 20);
        let course = Course { way: Way::Sway, seconds: 2, fps: 10 };
        let mut preview = Preview::new(course, cameras.clone(), home);
        for (time, picture) in [(5.0, 0), (5.55, 5), (6.45, 14), (7.05, 0), (27.55, 5)] {
            assert_eq!(preview.at(time, &home), Some(cameras[picture]), "at {time}");
        }
        assert_eq!(preview.at(28.0, &home.beside(0.1)), None);
        assert_eq!(Preview::new(course, Vec::new(), home).at(1.0, &home), None);
    }
}
