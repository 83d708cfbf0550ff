#!/usr/bin/env python3
"""Makes of results with good cameras such as a network that predicts them coarsely would give.

    noisy_cameras.py RESULTS TRUTH OUT [--degrees 5] [--way 0.1] [--focal 0.1] [--depth 0.08] [--seed 0]

RESULTS is a folder of `fathom depth --formats npz` whose photos became one scene; TRUTH a folder with the known cameras of these photos
(truth.json). OUT gets the same results with the known cameras in place of the solved ones, each turned by DEGREES in the mean about a
random axis, moved by WAY of the cameras' distance from their middle, its focal length off by up to FOCAL, and with depth that is off by
DEPTH (standard deviations, half of it from view to view and half from pixel to pixel). Needs NumPy.
"""

import argparse
import json
import pathlib

import numpy as np


def rotation(axis, angle):
    """By Rodrigues."""
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k


def centre(extrinsics):
    return -extrinsics[:, :3].T @ extrinsics[:, 3]


def spread(centres):
    return np.sqrt(np.mean(np.sum((centres - np.mean(centres, axis=0)) ** 2, axis=1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("truth", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    for name, usual in [("degrees", 5.0), ("way", 0.1), ("focal", 0.1), ("depth", 0.08)]:
        parser.add_argument(f"--{name}", type=float, default=usual)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    draw = np.random.default_rng(given.seed)

    summary = json.loads((given.results / "summary.json").read_text())
    arrays = dict(np.load(given.results / "results.npz"))
    truth = {photo["name"]: photo for photo in json.loads((given.truth / "truth.json").read_text())["photos"]}
    known = [truth[view["photo"]] for view in summary["views"]]
    right = [np.hstack([np.array(photo["r"]), np.array(photo["t"])[:, None]]) for photo in known]
    solved = np.array([centre(np.array(view["extrinsics"])) for view in summary["views"]])
    centres = np.array([centre(extrinsics) for extrinsics in right])
    reach = spread(centres)
    scale = reach / spread(solved)

    depth = arrays["depth"]
    for place, (view, photo, extrinsics) in enumerate(zip(summary["views"], known, right)):
        turn = rotation(draw.normal(size=3), np.radians(given.degrees) * abs(draw.normal()) / np.sqrt(2 / np.pi))
        way = draw.normal(size=3)
        moved = centres[place] + given.way * reach * way / np.linalg.norm(way)
        turned = turn @ extrinsics[:, :3]
        view["extrinsics"] = np.hstack([turned, (-turned @ moved)[:, None]]).tolist()
        width, height = view["processed_size"]
        to = [width / photo["width"], height / photo["height"]]
        off = 1 + given.focal * draw.uniform(-1, 1)
        view["intrinsics"] = [
            [photo["fx"] * to[0] * off, 0, (photo["cx"] + 0.5) * to[0]],
            [0, photo["fy"] * to[1] * off, (photo["cy"] + 0.5) * to[1]],
            [0, 0, 1],
        ]
        view.update(lens_source="predicted", pose_source="predicted", scene=0, bent=None)
        each = given.depth / np.sqrt(2)
        noise = np.exp(each * draw.normal() + each * draw.normal(size=depth[place].shape))
        depth[place] = (depth[place] * scale * noise).astype(np.float32)
    for scene in summary["scenes"]:
        scene["matched"] = None
    # What the network saw says depth without noise.
    for name in ("disparity", "conf", "extrinsics", "intrinsics"):
        arrays.pop(name, None)
    given.out.mkdir(parents=True, exist_ok=True)
    np.savez(given.out / "results.npz", **arrays)
    # Results are known by how their summary begins.
    (given.out / "summary.json").write_text(json.dumps(summary, indent=2))
    def camera(view, photo):
        processed, size = view["processed_size"], [photo["width"], photo["height"]]
        lens = np.diag([size[0] / processed[0], size[1] / processed[1], 1]) @ np.array(view["intrinsics"])
        pose = view["extrinsics"] + [[0, 0, 0, 1]]
        told = {"photo": view["photo"], "photo_size": size, "photo_intrinsics": lens.tolist(), "camera_from_world": pose}
        return {**told, "processed_size": processed, "intrinsics": view["intrinsics"], "scene": 0}

    cameras = [camera(view, photo) for view, photo in zip(summary["views"], known)]
    (given.out / "cameras.json").write_text(json.dumps({"program": "fathom", "cameras": cameras}))


if __name__ == "__main__":
    main()
