//! Lines that a person measures in the world, and their lengths in words.

use std::fmt::Write;

use glam::Vec3;

use crate::inference::DepthUnit;

/// True lengths that can be typed, in metres: from a tenth of a millimetre to a hundred kilometres.
const TRUE_LENGTHS: [f64; 2] = [1e-4, 1e5];
/// Factors by which a scene may be scaled; beyond them a line was drawn by mistake.
const FACTORS: [f64; 2] = [1e-7, 1e7];

/// Lines through points of the world. The last one may still grow; all others have at least two points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measure {
    lines: Vec<Vec<Vec3>>,
    is_open: bool,
}

impl Measure {
    /// Lines that have ended; what is no line is left out.
    pub fn of_lines(lines: Vec<Vec<Vec3>>) -> Self {
        let is_line = |line: &Vec<Vec3>| line.len() > 1 && line.iter().all(|point| point.is_finite());
        Self { lines: lines.into_iter().filter(is_line).collect(), is_open: false }
    }

    /// All lines, the one that still grows last.
    pub fn lines(&self) -> &[Vec<Vec3>] {
        &self.lines
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line that the next point joins.
    pub fn open(&self) -> Option<&[Vec3]> {
        self.lines.last().filter(|_| self.is_open).map(Vec::as_slice)
    }

    /// The newest line that has a length.
    pub fn last(&self) -> Option<&[Vec3]> {
        self.lines.iter().rev().find(|line| line.len() > 1).map(Vec::as_slice)
    }

    /// Appends a point to the open line, or starts a line with it. A point on the one before, or nowhere, adds nothing.
    pub fn add(&mut self, point: Vec3) {
        if !point.is_finite() {
            return;
        }
        match self.lines.last_mut().filter(|_| self.is_open) {
            Some(line) if line.last() == Some(&point) => {}
            Some(line) => line.push(point),
            None => {
                self.lines.push(vec![point]);
                self.is_open = true;
            }
        }
    }

    /// Takes back the newest point; a line that was ended goes on.
    pub fn remove_last(&mut self) {
        let Some(line) = self.lines.last_mut() else { return };
        line.pop();
        self.is_open = !line.is_empty();
        if !self.is_open {
            self.lines.pop();
        }
    }

    /// Ends the open line, so that the next point starts another. A single point is no line and goes.
    pub fn finish(&mut self) {
        if self.open().is_some_and(|line| line.len() < 2) {
            self.lines.pop();
        }
        self.is_open = false;
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Follows a world whose coordinates are multiplied by `factor`.
    pub fn scale(&mut self, factor: f32) {
        self.lines.iter_mut().flatten().for_each(|point| *point *= factor);
    }

    /// Every point with the length from the one before, and every line's total, as a table with tabs.
    pub fn table(&self, unit: DepthUnit) -> String {
        let mut text = format!("line\tpoint\tx\ty\tz\tlength ({})\n", unit.label());
        for (number, line) in self.lines.iter().enumerate() {
            for (place, point) in line.iter().enumerate() {
                let [x, y, z] = point.to_array();
                let from = place.checked_sub(1).and_then(|before| line.get(before));
                let step = from.map_or(String::new(), |from| figures(from.distance(*point)));
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{}\t{}\t{x:.6}\t{y:.6}\t{z:.6}\t{step}", number + 1, place + 1);
            }
            let _ = writeln!(text, "{}\ttotal\t\t\t\t{}", number + 1, figures(length(line)));
        }
        text
    }
}

/// Length of a line through these points.
pub fn length(line: &[Vec3]) -> f32 {
    line.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

/// A length with four figures and its unit: "2.413 m", "2.413 (relative)".
pub fn length_text(length: f32, unit: DepthUnit) -> String {
    match unit {
        DepthUnit::Metres => format!("{} m", figures(length)),
        DepthUnit::Relative => format!("{} (relative)", figures(length)),
    }
}

/// x, y and z with as many decimals as the largest of them needs for four figures, so that they line up.
pub fn coordinates(point: Vec3) -> [String; 3] {
    let digits = decimals(point.abs().max_element());
    point.to_array().map(|value| fixed(value, digits))
}

fn figures(value: f32) -> String {
    fixed(value, decimals(value.abs()))
}

/// Decimals that give a number of this size four figures.
fn decimals(size: f32) -> usize {
    if !(size > 0.0 && size.is_finite()) {
        return 3;
    }
    (3.0 - size.log10().floor()).clamp(0.0, 6.0) as usize
}

/// Without the sign of a number that is shown as zero.
fn fixed(value: f32, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if !digits.contains(|c: char| c.is_ascii_digit() && c != '0') => digits.to_owned(),
        _ => text,
    }
}

/// By how much a scene grows when what measures `measured` in it is really what somebody typed, in metres.
///
/// # Errors
/// Why this cannot be, as words for the person who typed.
pub fn scale_factor(typed: &str, measured: f32) -> Result<f32, &'static str> {
    let factor = true_length(typed)? / f64::from(measured);
    if (FACTORS[0]..=FACTORS[1]).contains(&factor) {
        Ok(factor as f32)
    } else {
        Err("The last line is too short or too long for that")
    }
}

/// A length that somebody typed, in metres.
///
/// # Errors
/// Why it is none, as words for the person who typed.
pub fn true_length(typed: &str) -> Result<f64, &'static str> {
    let typed = typed.trim().trim_end_matches('m').trim();
    if typed.is_empty() {
        return Err("Type how long the last line really is, in metres");
    }
    let metres: f64 = typed.replace(',', ".").parse().map_err(|_| "This is not a number")?;
    if metres.is_nan() {
        return Err("This is not a number");
    }
    if metres <= 0.0 {
        return Err("A length is more than zero");
    }
    if metres < TRUE_LENGTHS[0] {
        return Err("Shorter than a tenth of a millimetre");
    }
    if metres > TRUE_LENGTHS[1] {
        return Err("Longer than a hundred kilometres");
    }
    Ok(metres)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corner() -> Measure {
        let mut measure = Measure::default();
        [Vec3::ZERO, Vec3::X * 3.0, Vec3::new(3.0, 4.0, 0.0)].into_iter().for_each(|point| measure.add(point));
        measure
    }

    #[test]
    fn lengths_add_up() {
        assert_eq!(length(&corner().lines()[0]), 7.0);
        assert_eq!((length(&[]), length(&[Vec3::ONE])), (0.0, 0.0));
    }

    #[test]
    fn clicks_that_add_nothing() {
        let mut measure = corner();
        measure.add(Vec3::new(3.0, 4.0, 0.0));
        measure.add(Vec3::NAN);
        assert_eq!(measure, corner());
    }

    #[test]
    fn a_line_ends_and_the_next_point_starts_another() {
        let mut measure = corner();
        measure.finish();
        assert!(measure.open().is_none());
        measure.add(Vec3::Z);
        assert_eq!((measure.lines().len(), measure.open().map(<[_]>::len)), (2, Some(1)));
        assert_eq!(measure.last().map(length), Some(7.0), "a single point has no length");
        measure.finish();
        assert_eq!(measure.lines().len(), 1, "a single point is no line");
    }

    #[test]
    fn points_are_taken_back_one_by_one() {
        let mut measure = corner();
        measure.finish();
        measure.remove_last();
        assert_eq!(measure.open().map(length), Some(3.0), "the line goes on");
        measure.remove_last();
        measure.remove_last();
        assert!(measure.is_empty() && measure.open().is_none());
        measure.remove_last();
        measure.finish();
        assert_eq!(measure, Measure::default());
    }

    #[test]
    fn a_line_before_is_not_reopened_by_taking_back_all_of_the_next() {
        let mut measure = corner();
        measure.finish();
        measure.add(Vec3::Z);
        measure.remove_last();
        assert!(measure.open().is_none() && measure.lines().len() == 1);
    }

    #[test]
    fn numbers_have_four_figures_and_a_unit() {
        assert_eq!(length_text(2.4134, DepthUnit::Metres), "2.413 m");
        assert_eq!(length_text(0.24134, DepthUnit::Relative), "0.2413 (relative)");
        assert_eq!([24.134, 241.34, 24134.0, 0.0].map(figures), ["24.13", "241.3", "24134", "0.000"]);
        assert_eq!(coordinates(Vec3::new(0.41234, -12.5, -0.0001)), ["0.41", "-12.50", "0.00"]);
        assert_eq!(figures(f32::NAN), "NaN");
    }

    #[test]
    fn the_table_has_points_lengths_and_the_unit() {
        let table = corner().table(DepthUnit::Metres);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "line\tpoint\tx\ty\tz\tlength (m)");
        assert_eq!(lines[2], "1\t2\t3.000000\t0.000000\t0.000000\t3.000");
        assert_eq!(lines[4], "1\ttotal\t\t\t\t7.000");
        assert_eq!(Measure::default().table(DepthUnit::Relative).lines().count(), 1);
    }

    #[test]
    fn what_is_typed_becomes_a_factor_or_a_reason() {
        assert_eq!(scale_factor("3", 1.5), Ok(2.0));
        assert_eq!(scale_factor(" 0,75 m", 1.5), Ok(0.5));
        for (typed, why) in [
            ("", "Type how"),
            ("two", "not a number"),
            ("NaN", "not a number"),
            ("1.000,5", "not a number"),
            ("0", "more than zero"),
            ("-2", "more than zero"),
            ("0.00001", "Shorter"),
            ("1e9", "Longer"),
            ("inf", "Longer"),
        ] {
            assert!(scale_factor(typed, 1.0).is_err_and(|reason| reason.contains(why)), "{typed}");
        }
        for measured in [0.0, f32::NAN, f32::INFINITY, 1e-12] {
            assert!(scale_factor("1", measured).is_err(), "{measured}");
        }
    }

    #[test]
    fn lines_follow_a_scene_that_is_scaled() {
        let mut measure = corner();
        measure.scale(0.5);
        assert_eq!(measure.last().map(length), Some(3.5));
    }
}
