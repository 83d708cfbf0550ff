//! Points as LAS 1.2 (ASPRS), the format of laser scans: positions are whole numbers of a step.

use std::io::{self, Write};

use super::png_file::software;
use crate::scene::Point;

const HEADER_BYTES: u16 = 227;
/// Point data format 2: position, intensity, flags and colour.
const POINT_FORMAT: u8 = 2;
const POINT_BYTES: u16 = 26;

/// Writes points with colour, with the axes that they have; programs that read the format take z for up.
///
/// Positions are exact to a part of 2³² of the cloud's extent. Confidence has no place in this format.
///
/// # Errors
/// What the writer answers; more points than the format can count are `InvalidData`.
pub fn write_las(mut to: impl Write, points: &[Point]) -> io::Result<()> {
    let count = u32::try_from(points.len()).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, "LAS 1.2 holds at most 4294967295 points; thin them out")
    })?;
    let axes = [0, 1, 2].map(|axis| Axis::over(points, axis));
    to.write_all(&header(count, &axes))?;
    for point in points {
        let mut record = Vec::with_capacity(usize::from(POINT_BYTES));
        for (axis, at) in axes.iter().zip(point.position.to_array()) {
            record.extend_from_slice(&axis.steps(at).to_le_bytes());
        }
        // Intensity, then "the only return", class "never classified", scan angle, user data, source.
        record.extend_from_slice(&[0, 0, 0b001_001, 0, 0, 0, 0, 0]);
        for channel in point.colour {
            // 8 bits over the whole range of 16.
            record.extend_from_slice(&(u16::from(channel) * 257).to_le_bytes());
        }
        to.write_all(&record)?;
    }
    Ok(())
}

/// One axis of the cloud: position = offset + whole number × step.
struct Axis {
    min: f64,
    max: f64,
    step: f64,
}

impl Axis {
    fn over(points: &[Point], axis: usize) -> Self {
        let (min, max) = points
            .iter()
            .map(|point| f64::from(point.position[axis]))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), at| (min.min(at), max.max(at)));
        if points.is_empty() {
            return Self { min: 0.0, max: 0.0, step: 1.0 };
        }
        let extent = max - min;
        Self { min, max, step: if extent > 0.0 { extent / f64::from(i32::MAX) } else { 1.0 } }
    }

    fn steps(&self, at: f32) -> i32 {
        ((f64::from(at) - self.min) / self.step).round() as i32
    }
}

fn header(count: u32, axes: &[Axis; 3]) -> Vec<u8> {
    let mut bytes = b"LASF".to_vec();
    // File source, encoding and project: none.
    bytes.extend_from_slice(&[0; 20]);
    bytes.extend_from_slice(&[1, 2]);
    text(&mut bytes, "EXTRACTION");
    text(&mut bytes, &software());
    // Day and year of creation: left open.
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&HEADER_BYTES.to_le_bytes());
    bytes.extend_from_slice(&u32::from(HEADER_BYTES).to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.push(POINT_FORMAT);
    bytes.extend_from_slice(&POINT_BYTES.to_le_bytes());
    // All points, then by number of return: each is its pulse's first.
    for number in [count, count, 0, 0, 0, 0] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let steps = axes.iter().map(|axis| axis.step);
    let offsets = axes.iter().map(|axis| axis.min);
    let limits = axes.iter().flat_map(|axis| [axis.max, axis.min]);
    for number in steps.chain(offsets).chain(limits) {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// 32 bytes, filled up with zeros.
fn text(bytes: &mut Vec<u8>, text: &str) {
    let end = bytes.len() + 32;
    bytes.extend(text.bytes().take(32));
    bytes.resize(end, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec3;

    #[test]
    fn header_and_records_have_their_lengths() {
        let point = |x: f32| Point {
            position: Vec3::new(x, -2.0, 3.0),
            normal: Vec3::ZERO,
            colour: [255, 1, 0],
            confidence: None,
            view: 0,
        };
        for (points, len) in [(vec![], 227), (vec![point(1.0)], 253), (vec![point(-5.0), point(1e6)], 279)] {
            let mut bytes = Vec::new();
            write_las(&mut bytes, &points).expect("written");
            assert_eq!(bytes.len(), len);
            assert_eq!((bytes[94], bytes[95], bytes[104]), (227, 0, 2));
        }
        let axis = Axis::over(&[point(-5.0), point(1e6)], 0);
        assert_eq!((axis.steps(-5.0), axis.steps(1e6)), (0, i32::MAX));
    }
}
