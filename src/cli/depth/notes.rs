//! What `fathom depth --help` says below its options: formats, and an example for each thing that people look for.

pub(in crate::cli) const DEPTH_NOTES: &str = "\
Formats, for --formats; files lie in DIR, numbered in the order of the photos that gave a result
(with --file-names photo, files with <photo> in their names have no number):
  depth_png *   0000_<photo>_depth.png    16 bits: millimetres, or relative (times its text 'Scale')
  colour_png *  0000_<photo>_colour.png   depth as a picture; colour_jpg is the same as JPEG
  tiff          0000_<photo>_depth.tiff   32-bit depth, and _confidence.tiff where there is some;
                                          pfm and npy are the same as .pfm and .npy
  exr           0000_<photo>_depth.exr    photo, depth, confidence and sky in layers, see --exr
  sky_png       0000_<photo>_sky.png      white where a model found sky
  depth_vis     depth_vis/0000.jpg        photo and coloured depth side by side
  stereo_png    0000_<photo>_sbs.png      what two eyes see; stereo_jpg is the same as JPEG;
                                          stereo_mp4 (with ffmpeg) and stereo_gif are films, see
                                          --stereo-layout
  npz *         results.npz               NumPy: depth, conf, extrinsics, intrinsics, image, …
  mini_npz      results_mini.npz          the first four of these
  cameras       cameras.json              lenses and poses, in both directions
  ply *         scene.ply                 coloured points, one file per scene; also xyz and las
  glb           scene.glb                 coloured points and cameras
  mesh_glb      mesh/0000_<photo>.glb     depth as a surface with the photo on it; also mesh_ply and
                                          mesh_obj, see --mesh-step
  colmap        sparse/0/*.bin            a COLMAP model; colmap_text is the same as *.txt
  transforms    transforms.json           cameras for trainers of splats, see --images
  chan          scene.chan                one camera that moves through the photos, for Nuke and others
  gs_ply        gs_ply/0000.ply           3D Gaussians, of models that have them
  feat_vis      feat_vis/feat_layer_5/…   pictures of what block 5 makes of the photos, see
                                          --export-feat; features is the same as numbers, in
                                          features.npz
  always        summary.json              sizes, unit, cameras, seconds, peak memory, settings
Those with a * are written unless --formats is given; 'all' is every format. Only results with an
npz can be opened again.

Examples:
  fathom depth room.jpg --out result
  fathom depth room.jpg --out result --formats exr --full-size --full-size-by edge-aware
One scene of many photos:
  fathom depth holiday/ --out scene --model da3-small
Photos that do not belong together, each for itself:
  fathom depth photos/ --out results --independent
Depth in metres: from a model that gives them, or from distances that you have measured, as rows
of photo,x,y,metres (see --known-depths):
  fathom depth room.jpg --out result --model da2-indoor-small
  fathom depth room.jpg --out result --known-depths measured.csv
Blender: points and cameras in scene.glb, and each photo as a surface in mesh/:
  fathom depth holiday/ --out scene --model da3-small --formats npz,glb,mesh_glb
COLMAP, and trainers of splats: cameras and points, with the photos beside them:
  fathom depth holiday/ --out scene --model da3-base --formats npz,colmap,transforms,ply --images
A depth film, of the pictures of a film (ffmpeg -i film.mp4 frames/%06d.png):
  fathom depth frames/ --out depth --independent --formats colour_jpg --scale-by run
  ffmpeg -pattern_type glob -i 'depth/*_colour.jpg' -pix_fmt yuv420p depth.mp4
For two eyes:
  fathom depth room.jpg --out result --formats npz,stereo_jpg --stereo-layout anaglyph
Little memory: what a run would need, and one that needs less:
  fathom depth holiday/ --model da3-base --dry-run
  fathom depth holiday/ --out scene --model da3-small --views-per-pass 2 --resolution 336
Go on with a run that was stopped; or write a glb of one that is done (name all formats: files of
those that are not named are removed):
  fathom depth holiday/ --out scene --model da3-small --resume
  fathom depth holiday/ --out scene -m da3-small --resume --formats depth_png,colour_png,npz,ply,glb
A turntable and other pictures of results: 'fathom render --help'.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Format;

    #[test]
    fn every_format_is_listed() {
        for format in Format::ALL {
            assert!(DEPTH_NOTES.contains(format.name()), "{}", format.name());
        }
    }
}
