#!/usr/bin/env python3
"""Times Fathom's matching beside the same networks in NumPy, round after round, and prints medians and their ratios.

matching_compare.py A.jpg B.jpg [--rounds 3]

Both use two threads, the program's own weights, 1024 pixels along the longer side and 2048 points. Machines drift, so every
round measures both, each in a process of its own, and a ratio is the median of those of the rounds.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THREADS, LONG_SIDE, TOP_K, RUNS = 2, 1024, 2048, 3


def numpy_figures(paths):
    import numpy
    from PIL import Image

    import matching

    def timed(work):
        seconds = []
        for _ in range(RUNS + 1):
            started = time.perf_counter()
            result = work()
            seconds.append(time.perf_counter() - started)
        return result, statistics.median(seconds[1:])

    network = matching.XFeat(matching.read(ROOT / "assets/models/xfeat.safetensors"))
    glue = matching.LighterGlue(matching.read(ROOT / "assets/models/lighterglue.safetensors"))
    features, seconds = [], []
    before = peak_mib()
    for path in paths:
        image = Image.open(path).convert("RGB")
        image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
        pixels = numpy.asarray(image) / numpy.float32(255)
        (keypoints, _, descriptors, _), needed = timed(lambda: network.features(pixels, TOP_K))
        features.append((keypoints, descriptors, image.size))
        seconds.append(needed)
    (pairs, _), needed = timed(lambda: matching.assigned(glue.run(*features, gives_up=True)))
    return {"features": statistics.median(seconds), "matches": needed, "found": len(pairs), "mib": peak_mib() - before}


def peak_mib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def fathom_figures(paths):
    command = ["cargo", "bench", "--locked", "--bench", "matching", "--", *map(str, paths)]
    environment = os.environ | {"RAYON_NUM_THREADS": str(THREADS)}
    text = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment).stdout
    seconds = [float(found) for found in re.findall(r"features of \S+ ([\d.]+) s", text)]
    needed, count = re.search(r"matches: ([\d.]+) s.* (\d+) found", text).groups()
    mib = float(re.search(r"memory in all: (\d+) MiB", text)[1])
    return {"features": statistics.median(seconds), "matches": float(needed), "found": int(count), "mib": mib}


def numpy_in_a_process(paths):
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {name: str(THREADS) for name in variables}
    command = [sys.executable, __file__, "--inside", *map(str, paths)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    paths = [photo.resolve() for photo in arguments.photos]
    if arguments.inside:
        return print(json.dumps(numpy_figures(paths)))
    rounds = [(fathom_figures(paths), numpy_in_a_process(paths)) for _ in range(arguments.rounds)]
    for key in ("features", "matches", "mib", "found"):
        ours, theirs = (statistics.median(figures[key] for figures in side) for side in zip(*rounds))
        ratio = statistics.median(numpy[key] / fathom[key] for fathom, numpy in rounds)
        print(f"{key}: Fathom {ours:.3f}, NumPy {theirs:.3f}, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
