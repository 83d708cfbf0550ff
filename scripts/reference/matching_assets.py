#!/usr/bin/env python3
"""Makes the weights of XFeat and LighterGlue that are part of the program from the published ones, and prints the digests.

matching_assets.py FOLDER [--to assets/models]

FOLDER holds xfeat.safetensors and xfeat-lighterglue.safetensors: the tensors of the authors' xfeat.pt and
xfeat-lighterglue.pt under their own names. Matrices are rounded to half precision; what Fathom does not use is left out.
"""

import argparse
import hashlib
import re
from pathlib import Path

import numpy
from safetensors.numpy import save

import matching

ROOT = Path(__file__).resolve().parents[2]
# Refinement between cells, which is not used, and what only tells when to stop early.
LEFT_OUT = re.compile(r"fine_matcher\.|matcher\.log_assignment\.[0-4]\.final_proj\.|matcher\.token_confidence\.")
FILES = {"xfeat.safetensors": "xfeat.safetensors", "xfeat-lighterglue.safetensors": "lighterglue.safetensors"}


def stored(values):
    return values.astype(numpy.float16) if values.ndim >= 2 else values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", type=Path, default=ROOT / "assets/models")
    arguments = parser.parse_args()
    for original, name in FILES.items():
        tensors = matching.read(arguments.folder / original)
        kept = {key: stored(values) for key, values in tensors.items() if not LEFT_OUT.match(key)}
        content = save(kept)
        (arguments.to / name).write_bytes(content)
        numbers = sum(values.size for values in kept.values())
        source = hashlib.sha256((arguments.folder / original).read_bytes()).hexdigest()
        print(f"{name}: {len(kept)} tensors, {numbers:,} numbers, {len(content):,} bytes")
        print(f"  SHA-256 {hashlib.sha256(content).hexdigest()}, from {original} {source}")


if __name__ == "__main__":
    main()
