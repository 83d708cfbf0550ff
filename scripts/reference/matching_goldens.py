#!/usr/bin/env python3
"""Makes the golden files of tests/goldens/matching with matching.py, which matching_check.py holds to the authors' code.

matching_goldens.py LEFT RIGHT [--width 272] [--to tests/goldens/matching]

LEFT and RIGHT are the photos of a rectified pair; they are made smaller, grey, and stored beside the numbers. The weights are
those that are part of the program.
"""

import argparse
from pathlib import Path

import numpy
from PIL import Image
from safetensors.numpy import save_file

import matching

ROOT = Path(__file__).resolve().parents[2]
TOP_K = 256
STAGES = ("skip1", "block1", "block2", "block3", "block4", "block5")


def photo(path, width, to):
    image = Image.open(path).convert("L")
    image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.BOX)
    image.save(to, optimize=True)
    return numpy.repeat(numpy.asarray(image)[:, :, None], 3, 2) / numpy.float32(255)


def of_photo(name, image, network):
    """Keypoints of both photos, and the maps behind those of a."""
    keypoints, scores, descriptors, found = network.features(image, TOP_K)
    # Half precision is enough to compare with, and what follows begins with what is stored.
    descriptors = descriptors.astype(numpy.float16)
    golden = {f"{name}.keypoints": keypoints, f"{name}.scores": scores, f"{name}.descriptors": descriptors}
    golden |= {f"{name}.exact": exact(keypoints, image, found["heatmap"])}
    if name == "a":
        golden |= {f"a.{key}.every4": found[key][:, ::4, ::4] for key in ("keypoint_logits", "features")}
        golden |= {f"a.stage.{stage}.every8": found[stage][:, ::8, ::8] for stage in STAGES}
        golden |= {f"a.{key}.every5": found[key][::5, ::5] for key in ("resized_grey", "normed_grey")}
        golden |= {"a.heatmap.every3": found["heatmap"][::3, ::3], "a.reliability": found["reliability"]}
    return golden, (keypoints, descriptors.astype(numpy.float32), (image.shape[1], image.shape[0]))


def exact(keypoints, image, heat):
    """Where between pixels the keypoints lie, in pixels of the image; centres of pixels are whole numbers in both sizes."""
    scale = numpy.float32([image.shape[1], image.shape[0]]) / numpy.float32(heat.shape[::-1])
    return (matching.refined(heat, numpy.round(keypoints / scale)) + 0.5) * scale - 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs=2)
    parser.add_argument("--width", type=int, default=272)
    parser.add_argument("--to", type=Path, default=ROOT / "tests/goldens/matching")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    network = matching.XFeat(matching.read(ROOT / "assets/models/xfeat.safetensors"))
    glue = matching.LighterGlue(matching.read(ROOT / "assets/models/lighterglue.safetensors"))
    golden, features = {}, []
    for name, path in zip("ab", arguments.photos):
        image = photo(path, arguments.width, arguments.to / f"{name}.png")
        of_this, points = of_photo(name, image, network)
        golden |= of_this
        features.append(points)
    found = glue.run(*features)
    golden |= {"lg.input_proj_a.first16": found["input_proj_a"][:16]}
    for layer in range(matching.LAYERS):
        golden |= {f"lg.layer{layer}.{name}.every32": found[f"layer{layer}.{name}"][::32] for name in "ab"}
    pairs, probabilities = matching.assigned(found)
    golden |= {"lg.log_assignment.every8": found["log_assignment"][::8, ::8]}
    golden |= {"lg.matches": pairs.astype(numpy.int32), "lg.match_scores": probabilities}
    fewer, of_fewer = matching.assigned(glue.run(*features, gives_up=True))
    golden |= {"lg_pruned.matches": fewer.astype(numpy.int32), "lg_pruned.match_scores": of_fewer}
    between = [(golden[f"{name}.exact"], *points[1:]) for name, points in zip("ab", features)]
    from_between, _ = matching.assigned(glue.run(*between, gives_up=True))
    golden |= {"lg_between.matches": from_between.astype(numpy.int32)}
    golden |= {"mutual.matches": matching.mutual(features[0][1], features[1][1]).astype(numpy.int32)}
    golden |= {
        "mutual_cos082.matches": matching.mutual(features[0][1], features[1][1], 0.82).astype(numpy.int32)
    }
    golden = {name: numpy.ascontiguousarray(values) for name, values in golden.items()}
    save_file(golden, arguments.to / "matching.safetensors", {"case": "matching", "top_k": str(TOP_K)})
    rows = features[1][0][pairs[:, 1], 1] - features[0][0][pairs[:, 0], 1]
    print(f"{len(pairs)} matches, {(abs(rows) < 2).mean():.0%} within two rows")
    print(sum(file.stat().st_size for file in arguments.to.iterdir()), "bytes in all")


if __name__ == "__main__":
    main()
