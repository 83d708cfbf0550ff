//! What files say of a mesh, in words.

use crate::inference::DepthUnit;

/// How files say where the mesh lies.
pub(super) const AXES: &str = "x right, y up, -z forward; the first camera of the scene stands at the origin";

/// What a unit of length is.
pub(super) fn unit_words(unit: DepthUnit) -> &'static str {
    match unit {
        DepthUnit::Metres => "metres",
        DepthUnit::Relative => "relative, up to an unknown scale",
    }
}
