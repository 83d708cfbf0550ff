//! Procedural colours, from integer hashes and exact arithmetic only, so that every machine draws the same picture.

use glam::DVec3;

/// Linear RGB, 0..1.
pub(super) type Colour = DVec3;

/// What a solid looks like.
#[derive(Clone, Copy, Debug)]
pub(super) enum Texture {
    Plain(Colour),
    /// Grain along an axis (0 x, 1 y, 2 z).
    Wood {
        colour: Colour,
        along: usize,
    },
    /// Two colours in cubes of this side, in metres.
    Chequer {
        a: Colour,
        b: Colour,
        side: f64,
    },
    /// Two colours in layers across the vertical axis.
    Stripes {
        a: Colour,
        b: Colour,
        width: f64,
    },
    /// One colour with grainy spots.
    Speckle {
        base: Colour,
        spot: Colour,
        scale: f64,
    },
    /// A cover, and pages on the three open sides.
    Book {
        cover: Colour,
    },
    /// Woven squares with a border.
    Rug,
    /// Hills and a sun, seen along z.
    Picture,
    /// Floor boards, walls and ceiling.
    Interior,
}

impl Texture {
    /// The colour at a point of a surface with this normal, both in the solid's frame.
    pub fn colour(&self, p: DVec3, normal: DVec3) -> Colour {
        match *self {
            Self::Plain(colour) => colour,
            Self::Wood { colour, along } => wood(p, along, colour),
            Self::Chequer { a, b, side } => {
                let cell = (p / side).floor();
                if (cell.x + cell.y + cell.z).rem_euclid(2.0) < 1.0 { a } else { b }
            }
            Self::Stripes { a, b, width } => {
                if (p.y / width).rem_euclid(2.0) < 1.0 {
                    a
                } else {
                    b
                }
            }
            Self::Speckle { base, spot, scale } => base.lerp(spot, smooth((fbm(p * scale) - 0.45) * 4.0)),
            Self::Book { cover } => book(p, normal, cover),
            Self::Rug => rug(p),
            Self::Picture => picture(p),
            Self::Interior => interior(p, normal),
        }
    }
}

fn wood(p: DVec3, along: usize, colour: Colour) -> Colour {
    let mut stretched = p * 9.0;
    stretched[along] *= 0.12;
    let rings = (fbm(stretched) * 11.0).rem_euclid(1.0);
    let mut fine = p * 160.0;
    fine[along] *= 0.03;
    let line = 1.0 - (2.0 * rings - 1.0).abs();
    colour * (0.72 + 0.28 * line) * (0.86 + 0.28 * noise(fine))
}

fn book(p: DVec3, normal: DVec3, cover: Colour) -> Colour {
    // Lying books: covers above and below, the spine towards −x.
    if normal.y.abs() > 0.5 {
        let in_frame = p.x.abs().max(p.z.abs() * 0.75) < 0.062 && p.x.abs().max(p.z.abs() * 0.75) > 0.056;
        return if in_frame { cover.lerp(Colour::new(0.9, 0.8, 0.5), 0.6) } else { cover };
    }
    if normal.x < -0.5 {
        return if (p.z.abs() - 0.06).abs() < 0.006 { Colour::new(0.85, 0.72, 0.4) } else { cover * 0.8 };
    }
    let leaf = hash(&[(p.y * 1800.0).floor() as i64, 7, 0]);
    Colour::new(0.86, 0.82, 0.71) * (0.8 + 0.2 * leaf)
}

fn rug(p: DVec3) -> Colour {
    let (red, cream, blue) =
        (Colour::new(0.42, 0.06, 0.05), Colour::new(0.72, 0.62, 0.45), Colour::new(0.05, 0.12, 0.28));
    let border = (p.x.abs() / 1.5).max(p.z.abs());
    let pattern = if border > 0.92 {
        cream
    } else if border > 0.80 {
        if (p.x * 12.0).floor().rem_euclid(2.0) == (p.z * 12.0).floor().rem_euclid(2.0) { blue } else { cream }
    } else {
        let diamond = ((p.x * 3.0).rem_euclid(1.0) - 0.5).abs() + ((p.z * 3.0).rem_euclid(1.0) - 0.5).abs();
        if diamond < 0.16 {
            cream
        } else if diamond < 0.32 {
            blue
        } else {
            red
        }
    };
    pattern * (0.75 + 0.5 * noise(p * 220.0))
}

fn picture(p: DVec3) -> Colour {
    let ridge =
        |height: f64, scale: f64, seed: f64| p.y - height - 0.16 * (fbm(DVec3::new(p.x * scale, seed, 0.5)) - 0.5);
    if ridge(-0.14, 5.0, 3.5) < 0.0 {
        Colour::new(0.03, 0.09, 0.10)
    } else if ridge(-0.05, 3.5, 8.5) < 0.0 {
        Colour::new(0.09, 0.20, 0.24)
    } else if ridge(0.03, 2.5, 1.5) < 0.0 {
        Colour::new(0.26, 0.36, 0.42)
    } else if (p.x - 0.13) * (p.x - 0.13) + (p.y - 0.10) * (p.y - 0.10) < 0.0042 {
        Colour::new(0.98, 0.86, 0.52)
    } else {
        Colour::new(0.86, 0.42, 0.22).lerp(Colour::new(0.38, 0.50, 0.66), smooth(p.y * 3.2 + 0.1))
    }
}

fn interior(p: DVec3, normal: DVec3) -> Colour {
    if normal.y > 0.5 {
        let board = (p.x / 0.16).floor();
        let across = (p.x / 0.16).rem_euclid(1.0);
        let shifted = p.z / 1.1 + hash(&[board as i64, 3, 1]);
        let end = shifted.rem_euclid(1.0);
        if !(0.02..0.98).contains(&across) || end < 0.004 {
            return Colour::new(0.05, 0.03, 0.02);
        }
        let tone = 0.75 + 0.4 * hash(&[board as i64, shifted.floor() as i64, 2]);
        return wood(p + DVec3::Y * board, 2, Colour::new(0.42, 0.25, 0.13)) * tone;
    }
    if normal.y < -0.5 {
        return Colour::splat(0.78);
    }
    let plaster = 0.93 + 0.14 * (fbm(p * 7.0) - 0.5) + 0.08 * (noise(p * 90.0) - 0.5);
    // Wallpaper: broad soft stripes and a row of small dots.
    let along = if normal.z.abs() > 0.5 { p.x } else { p.z };
    let stripe = if (along / 0.18).rem_euclid(2.0) < 1.0 { 1.0 } else { 0.90 };
    let dot = DVec3::new((along / 0.18).rem_euclid(1.0) - 0.5, (p.y / 0.18).rem_euclid(1.0) - 0.5, 0.0);
    let base = Colour::new(0.36, 0.47, 0.46) * stripe;
    if dot.length_squared() < 0.006 { Colour::new(0.66, 0.64, 0.50) * plaster } else { base * plaster }
}

/// 3t² − 2t³ between 0 and 1.
fn smooth(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Four octaves of noise, 0..1.
fn fbm(p: DVec3) -> f64 {
    let mut point = p;
    let mut weight = 0.5;
    let mut sum = 0.0;
    for _ in 0..4 {
        sum += weight * noise(point);
        point = point * 2.03 + DVec3::splat(17.31);
        weight *= 0.5;
    }
    sum / 0.9375
}

/// Value noise, 0..1: hashed lattice values, blended smoothly.
fn noise(p: DVec3) -> f64 {
    let cell = p.floor();
    let f = p - cell;
    let (sx, sy, sz) = (smooth(f.x), smooth(f.y), smooth(f.z));
    let corner = |x: i64, y: i64, z: i64| hash(&[cell.x as i64 + x, cell.y as i64 + y, cell.z as i64 + z]);
    let edge = |y, z| corner(0, y, z) + (corner(1, y, z) - corner(0, y, z)) * sx;
    let face = |z| edge(0, z) + (edge(1, z) - edge(0, z)) * sy;
    face(0) + (face(1) - face(0)) * sz
}

/// A number in 0..1 that looks random but belongs to these integers (SplitMix64's mixing steps).
pub(super) fn hash(key: &[i64]) -> f64 {
    let mut z = 0x9e37_79b9_7f4a_7c15_u64;
    for &part in key {
        z = (z ^ part as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
    }
    (z >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_stays_in_range_and_is_continuous() {
        for i in 0..2000 {
            let p = DVec3::new(f64::from(i) * 0.37 - 300.0, f64::from(i) * -0.11, 0.3);
            assert!((0.0..1.0).contains(&noise(p)) && (0.0..1.0).contains(&fbm(p)));
            assert!((noise(p) - noise(p + DVec3::splat(1e-7))).abs() < 1e-5);
        }
    }
}
