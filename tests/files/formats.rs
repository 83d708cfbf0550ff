//! Formats that are asked for by name, and a writer that gives up after some bytes.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Cursor, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{
    AnimationFormat, Axes, COLMAP_BINARY, COLMAP_TEXT, ColmapModel, Colours, DepthScale, FloatMap, Format, Layers,
    Mesh, Options, PhotoNames, ReferenceRule, RunNotes, export_all, write_cameras, write_colour_png, write_depth_png,
    write_depth_vis, write_exr, write_glb, write_las, write_mask_png, write_mesh_glb, write_mesh_mtl, write_mesh_obj,
    write_mesh_ply, write_mini_npz, write_npy, write_npz, write_pfm, write_ply, write_tiff, write_xyz,
};
use fathom::geometry::{GAUSSIAN_CHANNELS, Intrinsics};
use fathom::inference::{
    DepthUnit, Extras, FeatureMap, GaussianMaps, PhotoPart, Prediction, RawGaussians, ViewPrediction,
};
use fathom::input::{KnownCameras, ViewId};
use fathom::reopen::{ReopenError, reopen};
use fathom::scene::{DepthRange, Filters, Thinning, points};

fn prediction() -> Prediction {
    let views = (0..2).map(|index| {
        let path = format!("photos/{index}.jpg").into();
        let mut view = synthetic::render(index, 40, 30).into_prediction(ViewId(index as u64), path);
        view.confidence = Some((0..1200).map(|i| 1.0 + (i % 17) as f32).collect());
        view.sky = Some((0..1200).map(|i| i % 3 == 0).collect());
        let raw = RawGaussians { channels: vec![0.1; 1200 * GAUSSIAN_CHANNELS], opacity: vec![0.5; 1200] };
        let gaussians = GaussianMaps { raw: Arc::new(raw), distance: view.depth.clone() };
        let values = (0..2 * 3 * 4).map(|i| i as f32).collect();
        let features = Arc::new(vec![FeatureMap { block: 5, height: 2, width: 3, channels: 4, values }]);
        view.extras = Extras { gaussians: Some(gaussians), features };
        Arc::new(view)
    });
    Prediction { unit: DepthUnit::Metres, views: views.collect(), ..Prediction::default() }
}

fn export(formats: &[Format], dir: &Path) -> Vec<String> {
    let options = Options { formats: formats.iter().copied().collect(), overwrite: true, ..Options::default() };
    let files = export_all(&prediction(), dir, &RunNotes::default(), &options).expect("exported").files;
    let inside = |file: &Path| file.strip_prefix(dir).expect("inside").to_string_lossy().replace('\\', "/");
    files.iter().map(|file| inside(file)).collect()
}

fn summary(dir: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(dir.join("summary.json")).expect("there")).expect("JSON")
}

#[test]
fn every_format_writes_files_of_its_own_and_the_summary_names_them() {
    let mut seen = BTreeSet::new();
    for format in Format::ALL {
        if format == Format::StereoMp4 && !AnimationFormat::Mp4.is_possible() {
            continue;
        }
        let dir = tempfile::tempdir().expect("a folder");
        let mut files = export(&[format], dir.path());
        assert!(files.iter().all(|file| dir.path().join(file).is_file()));
        assert_eq!(files.pop().as_deref(), Some("summary.json"));
        assert!(!files.is_empty() && files.iter().all(|file| seen.insert(file.clone())), "{format:?}: {files:?}");
        let told = summary(dir.path());
        assert_eq!(told["files"], serde_json::json!(files));
        assert_eq!(told["formats"], serde_json::json!([format.name()]));
    }
    let dir = tempfile::tempdir().expect("a folder");
    let all = export(&Format::ALL, dir.path());
    assert_eq!(all.iter().cloned().collect::<BTreeSet<_>>().len(), seen.len() + 1);
}

#[test]
fn results_without_arrays_say_so_when_they_are_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    export(&[Format::Glb, Format::MiniNpz], dir.path());
    assert_eq!(summary(dir.path())["views"][0]["npz"], serde_json::Value::Null);
    let mut ids = (0..).map(ViewId);
    let mut open = || reopen(dir.path(), || ids.next().expect("endless"));
    let error = open().expect_err("no numbers");
    assert!(matches!(error, ReopenError::NoArrays(_)) && error.to_string().contains("--formats npz"), "{error}");
    export(&[Format::Npz], dir.path());
    assert_eq!(open().expect("opened").prediction.views.len(), 2);
}

#[test]
fn the_camera_of_a_cropped_photo_takes_in_all_of_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut cropped = prediction();
    let view = Arc::make_mut(&mut cropped.views[0]);
    (view.photo_size, view.photo_part) = ([120, 90], PhotoPart { left: 20.0, top: 15.0, width: 80.0, height: 60.0 });
    let k = view.camera.intrinsics;
    let options = Options { formats: [Format::ColmapText].into(), ..Options::default() };
    export_all(&cropped, dir.path(), &RunNotes::default(), &options).expect("exported");
    let known = KnownCameras::read(&dir.path().join("sparse/0")).expect("a model");
    let camera = known.of(Path::new("0.jpg")).expect("its camera");
    assert_eq!(camera.size, Some([120, 90]));
    let expected = Intrinsics { fx: 2.0 * k.fx, fy: 2.0 * k.fy, cx: 2.0 * k.cx + 20.0, cy: 2.0 * k.cy + 15.0 };
    assert_eq!(camera.intrinsics, expected);
}

#[test]
fn axes_turn_points_and_nothing_else_and_that_is_told() {
    let read_xyz = |dir: &Path| {
        let text = fs::read_to_string(dir.join("scene.xyz")).expect("there");
        let number = |word: &str| word.parse::<f32>().expect("a number");
        text.lines().map(|line| line.split(' ').map(number).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let written = |axes: Axes| {
        let dir = tempfile::tempdir().expect("a folder");
        let formats = [Format::Npz, Format::Cameras, Format::Xyz, Format::Las].into();
        let options = Options { formats, axes, ..Options::default() };
        export_all(&prediction(), dir.path(), &RunNotes::default(), &options).expect("exported");
        dir
    };
    let [plain, turned] = [Axes::Auto, Axes::ZUp].map(written);
    let (world, points) = (read_xyz(plain.path()), read_xyz(turned.path()));
    assert!(world.len() > 100 && world.len() == points.len());
    assert!(world.iter().zip(&points).all(|(w, p)| [w[0], w[2], -w[1]] == p[..3] && w[3..] == p[3..]));
    let las = |dir: &Path| fs::read(dir.join("scene.las")).expect("there");
    assert_eq!(las(plain.path()), las(turned.path()), "z is up in LAS unless something else is chosen");
    let told = summary(turned.path());
    let z_up = serde_json::json!([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]);
    assert_eq!(told["axes"]["xyz"]["file_from_world"], z_up);
    assert!(told["axes"].get("ply").is_none(), "not written");
    assert_eq!(summary(plain.path())["axes"]["xyz"]["axes"], "x right, y down, z forward");
    let cameras: serde_json::Value =
        serde_json::from_slice(&fs::read(turned.path().join("cameras.json")).expect("there")).expect("JSON");
    assert_eq!(
        cameras["axes"]["ply"],
        serde_json::json!({"axes": "x right, y forward, z up", "file_from_world": z_up})
    );

    // Whoever reads these files again finds the world that there was.
    for dir in [&plain, &turned] {
        let known = KnownCameras::read(&dir.path().join("cameras.json")).expect("cameras");
        let mut ids = (0..).map(ViewId);
        let opened = reopen(dir.path(), || ids.next().expect("endless")).expect("opened").prediction;
        for (index, view) in prediction().views.iter().enumerate() {
            let (pose, camera) = (view.camera.camera_from_world, known.of(&view.path).expect("its camera"));
            assert!(camera.camera_from_world.matrix().abs_diff_eq(pose.matrix(), 1e-6));
            assert_eq!(opened.views[index].camera.camera_from_world, pose);
        }
    }
}

/// A disk with room for so many bytes.
struct Short {
    bytes: Cursor<Vec<u8>>,
    room: usize,
}

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.room.saturating_sub(self.bytes.position() as usize);
        if left == 0 && !bytes.is_empty() {
            return Err(ErrorKind::StorageFull.into());
        }
        self.bytes.write(&bytes[..bytes.len().min(left)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Short {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// Each writer over the same result.
fn write(what: &str, mut to: &mut Short) -> io::Result<()> {
    let prediction = prediction();
    let (views, view): (&[_], &ViewPrediction) = (&prediction.views, &prediction.views[0]);
    let size = [view.width, view.height];
    let map = FloatMap { values: &view.depth, size, description: "depth".into() };
    let layers = Layers {
        size,
        colours: Colours::Photo(&view.image),
        depth: &view.depth,
        background: None,
        confidence: view.confidence.as_deref(),
        sky: view.sky.as_deref(),
        description: "depth".into(),
    };
    let cloud = points(views, &Filters::NONE, &Thinning::NONE);
    let rule = ReferenceRule::default();
    match what {
        "depth_png" => write_depth_png(to, &view.depth, None, size, DepthScale::MILLIMETRES),
        "colour_png" => write_colour_png(to, &view.depth, size, DepthRange::automatic(&view.depth)),
        "depth_vis" => write_depth_vis(to, view),
        "tiff" => write_tiff(to, &map),
        "exr" => write_exr(to, &layers),
        "pfm" => write_pfm(to, &map),
        "npy" => write_npy(to, &view.depth, &[30, 40]),
        "sky_png" => write_mask_png(to, view.sky.as_deref().expect("there"), size, "sky"),
        "npz" => write_npz(to, views),
        "mini_npz" => write_mini_npz(to, views),
        "cameras" => write_cameras(to, &prediction, Axes::Auto),
        "ply" => write_ply(to, &cloud, DepthUnit::Metres, Axes::Auto, true),
        "xyz" => write_xyz(to, &cloud),
        "las" => write_las(to, &cloud),
        "mesh_glb" => write_mesh_glb(to, &Mesh::new(view, view, 1), &view.image, "a", DepthUnit::Metres),
        "mesh_ply" => write_mesh_ply(to, &Mesh::new(view, view, 1), &view.image, "a.jpg", DepthUnit::Metres),
        "mesh_obj" => write_mesh_obj(to, &Mesh::new(view, view, 1), "a.mtl", DepthUnit::Metres),
        "mesh_mtl" => write_mesh_mtl(to, "a.jpg"),
        "glb" => write_glb(to, views, DepthUnit::Metres, &Filters::NONE, &rule).map(drop),
        name => {
            let names = PhotoNames::new(views);
            let model = ColmapModel::new(views, &names, &Filters::NONE, &rule, false);
            let (_, write) = COLMAP_BINARY
                .into_iter()
                .chain(COLMAP_TEXT)
                .find(|(file, _)| *file == name)
                .expect("a file of COLMAP's");
            write(&mut to, &model)
        }
    }
}

#[test]
fn writers_say_that_the_disk_is_full_wherever_that_happens() {
    let named =
        "depth_png colour_png depth_vis tiff exr pfm npy sky_png npz mini_npz cameras ply xyz las glb mesh_glb \
                 mesh_ply mesh_obj mesh_mtl"
            .split(' ');
    for what in named.chain(COLMAP_BINARY.into_iter().chain(COLMAP_TEXT).map(|(name, _)| name)) {
        let mut disk = Short { bytes: Cursor::default(), room: usize::MAX };
        write(what, &mut disk).expect("there is room");
        let whole = disk.bytes.get_ref().len();
        for room in [0, 1, whole / 3, whole / 2, whole - 1] {
            let error = write(what, &mut Short { bytes: Cursor::default(), room }).expect_err("no room");
            assert!(matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::WriteZero), "{what}, {room}: {error:?}");
        }
    }
}
