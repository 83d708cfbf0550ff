use image::{Rgb, RgbImage};

use super::*;

const SKY: [u8; 3] = [20, 40, 200];
const THING: [u8; 3] = [220, 30, 10];

/// A picture and what is near in it, by pixel: colour and 1/Z.
fn scene(size: [u32; 2], pixel: impl Fn(u32, u32) -> ([u8; 3], f32)) -> (RgbImage, Nearness) {
    let picture = RgbImage::from_fn(size[0], size[1], |x, y| Rgb(pixel(x, y).0));
    let places = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| (x, y)));
    (picture, Nearness::exact(size, places.map(|(x, y)| pixel(x, y).1)))
}

/// A square at 1/Z = 1 before a wall at 0.5, whose columns have colours of their own.
fn square() -> (RgbImage, Nearness) {
    scene([60, 20], |x, y| {
        let is_inside = (25..35).contains(&x) && (5..15).contains(&y);
        if is_inside { (THING, 1.0) } else { ([20, x as u8, 200], 0.5) }
    })
}

fn columns_of(picture: &RgbImage, y: u32, colour: [u8; 3]) -> Vec<u32> {
    (0..picture.width()).filter(|&x| picture.get_pixel(x, y).0 == colour).collect()
}

#[test]
fn what_lies_in_the_plane_of_the_screen_stays() {
    let (picture, nearness) = scene([40, 10], |x, y| ([x as u8 * 6, y as u8, 9], 0.25));
    for eyes in [Eyes::default(), Eyes { distance: EyeDistance::Millimetres(63.0), convergence: 10.0 }] {
        let parallax = eyes.parallax(&nearness, 40, Some(50.0)).expect("metres");
        let pair = StereoPair::new(&picture, &nearness, &parallax);
        assert_eq!((&pair.left, &pair.right), (&picture, &picture));
    }
}

#[test]
fn a_nearer_square_goes_apart_by_its_parallax() {
    let (picture, nearness) = square();
    // 16 · (1 − 0.5) = 8 pixels: 4 in each eye.
    let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(16.0, 0.5));
    assert_eq!(columns_of(&pair.left, 10, THING), (29..39).collect::<Vec<_>>());
    assert_eq!(columns_of(&pair.right, 10, THING), (21..31).collect::<Vec<_>>());
    assert_eq!(columns_of(&pair.left, 2, THING), [0; 0]);
    assert_eq!(
        pair.left.rows().next().map(Vec::from_iter),
        picture.rows().next().map(Vec::from_iter),
        "the wall stays"
    );
    // With the screen in the square's plane it stays, and the wall goes apart behind it.
    let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(16.0, 1.0));
    assert_eq!(columns_of(&pair.left, 10, THING), (25..35).collect::<Vec<_>>());
    assert_eq!((pair.left.get_pixel(6, 2).0[1], pair.right.get_pixel(6, 2).0[1]), (10, 2));
}

#[test]
fn holes_are_filled_from_behind() {
    let (picture, nearness) = square();
    let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(16.0, 0.5));
    // The left eye looks behind the square's left edge.
    let row = |picture: &RgbImage| (0..60).map(|x| picture.get_pixel(x, 10).0).collect::<Vec<_>>();
    let green = |colours: &[[u8; 3]]| colours.iter().map(|colour| colour[1]).collect::<Vec<_>>();
    assert_eq!(green(&row(&pair.left)[21..29]), [21, 22, 23, 24, 24, 23, 22, 21], "the wall, mirrored");
    assert_eq!(green(&row(&pair.right)[31..39]), [38, 37, 36, 35, 35, 36, 37, 38]);
    for colour in row(&pair.left).into_iter().chain(row(&pair.right)) {
        assert!(colour == THING || (colour[0], colour[2]) == (20, 200), "nothing in between: {colour:?}");
    }
}

#[test]
fn mixed_colours_beside_a_thing_are_not_mirrored() {
    // The wall has the thing's colour in the last two pixels before it, as blurred photos have.
    let (picture, nearness) = scene([600, 1], |x, _| match x {
        300..400 => (THING, 1.0),
        298..300 | 400..402 => (THING, 0.5),
        _ => (SKY, 0.5),
    });
    let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(20.0, 0.5));
    assert_eq!(columns_of(&pair.left, 0, THING), (305..407).filter(|x| *x < 405).collect::<Vec<_>>());
    assert_eq!(columns_of(&pair.right, 0, THING), (295..395).collect::<Vec<_>>());
}

#[test]
fn what_is_nearer_hides_what_is_behind() {
    // Two things side by side: the left eye sees the nearer, left one before the other.
    let (picture, nearness) = scene([60, 1], |x, _| match x {
        20..30 => (THING, 2.0),
        30..40 => ([0, 255, 0], 1.0),
        _ => (SKY, 0.0),
    });
    let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(8.0, 0.0));
    // They go aside by 8 and 4 pixels.
    assert_eq!(columns_of(&pair.left, 0, THING), (28..38).collect::<Vec<_>>());
    assert_eq!(columns_of(&pair.left, 0, [0, 255, 0]), (38..44).collect::<Vec<_>>());
    assert_eq!(columns_of(&pair.right, 0, THING), (12..22).collect::<Vec<_>>());
    // What shows between them in the other eye is filled from the farther of the two.
    assert_eq!(columns_of(&pair.right, 0, [0, 255, 0]), (22..36).collect::<Vec<_>>());
}

#[test]
fn slopes_have_no_cracks_and_keep_their_order() {
    let (picture, nearness) = scene([200, 1], |x, _| ([x as u8, x as u8, x as u8], 0.2 + 0.004 * x as f32));
    for gain in [10.0, 40.0, 90.0, 140.0] {
        let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(gain, 0.6));
        for eye in [&pair.left, &pair.right] {
            let values: Vec<u8> = eye.pixels().map(|pixel| pixel[0]).collect();
            let steps = values.windows(2).skip(40).take(120).map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
            assert!(steps.into_iter().all(|step| (0..=3).contains(&step)), "{gain}: {values:?}");
        }
    }
}

#[test]
fn parts_of_a_pixel_count() {
    let (picture, nearness) = scene([40, 1], |x, _| ([6 * x as u8, 0, 0], 1.0));
    let pair = StereoPair::new(&picture, &nearness, &Parallax::plain(1.0, 0.0));
    assert_eq!(pair.left.get_pixel(20, 0).0[0], 117, "half a pixel to the right");
    assert_eq!(pair.right.get_pixel(20, 0).0[0], 123);
}

#[test]
fn eyes_see_the_range_that_was_asked_for() {
    let (_, nearness) = scene([1000, 1], |x, _| (SKY, if x < 100 { 0.0 } else { 0.1 + x as f32 / 1000.0 }));
    let surfaces = nearness.surfaces().expect("some");
    let of = |distance, convergence| Eyes { distance, convergence }.parallax(&nearness, 1000, Some(800.0));
    let parallax = of(EyeDistance::PercentOfWidth(3.0), 50.0).expect("no scale is needed");
    let [far, near] = [2.0, 98.0].map(|percentile| parallax.of(surfaces.at(percentile)));
    assert!((near - far - 30.0).abs() < 1e-3 && (near + far).abs() < 0.1, "{far} to {near}");
    assert!(parallax.of(0.0) == parallax.of(surfaces.at(0.0)), "sky lies at the far end");
    assert!(parallax.of(1e9) < near + 16.0, "stray values stay near the range");
    let behind = of(EyeDistance::PercentOfWidth(3.0), 0.0).expect("no scale is needed");
    assert!(behind.of(surfaces.at(98.0)).abs() < 1e-3 && behind.of(surfaces.at(50.0)) < -10.0);
    // 63 mm, f = 800 pixels: 50.4 pixels for each 1/m.
    let metric = of(EyeDistance::Millimetres(63.0), 50.0).expect("metres");
    assert!((metric.of(1.0) - metric.of(0.5) - 25.2).abs() < 1e-3 && metric.of(0.0) < -20.0);
    let eyes = Eyes { distance: EyeDistance::Millimetres(63.0), convergence: 50.0 };
    assert_eq!(eyes.parallax(&nearness, 1000, None), None, "nobody knows how far a metre is");
}

#[test]
fn nothing_with_depth_is_the_photo_twice() {
    let (picture, nearness) = scene([8, 3], |x, y| ([x as u8, y as u8, 1], 0.0));
    let parallax = Eyes::default().parallax(&nearness, 8, None).expect("no scale is needed");
    let pair = StereoPair::new(&picture, &nearness, &parallax);
    assert_eq!((&pair.left, &pair.right), (&picture, &picture));
    // So far aside that the whole picture has left it.
    let (picture, nearness) = scene([8, 3], |x, y| ([x as u8, y as u8, 1], 1.0));
    assert_eq!(StereoPair::new(&picture, &nearness, &Parallax::plain(100.0, 0.0)).left, picture);
}

#[test]
fn slopes_that_networks_draw_become_steps() {
    let mut view = super::super::synthetic::flat_view(40, 9, 4.0);
    let inverse = |x: usize| [0.25, 0.25, 0.4, 0.7, 0.95, 1.0, 1.0][x.clamp(17, 23) - 17];
    view.depth = (0..9 * 40).map(|at| 1.0 / inverse(at % 40)).collect();
    let nearness = Nearness::of(&view);
    let row: Vec<f32> = nearness.row(4).iter().map(|value| (value * 100.0).round() / 100.0).collect();
    let step = row.iter().position(|&value| value > 0.5).expect("an edge");
    assert!(row[..step].iter().all(|&value| value == 0.25) && row[step..].iter().all(|&value| value == 1.0), "{row:?}");
    assert_eq!(step, 19, "the mixed pixels go with what is near, and one more");
    // At another size the edge is as sharp.
    let large = nearness.enlarged([157, 33]);
    assert!(large.row(16).iter().all(|value| (value - 0.25).abs() < 1e-6 || (value - 1.0).abs() < 1e-6));
    assert_eq!(large.row(0).len() * 33, 157 * 33);
}

#[test]
fn layouts_have_the_left_eye_first() {
    let flat = |colour| RgbImage::from_pixel(7, 4, Rgb(colour));
    let pair = StereoPair { left: flat([255, 0, 0]), right: flat([0, 0, 255]) };
    for layout in StereoLayout::ALL {
        let whole = layout.arrange(&pair, false);
        assert_eq!(layout.size([7, 4]), [whole.width(), whole.height()]);
        if layout == StereoLayout::Anaglyph {
            continue;
        }
        let ends = |picture: &RgbImage| (picture.get_pixel(0, 0).0, picture.pixels().next_back().map(|pixel| pixel.0));
        assert_eq!(ends(&whole), ([255, 0, 0], Some([0, 0, 255])), "{layout:?}");
        assert_eq!(ends(&layout.arrange(&pair, true)), ([0, 0, 255], Some([255, 0, 0])), "{layout:?}");
    }
}

#[test]
fn anaglyphs_keep_greys_and_give_each_eye_its_colours() {
    let flat = |value| RgbImage::from_pixel(1, 1, Rgb([value; 3]));
    let of = |left, right| {
        StereoLayout::Anaglyph.arrange(&StereoPair { left: flat(left), right: flat(right) }, false).get_pixel(0, 0).0
    };
    for value in [0, 60, 128, 255] {
        assert!(of(value, value).iter().all(|channel| channel.abs_diff(value) <= 2), "{:?}", of(value, value));
    }
    let [red, green, blue] = of(255, 0);
    assert!(red > 250 && green == 0 && blue == 0);
    let [red, green, blue] = of(0, 255);
    assert!(red == 0 && green > 250 && blue > 250);
}
