//! What becomes of depth where there is sky (specification §5.7).

use crate::geometry::percentile;

/// Below this a raw sky value means "not sky" when depth is filled.
pub const FILL_THRESHOLD: f32 = 0.3;
/// From this on a pixel is shown as sky.
pub const SHOWN_THRESHOLD: f32 = 0.5;
/// With this many pixels or fewer on either side nothing is filled.
const TOO_FEW: usize = 10;

/// Sets depth on sky pixels to the 0.99-quantile of the depth of all others, over all views together.
///
/// `views` holds one depth map and one raw sky map per view, of equal length. Returns the depth that was filled in.
pub fn fill_sky(views: &mut [(&mut [f32], &[f32])]) -> Option<f32> {
    let is_sky = |sky: f32| sky >= FILL_THRESHOLD || sky.is_nan();
    let all: usize = views.iter().map(|(depth, _)| depth.len()).sum();
    let non_sky: Vec<f32> = views
        .iter()
        .flat_map(|(depth, sky)| depth.iter().zip(*sky).filter(|&(_, &s)| !is_sky(s)).map(|(&d, _)| d))
        .collect();
    if non_sky.len() <= TOO_FEW || all - non_sky.len() <= TOO_FEW {
        return None;
    }
    let far = percentile(non_sky, 99.0)?;
    for (depth, sky) in views {
        for (d, &s) in depth.iter_mut().zip(*sky) {
            if is_sky(s) {
                *d = far;
            }
        }
    }
    Some(far)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sky_gets_the_far_quantile_and_the_rest_stays() {
        let mut depth: Vec<f32> = (0..101).map(|i| i as f32).chain([1000.0; 20]).collect();
        let sky: Vec<f32> = std::iter::repeat_n(0.29, 101).chain([0.3; 20]).collect();
        assert_eq!(fill_sky(&mut [(&mut depth, &sky)]), Some(99.0));
        assert_eq!(depth[50], 50.0);
        assert!(depth[101..].iter().all(|&d| d == 99.0));
    }

    #[test]
    fn a_handful_of_sky_pixels_changes_nothing() {
        let mut depth = vec![1.0; 100];
        let mut sky = vec![0.0; 100];
        sky[..10].fill(1.0);
        assert_eq!(fill_sky(&mut [(&mut depth, &sky)]), None);
    }
}
