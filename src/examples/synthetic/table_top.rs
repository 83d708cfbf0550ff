//! The scene: a table with things on it, in a room. Metres; y points up, the table stands around the origin.

use glam::DVec3;

use super::shape::Shape;
use super::texture::{Colour, Texture};

/// A solid, where it is and what it looks like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thing {
    pub centre: DVec3,
    pub shape: Shape,
    /// Radius of a ball around `centre` that holds the solid.
    pub reach: f64,
    pub texture: Texture,
    /// Strength of the highlight, 0 matt.
    pub gloss: f64,
}

/// Where the cameras look.
pub(super) const TARGET: [f32; 3] = [0.0, 0.90, -0.05];

/// Where the cameras stand: an arc in front of the table, at changing heights.
pub(super) const EYES: [[f32; 3]; 8] = [
    [-1.10, 1.38, 1.59],
    [-0.74, 1.54, 1.79],
    [-0.40, 1.32, 1.93],
    [-0.11, 1.48, 1.99],
    [0.20, 1.30, 1.97],
    [0.52, 1.52, 1.88],
    [0.83, 1.36, 1.75],
    [1.16, 1.58, 1.52],
];

/// Height of the table's surface.
const TABLE: f64 = 0.75;

const STRAIGHT: [f64; 2] = [1.0, 0.0];
const WALNUT: Colour = Colour::new(0.30, 0.16, 0.08);
const OAK: Colour = Colour::new(0.56, 0.38, 0.20);
const WHITE: Colour = Colour::new(0.80, 0.79, 0.75);
const NAVY: Colour = Colour::new(0.06, 0.11, 0.25);
const BRICK: Colour = Colour::new(0.45, 0.10, 0.06);
const MOSS: Colour = Colour::new(0.09, 0.24, 0.08);
const MUSTARD: Colour = Colour::new(0.70, 0.46, 0.08);

impl Thing {
    fn new(centre: [f64; 3], shape: Shape, texture: Texture, gloss: f64) -> Self {
        Self { centre: centre.into(), shape, reach: shape.reach(), texture, gloss }
    }
}

fn block(centre: [f64; 3], size: [f64; 3], turn: [f64; 2], texture: Texture) -> Thing {
    Thing::new(centre, Shape::Block { half: DVec3::from(size) / 2.0, turn }, texture, 0.0)
}

fn ball(centre: [f64; 3], radius: f64, texture: Texture, gloss: f64) -> Thing {
    Thing::new(centre, Shape::Ball { radius }, texture, gloss)
}

fn drum(centre: [f64; 3], radius: f64, height: f64, texture: Texture, gloss: f64) -> Thing {
    Thing::new(centre, Shape::Drum { radius, half_height: height / 2.0 }, texture, gloss)
}

/// Everything in the scene.
pub(super) fn things() -> Vec<Thing> {
    let mut things = room();
    things.extend(table());
    things.extend(still_life());
    things.extend(plant());
    things
}

fn room() -> Vec<Thing> {
    let half = DVec3::new(2.4, 1.3, 2.4);
    let shell = Thing::new([0.0, half.y, 0.9], Shape::Room { half }, Texture::Interior, 0.0);
    let frame = Texture::Wood { colour: WALNUT, along: 0 };
    let mut things = vec![
        shell,
        block([0.0, 0.05, -1.49], [4.8, 0.10, 0.02], STRAIGHT, Texture::Plain(WHITE)),
        block([0.0, 0.006, 0.0], [2.9, 0.012, 2.0], STRAIGHT, Texture::Rug),
        block([-0.62, 1.44, -1.485], [0.76, 0.56, 0.03], STRAIGHT, frame),
        block([-0.62, 1.44, -1.468], [0.66, 0.46, 0.01], STRAIGHT, Texture::Picture),
        block([0.80, 1.22, -1.39], [1.0, 0.03, 0.22], STRAIGHT, Texture::Wood { colour: OAK, along: 0 }),
    ];
    let spines =
        [(BRICK, 0.24), (MUSTARD, 0.21), (NAVY, 0.26), (MOSS, 0.22), (WHITE, 0.19), (NAVY, 0.23), (BRICK, 0.2)];
    for (i, (colour, height)) in spines.into_iter().enumerate() {
        let (x, width) = (0.42 + 0.058 * i as f64, 0.05);
        let stripes = Texture::Stripes { a: colour, b: colour * 0.55 + Colour::splat(0.08), width: 0.047 };
        things.push(block([x, 1.235 + height / 2.0, -1.40], [width, height, 0.15], STRAIGHT, stripes));
    }
    let glaze = Texture::Speckle { base: Colour::new(0.10, 0.26, 0.33), spot: WHITE, scale: 60.0 };
    things.push(ball([1.10, 1.335, -1.39], 0.10, glaze, 0.6));
    things
}

fn table() -> Vec<Thing> {
    let mut things =
        vec![block([0.0, TABLE - 0.02, 0.0], [1.5, 0.04, 0.9], STRAIGHT, Texture::Wood { colour: OAK, along: 0 })];
    for (x, z) in [(-0.68, -0.38), (0.68, -0.38), (-0.68, 0.38), (0.68, 0.38)] {
        let legs = Texture::Wood { colour: OAK * 0.8, along: 1 };
        things.push(block([x, (TABLE - 0.04) / 2.0, z], [0.06, TABLE - 0.04, 0.06], STRAIGHT, legs));
    }
    things
}

fn still_life() -> Vec<Thing> {
    let orange =
        Texture::Speckle { base: Colour::new(0.86, 0.33, 0.04), spot: Colour::new(0.70, 0.22, 0.02), scale: 130.0 };
    let apple =
        Texture::Speckle { base: Colour::new(0.50, 0.05, 0.04), spot: Colour::new(0.62, 0.42, 0.10), scale: 22.0 };
    let chequer = Texture::Chequer { a: WHITE, b: NAVY, side: 0.055 };
    let mug = Texture::Stripes { a: WHITE, b: Colour::new(0.14, 0.36, 0.42), width: 0.028 };
    vec![
        // Books.
        block(
            [-0.42, TABLE + 0.020, 0.12],
            [0.30, 0.040, 0.21],
            [12.0 / 13.0, 5.0 / 13.0],
            Texture::Book { cover: NAVY },
        ),
        block([-0.43, TABLE + 0.057, 0.12], [0.26, 0.034, 0.19], [0.96, -0.28], Texture::Book { cover: BRICK }),
        block([-0.41, TABLE + 0.089, 0.11], [0.22, 0.030, 0.16], [0.8, 0.6], Texture::Book { cover: MUSTARD }),
        ball([-0.42, TABLE + 0.104 + 0.046, 0.11], 0.046, apple, 0.5),
        // A tray of fruit.
        block(
            [0.10, TABLE + 0.010, 0.16],
            [0.40, 0.020, 0.27],
            [0.96, 0.28],
            Texture::Wood { colour: WALNUT, along: 0 },
        ),
        ball([0.02, TABLE + 0.020 + 0.052, 0.14], 0.052, orange, 0.35),
        ball([0.13, TABLE + 0.020 + 0.050, 0.10], 0.050, orange, 0.35),
        ball([0.11, TABLE + 0.020 + 0.047, 0.215], 0.047, apple, 0.5),
        // Standing about.
        ball([0.45, TABLE + 0.105, 0.02], 0.105, chequer, 0.5),
        drum([-0.12, TABLE + 0.055, -0.10], 0.045, 0.11, mug, 0.5),
        block([0.56, TABLE + 0.05, 0.27], [0.10, 0.10, 0.10], [0.6, 0.8], Texture::Wood { colour: OAK, along: 1 }),
        block([0.55, TABLE + 0.13, 0.27], [0.06, 0.06, 0.06], [0.96, 0.28], Texture::Plain(BRICK)),
        drum([0.22, TABLE + 0.075, -0.24], 0.035, 0.15, Texture::Plain(Colour::new(0.78, 0.70, 0.55)), 0.2),
        drum([0.22, TABLE + 0.008, -0.24], 0.075, 0.016, Texture::Plain(MUSTARD * 0.6), 0.5),
    ]
}

fn plant() -> Vec<Thing> {
    let clay =
        Texture::Speckle { base: Colour::new(0.48, 0.20, 0.11), spot: Colour::new(0.58, 0.32, 0.22), scale: 35.0 };
    let leaves = Texture::Speckle { base: MOSS * 0.7, spot: Colour::new(0.30, 0.46, 0.12), scale: 34.0 };
    let (x, z) = (-0.44, -0.24);
    let mut things =
        vec![drum([x, TABLE + 0.065, z], 0.080, 0.13, clay, 0.1), drum([x, TABLE + 0.135, z], 0.090, 0.02, clay, 0.1)];
    let tufts = [
        (0.0, 0.24, 0.0, 0.085),
        (0.07, 0.22, 0.04, 0.065),
        (-0.075, 0.21, 0.03, 0.060),
        (0.03, 0.20, -0.07, 0.065),
        (-0.04, 0.30, -0.02, 0.060),
        (0.045, 0.31, 0.01, 0.055),
        (-0.01, 0.21, 0.075, 0.055),
        (0.0, 0.36, 0.0, 0.045),
    ];
    things.extend(tufts.map(|(dx, dy, dz, radius)| ball([x + dx, TABLE + dy, z + dz], radius, leaves, 0.1)));
    things
}
