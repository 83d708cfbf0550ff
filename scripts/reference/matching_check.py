#!/usr/bin/env python3
"""Holds matching.py to golden files of the authors' code, and says how far matches lie from their epipolar lines.

matching_check.py FOLDER [--truth truth.json --photos 0004.jpg 0005.jpg]

FOLDER holds xfeat.safetensors, xfeat-lighterglue.safetensors and golden/ with a.png, b.png and xfeat-golden.safetensors.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy
from PIL import Image

import matching

TOP_K = 1024
LEAST_SHARE = {"keypoints": 0.995, "matches": 0.99}


class Verdict:
    def __init__(self):
        self.is_good = True

    def say(self, name, value, bound, at_most=True):
        good = value <= bound if at_most else value >= bound
        self.is_good &= bool(good)
        print(f"{'ok ' if good else 'BAD'} {name}: {value:.3g} ({'at most' if at_most else 'at least'} {bound:.3g})")

    def near(self, name, ours, theirs, absolute, relative=0.0):
        self.say(name, float((numpy.abs(ours - theirs) / (absolute + relative * numpy.abs(theirs))).max()), 1.0)


def fundamental(truth, names):
    """Of points as they are stored beside the truth: x_b · F · x_a = 0."""
    cameras = {camera["name"]: camera for camera in truth["photos"]}
    matrices, poses = [], []
    for camera in (cameras[name] for name in names):
        matrices.append(numpy.array([[camera["fx"], 0, camera["cx"]], [0, camera["fy"], camera["cy"]], [0, 0, 1]]))
        poses.append((numpy.array(camera["r"]), numpy.array(camera["t"])))
    (ra, ta), (rb, tb) = poses
    rotation = rb @ ra.T
    x, y, z = tb - rotation @ ta
    essential = numpy.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) @ rotation
    inverse = [numpy.linalg.inv(matrix) for matrix in matrices]
    return inverse[1].T @ essential @ inverse[0]


def epipolar_distances(f, a, b):
    """Mean of both distances to the lines, in pixels."""
    a, b = (numpy.concatenate([points, numpy.ones((len(points), 1))], 1) for points in (a, b))
    in_b, in_a = a @ f.T, b @ f
    off = numpy.abs((b * in_b).sum(1))
    return (off / numpy.linalg.norm(in_b[:, :2], axis=1) + off / numpy.linalg.norm(in_a[:, :2], axis=1)) / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--photos", nargs=2, default=["0004.jpg", "0005.jpg"])
    arguments = parser.parse_args()
    golden = matching.read(arguments.folder / "golden/xfeat-golden.safetensors")
    network = matching.XFeat(matching.read(arguments.folder / "xfeat.safetensors"))
    glue = matching.LighterGlue(matching.read(arguments.folder / "xfeat-lighterglue.safetensors"))
    verdict = Verdict()
    features = []
    for photo in "ab":
        image = numpy.asarray(Image.open(arguments.folder / f"golden/{photo}.png").convert("RGB"))
        keypoints, scores, descriptors, found = network.features(image / numpy.float32(255), TOP_K)
        features.append((keypoints, descriptors, (image.shape[1], image.shape[0])))
        check_photo(verdict, golden, photo, keypoints, scores, descriptors, found)
    a, b = ((golden[f"{p}.keypoints"], golden[f"{p}.descriptors"], f[2]) for p, f in zip("ab", features))
    check_match(verdict, golden, glue.run(a, b))
    check_pairs(verdict, golden, "lg_pruned", *matching.assigned(glue.run(a, b, gives_up=True)))
    theirs = {tuple(pair) for pair in golden["mutual.matches"].astype(int)}
    ours = {tuple(pair) for pair in matching.mutual(a[1], b[1])}
    verdict.say("mutual.matches", len(ours & theirs) / len(theirs), LEAST_SHARE["matches"], at_most=False)
    if arguments.truth:
        report_epipolar(arguments, golden, glue, features)
    sys.exit(0 if verdict.is_good else 1)


def check_photo(verdict, golden, photo, keypoints, scores, descriptors, found):
    for name, bound in (("resized_grey", (1e-5,)), ("normed_grey", (1e-4,)), ("reliability", (5e-4,))):
        if f"{photo}.{name}" in golden:
            verdict.near(f"{photo}.{name}", found[name], golden[f"{photo}.{name}"], *bound)
    for name in ("keypoint_logits", "features"):
        for step, suffix in ((1, ""), (4, ".every4")):
            if f"{photo}.{name}{suffix}" in golden:
                verdict.near(
                    f"{photo}.{name}", found[name][:, ::step, ::step], golden[f"{photo}.{name}{suffix}"], 2e-3, 1e-3
                )
    for name in ("skip1", "block1", "block2", "block3", "block4", "block5"):
        if f"{photo}.stage.{name}.every8" in golden:
            verdict.near(
                f"{photo}.{name}", found[name][:, ::8, ::8], golden[f"{photo}.stage.{name}.every8"], 2e-3, 1e-3
            )
    verdict.near(f"{photo}.heatmap", found["heatmap"][::3, ::3], golden[f"{photo}.heatmap.every3"], 5e-4)
    theirs = {tuple(numpy.round(at, 2)): i for i, at in enumerate(golden[f"{photo}.keypoints"])}
    pairs = [(i, theirs[key]) for i, at in enumerate(keypoints) if (key := tuple(numpy.round(at, 2))) in theirs]
    ours, theirs = numpy.array(pairs).T
    share = len(pairs) / len(golden[f"{photo}.keypoints"])
    verdict.say(f"{photo}.keypoints", share, LEAST_SHARE["keypoints"], at_most=False)
    verdict.near(f"{photo}.scores", scores[ours], golden[f"{photo}.scores"][theirs], 1e-3)
    cosines = (descriptors[ours] * golden[f"{photo}.descriptors"][theirs]).sum(1)
    verdict.say(f"{photo}.descriptors", float(cosines.min()), 0.9999, at_most=False)


def check_match(verdict, golden, found):
    verdict.near("lg.input_proj_a", found["input_proj_a"][:16], golden["lg.input_proj_a.first16"], 1e-3)
    verdict.near("lg.rotary_a", found["rotary_a"][:, :16], golden["lg.rotary_a.first16"], 1e-4)
    for layer in range(matching.LAYERS):
        for photo in "ab":
            name = f"layer{layer}.{photo}"
            verdict.near(f"lg.{name}", found[name][::32], golden[f"lg.{name}.every32"], 2e-3, 1e-3)
    verdict.near("lg.matchability_a", found["matchability_a"], golden["lg.matchability_a"], 1e-3)
    golden_log = golden["lg.log_assignment.every8"]
    ours = found["log_assignment"][::8, ::8]
    ours = numpy.pad(ours, [(0, g - o) for g, o in zip(golden_log.shape, ours.shape)], constant_values=numpy.nan)
    likely = (golden_log > -12) & numpy.isfinite(ours)
    verdict.near("lg.log_assignment", ours[likely], golden_log[likely], 2e-2)
    check_pairs(verdict, golden, "lg", *matching.assigned(found))


def check_pairs(verdict, golden, name, pairs, probabilities):
    scores = golden[f"{name}.match_scores"]
    theirs = {tuple(pair): p for pair, p in zip(golden[f"{name}.matches"].astype(int), scores)}
    ours = {tuple(pair): p for pair, p in zip(pairs, probabilities)}
    common = ours.keys() & theirs.keys()
    verdict.say(f"{name}.matches", len(common) / len(theirs), LEAST_SHARE["matches"], at_most=False)
    verdict.say(f"{name}.match_scores", max(abs(ours[pair] - theirs[pair]) for pair in common), 5e-3)


def report_epipolar(arguments, golden, glue, features):
    truth = json.loads(arguments.truth.read_text())
    f = fundamental(truth, arguments.photos)
    stored = next(photo for photo in truth["photos"] if photo["name"] == arguments.photos[0])
    width, height = features[0][2]
    scale = numpy.array([stored["width"] / width, stored["height"] / height])
    pairs, _ = matching.assigned(glue.run(*features))
    # Centres of pixels are whole numbers in both sizes.
    a, b = (features[i][0][pairs[:, i]] for i in (0, 1))
    distances = epipolar_distances(f, *((points + 0.5) * scale - 0.5 for points in (a, b))) / scale.mean()
    shares = [float((distances < bound).mean()) for bound in (1, 3)]
    print(f"{len(pairs)} matches; to their lines {numpy.median(distances):.3f} px in the middle, "
          f"{shares[0]:.1%} within 1 px, {shares[1]:.1%} within 3 px")


if __name__ == "__main__":
    main()
