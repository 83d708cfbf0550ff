//! Points as lines of text, for programs that read nothing else.

use std::io::{self, Write};

use crate::scene::Point;

/// Writes `x y z red green blue` per line, colours 0 to 255, without a header; axes are those that the points have.
///
/// # Errors
/// What the writer answers.
pub fn write_xyz(mut to: impl Write, points: &[Point]) -> io::Result<()> {
    for Point { position, colour: [r, g, b], .. } in points {
        writeln!(to, "{} {} {} {r} {g} {b}", position.x, position.y, position.z)?;
    }
    Ok(())
}
