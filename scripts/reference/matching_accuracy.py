#!/usr/bin/env python3
"""How far matches lie from their epipolar lines, by where in its surroundings a keypoint is said to lie.

matching_accuracy.py WEIGHTS FOLDER… [--long-side 1024] [--photos 6]

WEIGHTS holds xfeat.safetensors and xfeat-lighterglue.safetensors; each FOLDER photos and their cameras as truth.json (see
matching_check.py). Each photo is matched with the next; the matches are the same for all ways.
"""

import argparse
import json
from pathlib import Path

import numpy
from PIL import Image

import matching
from matching_check import epipolar_distances, fundamental

TOP_K = 1024


def parabola(heat, peaks, of=lambda x: x):
    """The top of a parabola through a peak and its two neighbours, along each axis."""
    x, y = peaks[:, 0].astype(int) + 1, peaks[:, 1].astype(int) + 1
    around = of(numpy.pad(heat, 1, mode="edge"))
    middle = around[y, x]
    pairs = ((around[y, x - 1], around[y, x + 1]), (around[y - 1, x], around[y + 1, x]))
    off = [(before - after) / (2 * (before - 2 * middle + after) - 1e-12) for before, after in pairs]
    return peaks + numpy.clip(numpy.stack(off, 1), -0.5, 0.5)


WAYS = {
    "whole pixels": lambda heat, peaks: peaks,
    "parabola": parabola,
    "parabola, logarithms": lambda heat, peaks: parabola(heat, peaks, lambda x: numpy.log(x + 1e-6)),
    "mean of 3×3": lambda heat, peaks: matching.refined(heat, peaks, 1),
    "mean of 5×5": lambda heat, peaks: matching.refined(heat, peaks, 2),
}


class Photo:
    def __init__(self, path, long_side, network):
        image = Image.open(path).convert("RGB")
        self.name, self.size = path.name, image.size
        scale = long_side / max(image.size)
        if scale < 1:
            image = image.resize([round(side * scale) for side in image.size], Image.Resampling.BOX)
        found = network.features(numpy.asarray(image) / numpy.float32(255), TOP_K, scaled=False)
        self.peaks, _, self.descriptors, maps = found
        self.heat = maps["heatmap"]
        self.scale = numpy.array(self.size) / self.heat.shape[::-1]

    def positions(self, way):
        return (way(self.heat, self.peaks) + 0.5) * self.scale - 0.5

    def points(self):
        return self.positions(WAYS["whole pixels"]).astype(numpy.float32), self.descriptors, self.size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--long-side", type=int, default=1024)
    parser.add_argument("--photos", type=int, default=6, help="of each folder")
    arguments = parser.parse_args()
    network = matching.XFeat(matching.read(arguments.weights / "xfeat.safetensors"))
    glue = matching.LighterGlue(matching.read(arguments.weights / "xfeat-lighterglue.safetensors"))
    distances = {way: [] for way in WAYS}
    for folder in arguments.folders:
        truth = json.loads((folder / "truth.json").read_text())
        names = [photo["name"] for photo in truth["photos"]][: arguments.photos]
        photos = [Photo(folder / name, arguments.long_side, network) for name in names]
        for a, b in zip(photos, photos[1:]):
            pairs, _ = matching.assigned(glue.run(a.points(), b.points(), gives_up=True))
            f = fundamental(truth, [a.name, b.name])
            for name, way in WAYS.items():
                positions = (photo.positions(way)[pairs[:, i]] for i, photo in enumerate((a, b)))
                distances[name].append(epipolar_distances(f, *positions) / a.scale.mean())
    matches = sum(map(len, distances["parabola"]))
    print(f"| {matches} matches | median | within ½ pixel | within 1 | within 3 |")
    print("|---|---:|---:|---:|---:|")
    for name, all_of_them in distances.items():
        off = numpy.concatenate(all_of_them)
        shares = " | ".join(f"{(off < bound).mean():.1%}" for bound in (0.5, 1, 3))
        print(f"| {name} | {numpy.median(off):.3f} | {shares} |")


if __name__ == "__main__":
    main()
