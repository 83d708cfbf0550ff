//! COLMAP's text files: one thing per line, photos take two.

use std::io::{self, Write};

use super::ColmapModel;
use super::pose::Pose;

pub(super) fn cameras(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    writeln!(to, "# CAMERA_ID MODEL WIDTH HEIGHT FX FY CX CY, and what bends")?;
    for (number, _, view) in model.numbered() {
        let ([width, height], lens) = model.lens(view)?;
        writeln!(to, "{number} {} {width} {height} {}", lens.name, line(&lens.parameters))?;
    }
    Ok(())
}

pub(super) fn images(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    writeln!(to, "# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME")?;
    writeln!(to, "# X Y POINT3D_ID, for each point that the photo shows")?;
    for ((number, first, view), name) in model.numbered().zip(model.names.iter()) {
        writeln!(to, "{number} {} {number} {name}", pose(&model.pose(view)))?;
        for (point, seen) in (first..).zip(model.seen(number, view)) {
            let gap = if point == first { "" } else { " " };
            write!(to, "{gap}{} {} {point}", seen.pixel[0], seen.pixel[1])?;
        }
        writeln!(to)?;
    }
    Ok(())
}

pub(super) fn points(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    writeln!(to, "# POINT3D_ID X Y Z R G B ERROR IMAGE_ID POINT2D_IDX")?;
    for (number, first, view) in model.numbered() {
        for ((point, index), seen) in (first..).zip(0u32..).zip(model.seen(number, view)) {
            let [r, g, b] = seen.colour;
            writeln!(to, "{point} {} {r} {g} {b} -1 {number} {index}", line(&seen.position.to_array()))?;
        }
    }
    Ok(())
}

pub(super) fn rigs(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    writeln!(to, "# RIG_ID NUM_SENSORS REF_SENSOR_TYPE REF_SENSOR_ID")?;
    model.numbered().try_for_each(|(number, _, _)| writeln!(to, "{number} 1 CAMERA {number}"))
}

pub(super) fn frames(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    writeln!(to, "# FRAME_ID RIG_ID QW QX QY QZ TX TY TZ NUM_DATA_IDS SENSOR_TYPE SENSOR_ID DATA_ID")?;
    for (number, _, view) in model.numbered() {
        writeln!(to, "{number} {number} {} 1 CAMERA {number} {number}", pose(&model.pose(view)))?;
    }
    Ok(())
}

/// Numbers with blanks between them, as short as they can be read back exactly.
pub(super) fn line(numbers: &[f64]) -> String {
    numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" ")
}

pub(super) fn pose(pose: &Pose) -> String {
    format!("{} {}", line(&pose.wxyz), line(&pose.translation))
}
