//! How much of a scene is drawn while something moves, and how the rest comes back when it rests.

/// Seconds after the last change until detail returns.
pub const SETTLE_SECS: f64 = 0.08;

/// Changes closer than this, in seconds, are one movement: their pace says what the adapter can draw.
const MOVEMENT_SECS: f64 = 0.5;

/// Points per picture to begin with, on a graphics card and on a software adapter.
const FIRST_BUDGET: f64 = 8e6;
const FIRST_SOFTWARE_BUDGET: f64 = 1e6;

/// Fewer save next to nothing: the pixels of the picture and of the window cost the rest.
const LEAST_BUDGET: f64 = 2.5e5;
const MOST_BUDGET: f64 = 2e8;

/// Seconds from picture to picture that are aimed at while something moves.
const SMOOTH_SECS: f64 = 1.0 / 45.0;
const SOFTWARE_SMOOTH_SECS: f64 = 0.09;

/// Decides on every how many rows and columns are drawn.
///
/// While pictures change, as many points are drawn as the pace of the pictures before allows. At rest the stride halves
/// with every finished picture until it is one: the last picture leaves nothing out.
pub struct Detail {
    budget: f64,
    smooth_secs: f64,
    stride: u32,
    changed: Option<f64>,
}

impl Detail {
    pub fn new(is_software: bool) -> Self {
        Self {
            budget: if is_software { FIRST_SOFTWARE_BUDGET } else { FIRST_BUDGET },
            smooth_secs: if is_software { SOFTWARE_SMOOTH_SECS } else { SMOOTH_SECS },
            stride: 1,
            changed: None,
        }
    }

    /// Points that one slice of a picture may take. A point is met twice on its way onto the screen.
    pub fn slice(&self) -> u64 {
        (2.0 * self.budget) as u64
    }

    /// A picture that differs from the last one is due at `time`: returns every how many rows and columns of `points` to draw.
    pub fn at_change(&mut self, time: f64, points: usize) -> u32 {
        if let Some(before) = self.changed.filter(|before| time - before < MOVEMENT_SECS) {
            self.learn(time - before);
        }
        self.changed = Some(time);
        self.stride = self.stride_for(points);
        self.stride
    }

    /// The picture is the last one: returns the stride to draw with now. `is_complete`: the last stride's picture is there.
    pub fn at_rest(&mut self, time: f64, is_complete: bool) -> u32 {
        if is_complete && !self.is_settling(time) {
            self.stride = self.stride.div_ceil(2);
        }
        self.stride
    }

    /// Whether there is more detail to come.
    pub fn is_coarse(&self) -> bool {
        self.stride > 1
    }

    /// Whether the last change is so fresh that the next one may follow.
    pub fn is_settling(&self, time: f64) -> bool {
        self.changed.is_some_and(|changed| time - changed < SETTLE_SECS)
    }

    fn learn(&mut self, seconds: f64) {
        // A stride of one says nothing about how much more there could be, and little about what is too much.
        let factor = if seconds > self.smooth_secs * 1.25 {
            0.8
        } else if seconds < self.smooth_secs * 0.9 && self.stride > 1 {
            1.2
        } else {
            1.0
        };
        self.budget = (self.budget * factor).clamp(LEAST_BUDGET, MOST_BUDGET);
    }

    fn stride_for(&self, points: usize) -> u32 {
        ((points as f64 / self.budget).sqrt().ceil() as u32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out_at_rest() {
        let mut detail = Detail::new(true);
        assert_eq!(detail.at_change(0.0, 10_000_000), 4);
        assert_eq!(detail.at_rest(0.04, true), 4, "another change may follow");
        assert_eq!(detail.at_rest(0.1, false), 4, "the draft is not there yet");
        assert_eq!(detail.at_rest(0.12, true), 2);
        assert!(detail.is_coarse());
        assert_eq!((detail.at_rest(0.2, true), detail.is_coarse()), (1, false));
        assert_eq!(detail.at_rest(9.0, true), 1);
    }

    #[test]
    fn small_scenes_are_always_drawn_whole() {
        let mut detail = Detail::new(true);
        assert_eq!(detail.at_change(0.0, 900_000), 1);
    }

    #[test]
    fn the_budget_follows_the_pace() {
        let mut slow = Detail::new(true);
        let mut fast = Detail::new(true);
        for i in 0..20 {
            slow.at_change(f64::from(i) * 0.3, 10_000_000);
            fast.at_change(f64::from(i) * 0.03, 10_000_000);
        }
        assert!(slow.slice() < Detail::new(true).slice() / 3 && fast.slice() > Detail::new(true).slice() * 4);
        let before = slow.slice();
        slow.at_change(100.0, 10_000_000);
        assert_eq!(slow.slice(), before, "a pause is no pace");
    }
}
