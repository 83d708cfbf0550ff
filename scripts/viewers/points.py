"""Un-projects the views that `fathom example` wrote into one cloud: positions f32 [N,3], colours u8 [N,3]."""

import json
import sys

import numpy as np
from PIL import Image

folder, out = sys.argv[1:]
truth = np.load(f"{folder}/ground_truth.npz")
print({name: truth[name].shape for name in truth.files}, file=sys.stderr)
depth, poses, lenses = truth["depth"], truth["extrinsics"], truth["intrinsics"]
positions, colours = [], []
for index in range(len(depth)):
    height, width = depth[index].shape
    u, v = np.meshgrid(np.arange(width), np.arange(height))
    k, z = lenses[index], depth[index]
    camera = np.stack([(u - k[0, 2]) / k[0, 0] * z, (v - k[1, 2]) / k[1, 1] * z, z], -1).reshape(-1, 3)
    rotation, translation = poses[index][:3, :3], poses[index][:3, 3]
    positions.append((camera - translation) @ rotation)
    colours.append(np.asarray(Image.open(f"{folder}/view_{index:02}.png").convert("RGB")).reshape(-1, 3))
positions = np.concatenate(positions).astype(np.float32)
colours = np.concatenate(colours)
keep = np.isfinite(positions).all(1)
np.savez(out, positions=positions[keep], colours=colours[keep])
print(json.dumps({"points": int(keep.sum())}), file=sys.stderr)
