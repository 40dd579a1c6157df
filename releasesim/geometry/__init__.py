"""Geometry: shapes, infills, printed roads, and the voxel grid made of them. No material."""
