//! COLMAP's binary files: little-endian numbers, one after the other.

use std::io::{self, Write};

use super::ColmapModel;
use super::pose::Pose;

/// The sensor type "CAMERA".
const CAMERA: i32 = 0;
/// Nothing is known of a point's error.
const NO_ERROR: f64 = -1.0;

pub(super) fn cameras(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    count(to, model.views.len())?;
    for (number, _, view) in model.numbered() {
        let (size, lens) = model.lens(view)?;
        to.write_all(&number.to_le_bytes())?;
        to.write_all(&lens.number.to_le_bytes())?;
        for side in size {
            to.write_all(&u64::from(side).to_le_bytes())?;
        }
        reals(to, &lens.parameters)?;
    }
    Ok(())
}

pub(super) fn images(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    count(to, model.views.len())?;
    for (((number, first, view), name), points) in model.numbered().zip(model.names.iter()).zip(&model.counts) {
        to.write_all(&number.to_le_bytes())?;
        pose(to, &model.pose(view))?;
        to.write_all(&number.to_le_bytes())?;
        to.write_all(name.as_bytes())?;
        to.write_all(&[0])?;
        count(to, *points)?;
        for (point, seen) in (first..).zip(model.seen(number, view)) {
            reals(to, &seen.pixel)?;
            to.write_all(&point.to_le_bytes())?;
        }
    }
    Ok(())
}

pub(super) fn points(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    count(to, model.counts.iter().sum())?;
    for (number, first, view) in model.numbered() {
        for ((point, index), seen) in (first..).zip(0u32..).zip(model.seen(number, view)) {
            to.write_all(&point.to_le_bytes())?;
            reals(to, &seen.position.to_array())?;
            to.write_all(&seen.colour)?;
            reals(to, &[NO_ERROR])?;
            count(to, 1)?;
            to.write_all(&number.to_le_bytes())?;
            to.write_all(&index.to_le_bytes())?;
        }
    }
    Ok(())
}

pub(super) fn rigs(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    count(to, model.views.len())?;
    for (number, _, _) in model.numbered() {
        to.write_all(&number.to_le_bytes())?;
        to.write_all(&1u32.to_le_bytes())?;
        to.write_all(&CAMERA.to_le_bytes())?;
        to.write_all(&number.to_le_bytes())?;
    }
    Ok(())
}

pub(super) fn frames(to: &mut dyn Write, model: &ColmapModel<'_>) -> io::Result<()> {
    count(to, model.views.len())?;
    for (number, _, view) in model.numbered() {
        to.write_all(&number.to_le_bytes())?;
        to.write_all(&number.to_le_bytes())?;
        pose(to, &model.pose(view))?;
        to.write_all(&1u32.to_le_bytes())?;
        to.write_all(&CAMERA.to_le_bytes())?;
        to.write_all(&number.to_le_bytes())?;
        count(to, number as usize)?;
    }
    Ok(())
}

fn count(to: &mut dyn Write, number: usize) -> io::Result<()> {
    to.write_all(&(number as u64).to_le_bytes())
}

fn reals(to: &mut dyn Write, numbers: &[f64]) -> io::Result<()> {
    numbers.iter().try_for_each(|number| to.write_all(&number.to_le_bytes()))
}

fn pose(to: &mut dyn Write, pose: &Pose) -> io::Result<()> {
    reals(to, &pose.wxyz)?;
    reals(to, &pose.translation)
}
