//! Maps as they are, resized, with positions and with what is added, against plain loops in f64.

use super::super::testing::{Machine, Numbers, agree, resized, tables, wide};
use super::*;

fn written<Src: Source + Send>(source: Src, plus: Option<&[f32]>) -> Vec<f32> {
    let mut out = vec![f32::NAN; source.size().iter().product()];
    write(source, plus, &mut out);
    out
}

#[test]
fn maps_are_written_as_they_are_or_without_negative_numbers() {
    let mut numbers = Numbers::new(12);
    for (height, width, channels) in [(1, 1, 3), (2, 13, 5), (5, 2, 24), (3, 37, 48), (4, 13, 63)] {
        let (values, plus) = (numbers.list(height * width * channels), numbers.list(height * width * channels));
        let map = Map { values: &values, height, width, channels };
        for relu in [false, true] {
            let exact: Vec<f64> = wide(&values).into_iter().map(|x| if relu { x.max(0.0) } else { x }).collect();
            agree("a map", &Machine::levels(), 0.0, &exact, || written(Plain { map, relu }, None));
            let sum: Vec<f64> = exact.iter().zip(&plus).map(|(x, &p)| x + f64::from(p)).collect();
            agree("a sum", &Machine::levels(), 1e-6, &sum, || written(Plain { map, relu }, Some(&plus)));
        }
    }
}

#[test]
fn maps_are_resized_with_their_corners_in_place() {
    let mut numbers = Numbers::new(13);
    let sizes = [
        ([1, 1], [1, 1]),
        ([1, 1], [5, 4]),
        ([3, 2], [1, 1]),
        ([4, 6], [7, 11]),
        ([7, 13], [14, 26]),
        ([9, 5], [4, 3]),
        ([5, 37], [5, 37]),
    ];
    for ([height, width], wanted) in sizes {
        for channels in [3, 6, 24, 48, 63] {
            let values = numbers.list(height * width * channels);
            let plus = numbers.list(wanted[0] * wanted[1] * channels);
            let map = Map { values: &values, height, width, channels };
            // Only maps with as many channels for rows as for columns have positions.
            let tables = (channels % 2 == 0).then(|| tables(&mut numbers, wanted, channels));
            let what = format!("{height}×{width}×{channels} to {wanted:?}");
            for positions in [None, tables.as_ref()] {
                let source = Resized { map, height: wanted[0], width: wanted[1], positions };
                let exact = resized(map, wanted, positions);
                agree(&what, &Machine::levels(), 1e-5, &exact, || written(source, None));
                let sum: Vec<f64> = exact.iter().zip(&plus).map(|(x, &p)| x + f64::from(p)).collect();
                agree(&what, &Machine::levels(), 1e-5, &sum, || written(source, Some(&plus)));
            }
        }
    }
}
