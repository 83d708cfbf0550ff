//! Solids that a ray can hit, exactly.

use glam::DVec3;

/// A solid around its own origin.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A box, turned about the vertical axis by the angle with this cosine and sine.
    Block {
        half: DVec3,
        turn: [f64; 2],
    },
    Ball {
        radius: f64,
    },
    /// An upright cylinder.
    Drum {
        radius: f64,
        half_height: f64,
    },
    /// A box seen from inside.
    Room {
        half: DVec3,
    },
}

/// Where a ray meets a solid first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// In units of the ray's direction.
    pub t: f64,
    /// Outward (inward for a room), in the frame of the scene.
    pub normal: DVec3,
    /// Point and normal in the solid's own frame, where its texture lives.
    pub local: DVec3,
    pub local_normal: DVec3,
}

/// Hits nearer than this (in units of the direction) are the surface that the ray starts from.
const NEAREST: f64 = 1e-9;

impl Shape {
    /// Radius of a ball around the origin that holds the solid.
    pub fn reach(&self) -> f64 {
        match *self {
            Self::Block { half, .. } => half.length(),
            Self::Ball { radius } => radius,
            Self::Drum { radius, half_height } => (radius * radius + half_height * half_height).sqrt(),
            Self::Room { .. } => f64::INFINITY,
        }
    }

    /// First hit of origin + t·direction with t > 0; `origin` is relative to the solid's origin.
    pub fn hit(&self, origin: DVec3, direction: DVec3) -> Option<Hit> {
        match *self {
            Self::Block { half, turn } => {
                let (o, d) = (turned(origin, turn), turned(direction, turn));
                let (t, normal) = slabs(o, d, half)?.0?;
                let back = [turn[0], -turn[1]];
                Some(Hit { t, normal: turned(normal, back), local: o + d * t, local_normal: normal })
            }
            Self::Room { half } => {
                let (t, normal) = slabs(origin, direction, half)?.1;
                (t > NEAREST).then(|| unturned(t, -normal, origin + direction * t))
            }
            Self::Ball { radius } => {
                let a = direction.length_squared();
                let b = origin.dot(direction);
                let c = origin.length_squared() - radius * radius;
                let root = (b * b - a * c).sqrt();
                // Not a number where the ray misses, which no comparison lets through.
                let t = [(-b - root) / a, (-b + root) / a].into_iter().find(|&t| t > NEAREST)?;
                let local = origin + direction * t;
                Some(unturned(t, local / radius, local))
            }
            Self::Drum { radius, half_height } => drum(origin, direction, radius, half_height),
        }
    }
}

fn unturned(t: f64, normal: DVec3, local: DVec3) -> Hit {
    Hit { t, normal, local, local_normal: normal }
}

fn turned(v: DVec3, [cos, sin]: [f64; 2]) -> DVec3 {
    DVec3::new(cos * v.x + sin * v.z, v.y, cos * v.z - sin * v.x)
}

type Face = (f64, DVec3);

/// Entry (where it lies ahead) and exit of a ray through a box, with outward normals; `None` when it misses.
fn slabs(o: DVec3, d: DVec3, half: DVec3) -> Option<(Option<Face>, Face)> {
    let (mut enter, mut leave) = ((f64::NEG_INFINITY, DVec3::ZERO), (f64::INFINITY, DVec3::ZERO));
    for axis in 0..3 {
        let outward = DVec3::AXES[axis] * d[axis].signum();
        if d[axis] == 0.0 {
            if o[axis].abs() > half[axis] {
                return None;
            }
            continue;
        }
        let middle = -o[axis] / d[axis];
        let reach = half[axis] / d[axis].abs();
        if middle - reach > enter.0 {
            enter = (middle - reach, -outward);
        }
        if middle + reach < leave.0 {
            leave = (middle + reach, outward);
        }
    }
    (enter.0 <= leave.0 && leave.0 > NEAREST).then_some(((enter.0 > NEAREST).then_some(enter), leave))
}

fn drum(o: DVec3, d: DVec3, radius: f64, half_height: f64) -> Option<Hit> {
    let a = d.x * d.x + d.z * d.z;
    let b = o.x * d.x + o.z * d.z;
    let c = o.x * o.x + o.z * o.z - radius * radius;
    let side = (-b - (b * b - a * c).sqrt()) / a;
    let cap_y = -half_height * d.y.signum();
    let cap = (cap_y - o.y) / d.y;
    let at = |t: f64| o + d * t;
    if side > NEAREST && at(side).y.abs() <= half_height {
        let local = at(side);
        return Some(unturned(side, DVec3::new(local.x, 0.0, local.z) / radius, local));
    }
    let local = at(cap);
    let inside = local.x * local.x + local.z * local.z <= radius * radius;
    (cap > NEAREST && inside).then(|| unturned(cap, DVec3::Y * cap_y.signum(), local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn first(shape: Shape, origin: [f64; 3], direction: [f64; 3]) -> Option<(f64, DVec3)> {
        shape.hit(origin.into(), direction.into()).map(|hit| (hit.t, hit.normal))
    }

    #[test]
    fn known_distances() {
        let ball = Shape::Ball { radius: 1.0 };
        assert_eq!(first(ball, [0.0, 0.0, -5.0], [0.0, 0.0, 2.0]), Some((2.0, DVec3::NEG_Z)));
        assert_eq!(first(ball, [0.0, 1.1, -5.0], [0.0, 0.0, 2.0]), None);
        assert_eq!(first(ball, [0.0, 0.0, 5.0], [0.0, 0.0, 2.0]), None, "behind");

        let block = Shape::Block { half: DVec3::new(1.0, 2.0, 3.0), turn: [1.0, 0.0] };
        assert_eq!(first(block, [-4.0, 0.5, 0.5], [1.0, 0.0, 0.0]), Some((3.0, DVec3::NEG_X)));
        assert_eq!(first(block, [-4.0, 2.5, 0.5], [1.0, 0.0, 0.0]), None);
        let quarter = Shape::Block { half: DVec3::new(1.0, 2.0, 3.0), turn: [0.0, 1.0] };
        assert_eq!(first(quarter, [-4.0, 0.5, 0.5], [1.0, 0.0, 0.0]), Some((1.0, DVec3::NEG_X)));

        let room = Shape::Room { half: DVec3::splat(2.0) };
        assert_eq!(first(room, [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]), Some((1.0, DVec3::NEG_Z)));

        let drum = Shape::Drum { radius: 1.0, half_height: 0.5 };
        assert_eq!(first(drum, [0.0, 4.0, 0.0], [0.0, -1.0, 0.0]), Some((3.5, DVec3::Y)));
        assert_eq!(first(drum, [3.0, 0.0, 0.0], [-1.0, 0.0, 0.0]), Some((2.0, DVec3::X)));
        assert_eq!(first(drum, [3.0, 0.6, 0.0], [-1.0, 0.0, 0.0]), None);
        assert_eq!(first(drum, [3.0, 0.0, 1.1], [-1.0, 0.0, 0.0]), None);
    }

    #[test]
    fn normals_of_a_turned_block_face_the_ray() {
        let block = Shape::Block { half: DVec3::ONE, turn: [0.8, 0.6] };
        let hit = block.hit(DVec3::new(0.1, 0.2, 6.0), DVec3::NEG_Z).expect("in the way");
        assert!(hit.normal.z > 0.5 && (hit.normal.length() - 1.0).abs() < 1e-12);
        assert!((hit.local.abs().max_element() - 1.0).abs() < 1e-12, "on the surface");
    }
}
