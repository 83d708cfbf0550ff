#!/usr/bin/env python3
"""Cameras of photos by openmvg-rs, as a COLMAP model in text: what `fathom cameras` is compared with (scripts/cameras.sh).

  cameras_openmvg.py OUT [--fov DEGREES] PHOTO...

Needs openmvg-rs (PyPI). Both engines with both detectors, and of these the one with most cameras; of equals that with most points. With
--fov the lens stays as given; else it comes from EXIF, without which openmvg-rs takes no photos.
"""
import argparse
import math
import pathlib
import tempfile

import openmvg_rs

from jpeg_size import jpeg_size

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("photos", nargs="+", type=pathlib.Path)
parser.add_argument("--fov", type=float, help="across the longer side, in degrees")
arguments = parser.parse_args()

best = None
with tempfile.TemporaryDirectory() as work:
    folder = pathlib.Path(work)
    for photo in arguments.photos:
        (folder / photo.name).symlink_to(photo.resolve())
    if arguments.fov:
        width, height = jpeg_size(arguments.photos[0])
        focal = max(width, height) / 2 / math.tan(math.radians(arguments.fov / 2))
        rows = f"{focal} 0 {(width - 1) / 2}\n0 {focal} {(height - 1) / 2}\n0 0 1\n"
        (folder / "K.txt").write_text(rows)
    for engine in ("incremental", "global"):
        for detector in ("alp", "sift"):
            try:
                scene = openmvg_rs.reconstruct(folder, engine=engine, extraction_method=detector, progress=False)
            except openmvg_rs.OpenMVGError as error:
                print(f"{engine}, {detector}: {error}")
                continue
            rank = (scene.num_registered_images, scene.num_points)
            print(f"{engine}, {detector}: {rank[0]} cameras, {rank[1]} points")
            if best is None or rank > best[0]:
                best = (rank, scene)
    if best is None:
        raise SystemExit("no scene")
    best[1].write_colmap(arguments.out)
