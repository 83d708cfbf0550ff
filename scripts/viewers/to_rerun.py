"""Writes the cloud as a recording with one 3D view and no panels around it; points are two pixels wide."""

import sys

import numpy as np
import rerun as rr
import rerun.blueprint as rrb

data = np.load(sys.argv[1])
rr.init("viewers", spawn=False)
rr.save(sys.argv[2], default_blueprint=rrb.Blueprint(rrb.Spatial3DView(origin="/"), collapse_panels=True))
rr.log("/", rr.ViewCoordinates.RDF, static=True)
rr.log("points", rr.Points3D(data["positions"], colors=data["colours"], radii=rr.Radius.ui_points(1.0)), static=True)
