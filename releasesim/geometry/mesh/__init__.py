"""Meshes: bodies of triangles from STL, 3MF, OBJ and PLY files, made whole or refused in words."""

from releasesim.geometry.mesh.shape import Mesh
from releasesim.geometry.mesh.voxels import voxelize_mesh

__all__ = ["Mesh", "voxelize_mesh"]
