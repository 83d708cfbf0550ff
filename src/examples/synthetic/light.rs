//! What a ray sees: the nearest solid, a soft lamp, light from all round and a highlight.

use glam::DVec3;

use super::shape::Hit;
use super::table_top::Thing;
use super::texture::{Colour, hash};

/// Centre and half width of the square lamp.
const LAMP: DVec3 = DVec3::new(-1.5, 2.35, 1.5);
const LAMP_HALF: f64 = 0.30;
const LAMP_COLOUR: Colour = DVec3::new(8.2, 7.4, 6.2);
/// How far light from all round is looked for, in metres.
const NEIGHBOURHOOD: f64 = 0.8;
/// Rays per picture sample towards the lamp and all round.
const LAMP_RAYS: i64 = 2;
const AROUND_RAYS: i64 = 4;
/// Start of a second ray above the surface, in metres.
const LIFT: f64 = 1e-6;

/// The nearest hit and what was hit.
pub(super) fn nearest(things: &[Thing], origin: DVec3, direction: DVec3) -> Option<(Hit, &Thing)> {
    let mut best: Option<(Hit, &Thing)> = None;
    for thing in things {
        if !passes_near(thing, origin, direction) {
            continue;
        }
        if let Some(hit) = thing.shape.hit(origin - thing.centre, direction)
            && best.is_none_or(|(nearest, _)| hit.t < nearest.t)
        {
            best = Some((hit, thing));
        }
    }
    best
}

/// Whether something lies between t = 0 and t = `until`.
fn blocked<'a>(things: impl IntoIterator<Item = &'a Thing>, origin: DVec3, direction: DVec3, until: f64) -> bool {
    things.into_iter().any(|thing| {
        passes_near(thing, origin, direction)
            && thing.shape.hit(origin - thing.centre, direction).is_some_and(|hit| hit.t < until)
    })
}

/// Cheap test against the ball around a thing.
fn passes_near(thing: &Thing, origin: DVec3, direction: DVec3) -> bool {
    let to = thing.centre - origin;
    let along = to.dot(direction);
    let squared = direction.length_squared();
    to.length_squared() * squared - along * along <= thing.reach * thing.reach * squared
}

/// Whether a thing can be met within the neighbourhood of a point.
fn is_near(thing: &Thing, point: DVec3) -> bool {
    let limit = thing.reach + NEIGHBOURHOOD;
    (thing.centre - point).length_squared() <= limit * limit
}

/// Linear colour along a ray. `key` names the sample, so that soft shadows are grainy in the same way every time.
pub(super) fn colour(things: &[Thing], origin: DVec3, direction: DVec3, key: [i64; 3]) -> Colour {
    let Some((hit, thing)) = nearest(things, origin, direction) else { return Colour::ZERO };
    let albedo = thing.texture.colour(hit.local, hit.local_normal);
    let normal = hit.normal;
    let point = origin + direction * hit.t + normal * LIFT;
    let random = |ray: i64, which: i64| hash(&[key[0], key[1], key[2], ray, which]);

    let mut lamp = Colour::ZERO;
    let mut highlight = 0.0;
    for ray in 0..LAMP_RAYS {
        let offset = DVec3::new(random(ray, 0) - 0.5, 0.0, random(ray, 1) - 0.5) * (2.0 * LAMP_HALF);
        let to = LAMP + offset - point;
        let distance_squared = to.length_squared();
        let toward = to / distance_squared.sqrt();
        let facing = normal.dot(toward);
        if facing <= 0.0 || blocked(things, point, to, 1.0) {
            continue;
        }
        lamp += LAMP_COLOUR * (facing / distance_squared);
        let half = (toward - direction.normalize_or_zero()).normalize_or_zero();
        highlight += thing.gloss * to_the_64th(normal.dot(half).max(0.0));
    }
    let mut around = Colour::ZERO;
    let near: Vec<&Thing> = things.iter().filter(|thing| is_near(thing, point)).collect();
    for ray in 0..AROUND_RAYS {
        let toward = normal + on_unit_ball(|which| random(LAMP_RAYS + ray, which));
        let sky = 0.5 + 0.5 * toward.normalize_or_zero().y;
        let light = Colour::new(0.24, 0.22, 0.20).lerp(Colour::new(0.38, 0.42, 0.47), sky);
        around += if blocked(near.iter().copied(), point, toward.normalize_or_zero(), NEIGHBOURHOOD) {
            light * 0.22
        } else {
            light
        };
    }
    albedo * (lamp / LAMP_RAYS as f64 + around / AROUND_RAYS as f64) + Colour::splat(highlight / LAMP_RAYS as f64)
}

/// A point on the unit ball, by rejection: no trigonometry, which differs between machines in the last bit.
fn on_unit_ball(random: impl Fn(i64) -> f64) -> DVec3 {
    for attempt in 0..8 {
        let at = |axis: i64| 2.0 * random(3 * attempt + axis) - 1.0;
        let point = DVec3::new(at(0), at(1), at(2));
        if (1e-4..=1.0).contains(&point.length_squared()) {
            return point.normalize_or_zero();
        }
    }
    DVec3::Y
}

fn to_the_64th(x: f64) -> f64 {
    let mut power = x;
    for _ in 0..6 {
        power *= power;
    }
    power
}
