"""Reads what Fathom exported with the programs that own the formats, and compares it with what was exported.

usage: check.py FOLDER TRUTH WHAT

FOLDER is the export; TRUTH holds truth.json and each view's maps as plain numbers. WHAT is one of the functions below.
"""

import json
import sys
from pathlib import Path

import numpy as np


class View:
    def __init__(self, folder, index, about):
        self.width, self.height = about["size"]
        self.photo_width, self.photo_height = about["photo_size"]
        self.k = np.array(about["intrinsics"])
        self.w2c = np.vstack([about["extrinsics"], [0, 0, 0, 1]])
        shape = (self.height, self.width)
        read = lambda name, kind: np.fromfile(folder / f"{index}.{name}", kind)
        self.depth = read("depth", "<f4").reshape(shape)
        self.confidence = read("confidence", "<f4").reshape(shape) if about["has_confidence"] else None
        self.sky = read("sky", "u1").reshape(shape)
        self.image = read("image", "u1").reshape(*shape, 3)

    def points(self, threshold=None):
        """World points, colours and pixels in row order, of pixels that are sure enough."""
        keep = np.isfinite(self.depth) & (self.depth > 0)
        if threshold is not None:
            keep &= self.confidence >= threshold
        v, u = np.nonzero(keep)
        z = self.depth[v, u].astype(np.float64)
        camera = np.linalg.inv(self.k) @ np.stack([u, v, np.ones_like(u)]) * z
        world = np.linalg.inv(self.w2c) @ np.vstack([camera, np.ones_like(z)])
        return world[:3].T, self.image[v, u], np.stack([u, v], 1)


def near(a, b, tolerance=1e-4):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    assert a.shape == b.shape, (a.shape, b.shape)
    if a.size:
        worst = np.abs(a - b).max()
        assert worst <= tolerance, worst


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def colmap(folder, views, truth):
    import pycolmap

    path = folder / "sparse" / "0"
    binary, text = pycolmap.Reconstruction(), pycolmap.Reconstruction()
    binary.read_binary(path)
    text.read_text(path)
    confidence = np.stack([view.confidence for view in views])
    threshold = np.percentile(confidence, truth["percentile"])
    expected = [view.points(threshold) for view in views]
    total = sum(len(points) for points, _, _ in expected)
    assert summary(folder)["scenes"][0]["colmap"]["points"] == total
    for model, names in (binary, truth["names"]), (text, [name.split(" ")[0] for name in truth["names"]]):
        assert len(model.images) == len(model.cameras) == len(model.rigs) == len(model.frames) == len(views)
        assert len(model.points3D) == total == model.compute_num_observations()
        assert model.num_reg_images() == len(views)
        first = 1
        for i, (view, (points, colours, pixels)) in enumerate(zip(views, expected)):
            image, camera = model.images[i + 1], model.cameras[i + 1]
            scale = np.array([view.photo_width / view.width, view.photo_height / view.height])
            assert (camera.model.name, camera.width, camera.height) == ("PINHOLE", view.photo_width, view.photo_height)
            focal, centre = np.diag(view.k)[:2] * scale, view.k[:2, 2] * scale
            near(camera.params, [*focal, *centre], 1e-3)
            near(image.cam_from_world().matrix(), view.w2c[:3], 1e-5)
            assert image.name == names[i], (image.name, names[i])
            assert image.camera_id == image.frame_id == i + 1
            assert len(image.points2D) == image.num_points3D == len(points)
            near([seen.xy for seen in image.points2D], np.trunc(pixels * scale), 0)
            for j in range(0, len(points), 97):
                number = image.points2D[j].point3D_id
                point = model.points3D[number]
                assert number == first + j
                near(point.xyz, points[j])
                near(point.color, colours[j], 0)
                track = point.track.elements
                assert [(t.image_id, t.point2D_idx) for t in track] == [(i + 1, j)]
            first += len(points)


def read_glb(folder, name="scene.glb"):
    import pygltflib

    gltf = pygltflib.GLTF2().load(str(folder / name))
    blob = gltf.binary_blob()

    def values(accessor, kind, width):
        accessor = gltf.accessors[accessor]
        start = gltf.bufferViews[accessor.bufferView].byteOffset or 0
        return np.frombuffer(blob, kind, accessor.count * width, start).reshape(-1, width)

    geometries = {}
    for node in (node for node in gltf.nodes if node.mesh is not None):
        (primitive,) = gltf.meshes[node.mesh].primitives
        positions = values(primitive.attributes.POSITION, "<f4", 3)
        geometries[node.name] = (primitive.mode, positions, values(primitive.attributes.COLOR_0, "u1", 4))
    return gltf, geometries, values


def glb_expected(views, truth):
    """Alignment, all points before a limit and their colours, as the reference makes them."""
    threshold = None
    if views[0].confidence is not None:
        confidence = np.stack([view.confidence for view in views])
        low, high = np.percentile(confidence, [truth["percentile"], 90])
        threshold = min(max(1.05, low), high)
    world, colours, _ = (np.concatenate(part) for part in zip(*(view.points(threshold) for view in views)))
    turned = np.diag([1.0, -1, -1, 1]) @ views[0].w2c
    points = world @ turned[:3, :3].T + turned[:3, 3]
    shift = np.eye(4)
    shift[:3, 3] = -np.median(points, axis=0)
    return shift @ turned, points + shift[:3, 3], colours


def glb(folder, views, truth):
    import trimesh

    gltf, geometries, values = read_glb(folder)
    alignment, points, colours = glb_expected(views, truth)
    near(gltf.scenes[0].extras["hf_alignment"], alignment)
    assert list(geometries) == [f"geometry_{i}" for i in range(len(views) + 1)]
    mode, positions, painted = geometries["geometry_0"]
    assert mode == 0 and (painted[:, 3] == 255).all()
    near(positions, points)
    near(painted[:, :3], colours, 0)
    assert summary(folder)["scenes"][0]["glb"]["points"] == len(points)
    low, high = np.percentile(points, [5, 95], axis=0)
    depth = 0.03 * np.linalg.norm(high - low)
    for i, view in enumerate(views):
        mode, lines, _ = geometries[f"geometry_{i + 1}"]
        right, bottom = view.width - 1, view.height - 1
        corners = np.array([[0, 0, 1], [right, 0, 1], [right, bottom, 1], [0, bottom, 1]]).T
        rays = np.vstack([np.linalg.inv(view.k) @ corners * depth, np.ones(4)])
        to_file = alignment @ np.linalg.inv(view.w2c)
        apex, (a, b, c, d) = to_file[:3, 3], (to_file @ rays)[:3].T
        assert mode == 1
        near(lines, [apex, a, apex, b, apex, c, apex, d, a, b, b, c, c, d, d, a])
    glb_cameras(gltf, values, views, truth, alignment)
    scene = trimesh.load(folder / "scene.glb")
    clouds = [part for part in scene.geometry.values() if isinstance(part, trimesh.PointCloud)]
    assert len(scene.geometry) == len(views) + 1 and len(clouds) == 1
    near(clouds[0].vertices, points)
    near(clouds[0].colors[:, :3], colours, 0)


def glb_cameras(gltf, values, views, truth, alignment):
    """One camera for each photo, and one that goes from photo to photo."""
    nodes = [node for node in gltf.nodes if node.camera is not None]
    (path,) = [node for node in nodes if node.name == "camera path"]
    nodes.remove(path)
    assert len(gltf.cameras) == len(nodes) == len(views)
    assert [node.name for node in nodes] == truth["names"]
    poses = []
    for node, view in zip(nodes, views):
        pose = np.eye(4)
        pose[:3, :3] = rotations(np.array([node.rotation], np.float64))[0]
        pose[:3, 3] = node.translation
        poses.append(pose)
        # OpenCV's y and z point the other way.
        near(pose, alignment @ np.linalg.inv(view.w2c) @ np.diag([1.0, -1, -1, 1]))
        scale = np.diag([view.photo_width / view.width, view.photo_height / view.height, 1])
        k, lens = scale @ view.k, gltf.cameras[node.camera].perspective
        near(lens.yfov, 2 * np.arctan(view.photo_height / 2 / k[1, 1]), 1e-5)
        near(np.tan(lens.yfov / 2) * lens.aspectRatio, view.photo_width / 2 / k[0, 0], 1e-5)
        assert 0 < lens.znear < 0.1 and lens.zfar is None
        told = [node.extras[name] for name in ("fx", "fy", "cx", "cy", "width", "height")]
        near(told, [k[0, 0], k[1, 1], k[0, 2], k[1, 2], view.photo_width, view.photo_height], 1e-3)
    (animation,) = gltf.animations
    assert [channel.target.path for channel in animation.channels] == ["translation", "rotation"]
    assert all(channel.target.node == gltf.nodes.index(path) for channel in animation.channels)
    place, turn = (animation.samplers[channel.sampler] for channel in animation.channels)
    assert place.interpolation == turn.interpolation == "LINEAR"
    near(values(place.input, "<f4", 1).ravel(), np.arange(len(views)), 0)
    near(values(place.output, "<f4", 3), [pose[:3, 3] for pose in poses])
    turns = values(turn.output, "<f4", 4).astype(np.float64)
    near(rotations(turns), [pose[:3, :3] for pose in poses])
    assert ((turns[1:] * turns[:-1]).sum(1) > 0).all()


def few(folder, views, truth):
    """A limit of 500 points, and no cameras."""
    gltf, geometries, _ = read_glb(folder)
    assert not gltf.cameras and not gltf.animations
    _, points, _ = glb_expected(views, truth)
    assert list(geometries) == ["geometry_0"]
    positions = geometries["geometry_0"][1]
    assert len(positions) == 500
    assert all(np.abs(points - position).max(axis=1).min() < 1e-4 for position in positions)


def valid(folder, views, truth):
    """Khronos' validator has nothing to say, not even a hint."""
    validate(folder.glob("*.glb"))


def meshes_valid(folder, views, truth):
    files = list((folder / "mesh").glob("*.glb"))
    assert len(files) == len(views)
    validate(files)


def validate(files):
    import shutil
    import subprocess

    modules = Path(sys.executable).parent.parent
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or "node"
    for file in files:
        command = [node, str(Path(__file__).with_name("validate.mjs")), str(modules), str(file)]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        # Photos have the sides that they have; only WebGL 1 minds.
        found = [issue for issue in report["issues"]["messages"] if issue["code"] != "IMAGE_NPOT_DIMENSIONS"]
        assert not found, found


def depth(folder, views, truth):
    compare_maps(folder, views, [(view.depth, view.confidence) for view in views], "z-depth in metres")


def full_size(folder, views, truth):
    """The nearest pixel, corners on corners."""

    def nearest(view, values):
        at = lambda n, to: np.floor(np.arange(to) * (n - 1) / (to - 1) + 0.5).astype(int)
        rows, columns = at(view.height, view.photo_height), at(view.width, view.photo_width)
        return values[rows][:, columns]

    maps = [(nearest(view, view.depth), nearest(view, view.confidence)) for view in views]
    compare_maps(folder, views, maps, "brought to the size of the photo: nearest")
    assert summary(folder)["full_size_by"] == "nearest"


def compare_maps(folder, views, maps, words):
    import tifffile
    from PIL import Image

    for i, (view, pair) in enumerate(zip(views, maps)):
        layers(folder, i, view, pair, words)
        for what, expected in zip(["depth", "confidence"], pair):
            (stem,) = {file.stem for file in folder.glob(f"{i:04}_*_{what}.tiff")}
            with tifffile.TiffFile(folder / f"{stem}.tiff") as tiff:
                near(tiff.asarray(), expected, 0)
                assert tiff.pages[0].dtype == np.float32
                assert what != "depth" or words in tiff.pages[0].description
            near(np.asarray(Image.open(folder / f"{stem}.tiff")), expected, 0)
            near(np.load(folder / f"{stem}.npy"), expected, 0)
            near(np.asarray(Image.open(folder / f"{stem}.pfm")), expected, 0)
        (png,) = folder.glob(f"{i:04}_*_depth.png")
        picture = Image.open(png)
        assert (picture.info["Unit"], float(picture.info["Scale"])) == ("metres", 0.001)
        near(np.asarray(picture) * 0.001, pair[0], 0.000501)
        (sky,) = folder.glob(f"{i:04}_*_sky.png")
        if pair[0].shape == view.sky.shape:
            near(np.asarray(Image.open(sky)) // 255, view.sky, 0)
        (jpg,) = folder.glob(f"{i:04}_*_colour.jpg")
        assert Image.open(jpg).size == pair[0].shape[::-1]
        pair_of = Image.open(folder / "depth_vis" / f"{i:04}.jpg")
        assert pair_of.size == (2 * view.width, view.height)
        near(np.asarray(pair_of)[:, : view.width].mean(), view.image.mean(), 1.0)


def layers(folder, i, view, pair, words):
    import OpenEXR

    (file,) = folder.glob(f"{i:04}_*_depth.exr")
    with OpenEXR.File(str(file), separate_channels=True) as exr:
        assert words in exr.header()["comments"]
        channels = {name: channel.pixels for name, channel in exr.channels().items()}
    depth, confidence = pair
    near(channels.pop("confidence.Y"), confidence, 0)
    z = channels.pop("Z")
    assert z.dtype == np.float32
    near(z, depth, 0)
    sky = channels.pop("sky.Y")
    if depth.shape != view.sky.shape:
        # The photo, which shows more than the network saw, is not there.
        assert not channels
        return
    near(sky, view.sky, 0)
    linear = np.stack([channels.pop(name) for name in "RGB"], -1).astype(float)
    assert not channels
    near(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055) * 255, view.image, 0.5)


def stereo(folder, views, truth):
    """Each eye, 500 mm from the other, sees a pixel half of its parallax aside."""
    from PIL import Image

    for i, view in enumerate(views):
        (png,) = folder.glob(f"{i:04}_*_sbs.png")
        (jpg,) = folder.glob(f"{i:04}_*_sbs.jpg")
        pair = np.asarray(Image.open(png)).astype(float)
        assert pair.shape == (view.height, 2 * view.width, 3)
        near(np.asarray(Image.open(jpg)).mean(), pair.mean(), 1.0)
        inverse = 1 / view.depth
        parallax = view.k[0, 0] * 0.5 * (inverse - np.median(inverse))
        assert np.ptp(parallax) > 4
        x = np.arange(view.width)
        for side, eye in ((0.5, pair[:, : view.width]), (-0.5, pair[:, view.width :])):
            off = []
            for y in range(view.height):
                seen = np.stack([np.interp(x + side * parallax[y], x, eye[y, :, c]) for c in range(3)], axis=1)
                off.append(np.abs(seen - view.image[y]).mean(axis=1))
            unmoved = np.abs(eye - view.image).mean()
            assert np.median(off) < 6 and np.mean(off) < 0.7 * unmoved, (np.median(off), np.mean(off), unmoved)
    film = Image.open(folder / "stereo_sbs.gif")
    assert (film.n_frames, film.size) == (len(views), (2 * views[0].width, views[0].height))


def arrays(folder, views, truth):
    for name, keys in ("results", "conf depth extrinsics image intrinsics sky"), (
        "results_mini",
        "conf depth extrinsics intrinsics",
    ):
        npz = np.load(folder / f"{name}.npz")
        assert " ".join(sorted(npz.files)) == keys, npz.files
        near(npz["depth"], np.stack([view.depth for view in views]), 1e-6)
        near(npz["conf"], np.stack([view.confidence for view in views]), 0.00501)
        near(npz["extrinsics"], np.stack([view.w2c[:3] for view in views]), 1e-6)
        near(npz["intrinsics"], np.stack([view.k for view in views]), 1e-5)
    near(np.load(folder / "results.npz")["image"], np.stack([view.image for view in views]), 0)


def session(folder, views, truth):
    """Maps are not rounded, and photos count them."""
    maps = np.load(folder / "scene.fathom")
    for i, view in enumerate(views):
        for name in ("depth", "confidence", "sky", "image"):
            near(maps[f"views/{i:04}/{name}"][0], getattr(view, name), 0)


def cameras(folder, views, truth):
    told = json.loads((folder / "cameras.json").read_text())
    assert "OpenCV" in told["convention"]["frame"]
    for camera, view in zip(told["cameras"], views, strict=True):
        near(camera["camera_from_world"], view.w2c, 1e-6)
        near(np.array(camera["world_from_camera"]) @ view.w2c, np.eye(4), 1e-5)
        near(camera["intrinsics"], view.k, 1e-5)
        scale = np.diag([view.photo_width / view.width, view.photo_height / view.height, 1])
        near(camera["photo_intrinsics"], scale @ view.k, 1e-3)
        assert camera["photo_size"] == [view.photo_width, view.photo_height]
        assert (camera["unit"], camera["lens_source"], camera["pose_source"], camera["scene"]) == ("metres", "predicted", "predicted", 0)


def chan(folder, views, truth):
    """A camera that looks along -z, with y up, turned around z, x and y in this order."""
    flip = np.diag([1.0, -1, -1, 1])
    for i, (row, view) in enumerate(zip(np.loadtxt(folder / "scene.chan"), views, strict=True)):
        frame, *at = row[:4]
        (sx, sy, sz), (cx, cy, cz) = np.sin(np.radians(row[4:7])), np.cos(np.radians(row[4:7]))
        x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        expected = flip @ np.linalg.inv(view.w2c) @ flip
        near(y @ x @ z, expected[:3, :3], 1e-6)
        near(at, expected[:3, 3], 1e-6)
        near(view.height / 2 / np.tan(np.radians(row[7]) / 2), view.k[1, 1], 1e-3)
        assert frame == i + 1


def recipe(folder, views, truth):
    """What docs/cli.md shows for NumPy gives the points of the first view."""
    docs = (Path(__file__).parents[2] / "docs/cli.md").read_text()
    lines = next(part for part in docs.split("```python\n")[1:] if part.startswith("import json, numpy as np\n"))
    found = {}
    exec(lines.split("```")[0].replace("out/", f"{folder}/"), found)
    near(found["points"].T, views[0].points()[0], 1e-3)


def clouds(folder, views, truth):
    """All points, unfiltered."""
    import laspy
    import plyfile
    import trimesh

    points, colours, _ = (np.concatenate(part) for part in zip(*(view.points() for view in views)))
    vertices = plyfile.PlyData.read(folder / "scene.ply")["vertex"]
    column = lambda *names: np.stack([vertices[name] for name in names], 1)
    near(column("x", "y", "z"), points)
    near(column("red", "green", "blue"), colours, 0)
    near(vertices["confidence"], np.concatenate([view.confidence.ravel() for view in views]), 0)
    normals = column("nx", "ny", "nz")
    near(np.linalg.norm(normals, axis=1), np.ones(len(points)), 1e-3)
    centres = np.concatenate([np.repeat(np.linalg.inv(view.w2c)[None, :3, 3], view.depth.size, 0) for view in views])
    assert (((centres - points) * normals).sum(1) > 0).mean() > 0.99, "normals look at their camera"
    near(trimesh.load(folder / "scene.ply").vertices, points)

    lines = np.loadtxt(folder / "scene.xyz")
    near(lines[:, :3], points)
    near(lines[:, 3:], colours, 0)

    las = laspy.read(folder / "scene.las")
    # On its feet: z is up in LAS.
    upright = points @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]).T
    near(las.xyz, upright)
    near(np.stack([las.red, las.green, las.blue], 1) // 257, colours, 0)
    near(las.header.mins, upright.min(0))
    near(las.header.maxs, upright.max(0))
    assert (las.return_number == 1).all() and (las.number_of_returns == 1).all()


def mesh_expected(view, first):
    """Where all pixels of a view lie in the files."""
    flip = np.diag([1.0, -1, -1, 1])
    v, u = np.mgrid[: view.height, : view.width].reshape(2, -1)
    camera = np.linalg.inv(view.k) @ np.stack([u, v, np.ones_like(u)]) * view.depth.ravel().astype(np.float64)
    world = flip @ first.w2c @ np.linalg.inv(view.w2c) @ np.vstack([camera, np.ones(u.size)])
    return world[:3].T


def meshes(folder, views, truth):
    """Each triangle lies within one cell and one surface, its texture is what its pixels show, and nothing is left out."""
    import plyfile
    import trimesh

    for i, view in enumerate(views):
        positions = mesh_expected(view, views[0])
        (stem,) = {file.stem for file in (folder / "mesh").glob(f"{i:04}_*.glb")}
        assert " " not in stem
        ply = plyfile.PlyData.read(folder / "mesh" / f"{stem}.ply")
        assert f"TextureFile {stem}_texture.jpg" in ply.comments
        vertices, faces = ply["vertex"], np.stack(ply["face"]["vertex_indices"])
        column = lambda *names: np.stack([vertices[name] for name in names], 1)
        s, t = column("s", "t").T
        u, v = np.rint(s * view.width - 0.5).astype(int), np.rint((1 - t) * view.height - 0.5).astype(int)
        near(np.stack([(u + 0.5) / view.width, 1 - (v + 0.5) / view.height], 1), np.stack([s, t], 1), 1e-6)
        near(column("x", "y", "z"), positions[v * view.width + u])
        near(column("red", "green", "blue"), view.image[v, u], 0)
        depth = view.depth.astype(np.float64)
        corners = depth[v, u][faces]
        assert (corners > 0).all() and (corners.max(1) <= 1.1000001 * corners.min(1)).all()
        assert (np.ptp(u[faces], axis=1) == 1).all() and (np.ptp(v[faces], axis=1) == 1).all()
        a, b, c = (column("x", "y", "z").astype(np.float64)[faces[:, j]] for j in range(3))
        eye = np.diag([1.0, -1, -1]) @ (views[0].w2c @ np.linalg.inv(view.w2c))[:3, 3]
        assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), eye - a) > 0).all(), "fronts face the camera"
        # A cell with no edge in it has two triangles.
        cells = np.stack([depth[:-1, :-1], depth[:-1, 1:], depth[1:, :-1], depth[1:, 1:]])
        whole = (cells.min(0) > 0) & (cells.max(0) <= 1.0999 * cells.min(0))
        counted = np.zeros(whole.shape, int)
        np.add.at(counted, (v[faces].min(1), u[faces].min(1)), 1)
        assert (counted[whole] == 2).all() and whole.any()

        for name in f"{stem}.glb", f"{stem}.ply", f"{stem}.obj":
            loaded = trimesh.load(folder / "mesh" / name, process=False)
            (mesh,) = loaded.geometry.values() if isinstance(loaded, trimesh.Scene) else [loaded]
            assert len(mesh.faces) == len(faces), name
            near(mesh.bounds, [positions[v * view.width + u].min(0), positions[v * view.width + u].max(0)])
            near(mesh.triangles.reshape(-1, 3), np.stack([a, b, c], 1).reshape(-1, 3))
            places = np.asarray(mesh.visual.uv)[np.asarray(mesh.faces)]
            near(places, np.stack([s, t], 1)[faces], 1e-5)
            material = mesh.visual.material
            picture = getattr(material, "baseColorTexture", None) or material.image
            assert picture.size == (view.width, view.height), name
            near(np.asarray(picture.convert("RGB")).mean(), view.image.mean(), 1.0)


SH = 0.28209479, 0.48860251, 1.0925484, 0.31539157, 0.54627421


def basis(d):
    """The real spherical harmonics of 3D Gaussian splatting up to degree 2, for directions in rows."""
    x, y, z = d.T
    zero, one, xy, zz, xx = SH
    rows = [zero + 0 * x, -one * y, one * z, -one * x, xy * x * y, -xy * y * z]
    return np.stack(rows + [zz * (2 * z * z - x * x - y * y), -xy * x * z, xx * (x * x - y * y)], 1)


def rotations(q):
    """Matrices of scalar-last quaternions of any length."""
    i, j, k, r = q.T
    s = 2 / (q * q).sum(1)
    rows = [
        [1 - s * (j * j + k * k), s * (i * j - k * r), s * (i * k + j * r)],
        [s * (i * j + k * r), 1 - s * (i * i + k * k), s * (j * k - i * r)],
        [s * (i * k - j * r), s * (j * k + i * r), 1 - s * (i * i + j * j)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def gaussians(folder, views, truth):
    import gsply

    seen = gsply.plyread(folder / "gs_ply" / "0000.ply")
    expected = [[] for _ in range(6)]
    probes = np.array([[0.6, -0.48, 0.64], [-0.36, 0.48, 0.8], [0, 0, 1.0], [0.8, 0.6, 0]])
    for index, view in enumerate(views):
        count = view.height * view.width
        read = lambda name: np.fromfile(truth["folder"] / f"{index}.{name}", "<f4").astype(np.float64)
        raw, opacity, distance = read("raw").reshape(count, 37), read("opacity"), read("distance")
        rim = 8 * view.height // 256, 8 * view.width // 256
        inside = np.zeros((view.height, view.width), bool)
        inside[rim[0] : view.height - rim[0], rim[1] : view.width - rim[1]] = True
        keep = (inside & (view.depth <= np.quantile(view.depth.astype(np.float64), 0.9))).ravel()
        v, u = np.divmod(np.arange(count), view.width)
        rays = np.linalg.inv(view.k) @ np.stack([u + 0.5 + raw[:, 0], v + 0.5 + raw[:, 1], np.ones(count)])
        rays /= np.linalg.norm(rays, axis=0)
        c2w = np.linalg.inv(view.w2c)
        means = (c2w[:3, :3] @ (rays * distance)).T + c2w[:3, 3]
        size = 0.1 * (1 / view.k[0, 0] + 1 / view.k[1, 1]) * distance[:, None]
        scales = (1e-5 + (30 - 1e-5) / (1 + np.exp(-raw[:, 2:5]))) * size
        turned = c2w[:3, :3] @ rotations(raw[:, [8, 5, 6, 7]])
        harmonics = raw[:, 9:36].reshape(count, 3, 9) * np.array([1] + [0.025] * 3 + [0.00625] * 5)
        shades = harmonics @ basis(probes).T
        for part, values in zip(expected, [means, scales, turned, opacity, harmonics[:, :, 0], shades]):
            part.append(values[keep])
    counts = [len(part) for part in expected[0]]
    means, scales, turned, opacity, base, shades = [np.concatenate(part) for part in expected]
    assert len(seen.means) == len(means) == summary(folder)["scenes"][0]["gaussians"]["gaussians"]
    near(seen.means, means)
    near(seen.scales, np.log(scales))
    near(seen.opacities.ravel(), np.log(opacity / (1 - opacity)), 1e-3)
    near(seen.sh0, base)
    # What viewers take as scalar-first is, as the reference has it, the scalar-last quaternion.
    near(rotations(np.asarray(seen.quats, np.float64)), turned)
    if seen.shN is not None and seen.shN.size:
        coefficients = np.concatenate([np.asarray(seen.sh0)[:, None, :], np.asarray(seen.shN)], 1)
        ends = np.cumsum(counts)
        for view, part in zip(views, map(slice, ends - counts, ends)):
            world = probes @ np.linalg.inv(view.w2c)[:3, :3].T
            near(np.einsum("nkc,pk->ncp", coefficients[part], basis(world)), shades[part])


def features(folder, views, truth):
    from PIL import Image

    stored = np.load(folder / "features.npz")["feat_layer_7"]
    assert stored.shape == (len(views), 3, 4, 8) and stored.dtype == np.float32
    for index, view in enumerate(views):
        near(stored[index].ravel(), np.fromfile(truth["folder"] / f"{index}.features7", "<f4"), 0)
    rows = stored.reshape(-1, 8).astype(np.float64)
    _, _, directions = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    strongest = (rows - rows.mean(0)) @ directions[0]
    low, high = np.percentile(strongest, [10, 90])
    red = np.clip((strongest - low) / (high - low), 0, 1).reshape(stored.shape[:3]) * 255
    for index, view in enumerate(views):
        picture = np.asarray(Image.open(folder / "feat_vis" / "feat_layer_7" / f"{index:06}.jpg")).astype(float)
        assert picture.shape == (view.height, 2 * view.width, 3)
        step = view.height // 3, view.width // 4
        centres = picture[step[0] // 2 :: step[0], view.width + step[1] // 2 :: step[1], 0][:3, :4]
        # The sign of a component says nothing; JPEG is not exact.
        assert min(np.abs(centres - red[index]).max(), np.abs(centres - (255 - red[index])).max()) < 30


CHECKS = [colmap, glb, few, valid, depth, full_size, arrays, session, cameras, chan, recipe, clouds]
CHECKS += [meshes_valid, meshes, gaussians, features, stereo]

if __name__ == "__main__":
    folder, truth_folder, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    truth = json.loads((truth_folder / "truth.json").read_text()) | {"folder": truth_folder}
    views = [View(truth_folder, i, about) for i, about in enumerate(truth["views"])]
    (check,) = [check for check in CHECKS if check.__name__ == what]
    check(folder, views, truth)
