"""Turns the cloud in Open3D's window (points two pixels wide) and prints pictures per second."""

import sys
import time

import numpy as np
import open3d as o3d

data = np.load(sys.argv[1])
cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(data["positions"].astype(np.float64)))
cloud.colors = o3d.utility.Vector3dVector(data["colours"] / 255.0)
window = o3d.visualization.Visualizer()
if not window.create_window("Open3D", 1280, 800):
    sys.exit("no window")
window.add_geometry(cloud)
window.get_render_option().point_size = 2.0
control = window.get_view_control()
control.set_front([0.2, -0.3, -1.0])
control.set_up([0.0, 1.0, 0.0])
control.set_zoom(0.5)
for _ in range(3):
    window.poll_events()
    window.update_renderer()
window.capture_screen_image(sys.argv[3], True)
frames, start = 0, time.perf_counter()
while time.perf_counter() - start < float(sys.argv[2]):
    control.rotate(4.0 if frames % 80 < 40 else -4.0, 0.0)
    window.poll_events()
    window.update_renderer()
    frames += 1
print(frames / (time.perf_counter() - start))
