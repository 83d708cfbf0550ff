//! Points as binary little-endian PLY, which every 3D program opens.

use std::io::{self, Write};

use super::Axes;
use super::png_file::software;
use crate::inference::DepthUnit;
use crate::scene::Point;

/// Writes points with colour, with confidence where every point has one, and with normals if they are wanted.
///
/// Positions are written as they are: in `unit`, and with the axes that `axes` names in the header.
///
/// # Errors
/// What the writer answers.
pub fn write_ply(
    mut to: impl Write,
    points: &[Point],
    unit: DepthUnit,
    axes: Axes,
    with_normals: bool,
) -> io::Result<()> {
    let with_confidence = !points.is_empty() && points.iter().all(|point| point.confidence.is_some());
    let unit = match unit {
        DepthUnit::Metres => "metres",
        DepthUnit::Relative => "relative, up to an unknown scale",
    };
    writeln!(to, "ply\nformat binary_little_endian 1.0\ncomment made by {}", software())?;
    writeln!(to, "comment unit: {unit}\ncomment axes: {}", axes.words())?;
    writeln!(to, "element vertex {}", points.len())?;
    for axis in ["x", "y", "z"] {
        writeln!(to, "property float {axis}")?;
    }
    if with_normals {
        writeln!(to, "property float nx\nproperty float ny\nproperty float nz")?;
    }
    for channel in ["red", "green", "blue"] {
        writeln!(to, "property uchar {channel}")?;
    }
    if with_confidence {
        writeln!(to, "property float confidence")?;
    }
    writeln!(to, "end_header")?;
    for point in points {
        let normal = with_normals.then(|| point.normal.to_array());
        for coordinate in point.position.to_array().into_iter().chain(normal.into_iter().flatten()) {
            to.write_all(&coordinate.to_le_bytes())?;
        }
        to.write_all(&point.colour)?;
        if let Some(confidence) = point.confidence.filter(|_| with_confidence) {
            to.write_all(&confidence.to_le_bytes())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec3;

    fn point(confidence: Option<f32>) -> Point {
        Point { position: Vec3::new(1.0, -2.0, 3.5), normal: Vec3::Y, colour: [9, 8, 7], confidence, view: 0 }
    }

    fn written(points: &[Point]) -> (String, Vec<u8>) {
        written_with(points, false)
    }

    fn written_with(points: &[Point], normals: bool) -> (String, Vec<u8>) {
        let mut bytes = Vec::new();
        write_ply(&mut bytes, points, DepthUnit::Metres, Axes::ZUp, normals).expect("memory is writable");
        let end = b"end_header\n";
        let body = bytes.windows(end.len()).position(|w| w == end).expect("a header") + end.len();
        (String::from_utf8(bytes[..body].to_vec()).expect("text"), bytes[body..].to_vec())
    }

    #[test]
    fn vertices_follow_the_header() {
        let (header, body) = written(&[point(Some(2.0)), point(Some(3.0))]);
        assert!(header.starts_with("ply\nformat binary_little_endian 1.0\n") && header.contains("element vertex 2\n"));
        assert!(header.contains("comment axes: x right, y forward, z up\n"), "{header}");
        assert!(header.contains("property float confidence"));
        assert_eq!(body.len(), 2 * 19);
        assert_eq!(body[..4], 1.0f32.to_le_bytes());
        assert_eq!(body[8..15], [&3.5f32.to_le_bytes()[..], &[9, 8, 7]].concat());
        assert_eq!(body[34..], 3.0f32.to_le_bytes());
    }

    #[test]
    fn confidence_is_left_out_unless_all_have_it() {
        let (header, body) = written(&[point(Some(2.0)), point(None)]);
        assert!(!header.contains("confidence"));
        assert_eq!(body.len(), 2 * 15);
        assert!(written(&[]).0.contains("element vertex 0\n"));
    }

    #[test]
    fn normals_stand_behind_positions() {
        let (header, body) = written_with(&[point(None)], true);
        assert!(header.contains("property float z\nproperty float nx\n"), "{header}");
        assert_eq!(body.len(), 27);
        assert_eq!(body[16..20], 1.0f32.to_le_bytes());
    }
}
