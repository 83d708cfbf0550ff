#!/usr/bin/env python3
"""Cameras of photos by pycolmap, as a COLMAP model in text: what `fathom cameras` is compared with (scripts/cameras.sh).

  cameras_pycolmap.py OUT [--fov DEGREES] PHOTO...

Needs pycolmap (PyPI). Defaults of COLMAP, with one camera for all photos; with --fov its focal length stays as given.
"""
import argparse
import math
import pathlib
import tempfile

import pycolmap

from jpeg_size import jpeg_size

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("photos", nargs="+", type=pathlib.Path)
parser.add_argument("--fov", type=float, help="across the longer side, in degrees")
arguments = parser.parse_args()

pycolmap.logging.minloglevel = 2
folder = arguments.photos[0].parent
names = [photo.name for photo in arguments.photos]
reader = pycolmap.ImageReaderOptions()
mapper = pycolmap.IncrementalPipelineOptions()
if arguments.fov:
    width, height = jpeg_size(arguments.photos[0])
    focal = max(width, height) / 2 / math.tan(math.radians(arguments.fov / 2))
    reader.camera_model = "SIMPLE_RADIAL"
    reader.camera_params = f"{focal},{width / 2},{height / 2},0"
    mapper.ba_refine_focal_length = False
with tempfile.TemporaryDirectory() as work:
    database = pathlib.Path(work) / "database.db"
    pycolmap.extract_features(
        database, folder, image_names=names, camera_mode=pycolmap.CameraMode.SINGLE, reader_options=reader
    )
    pycolmap.match_exhaustive(database)
    models = pycolmap.incremental_mapping(database, folder, pathlib.Path(work), options=mapper)
best = max(models.values(), key=lambda model: model.num_reg_images(), default=None)
if best is None:
    raise SystemExit("no scene")
arguments.out.mkdir(parents=True, exist_ok=True)
best.write_text(arguments.out)
