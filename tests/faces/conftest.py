"""Fixtures of the faces."""

from tests.faces.inner import modules_stay

__all__ = ["modules_stay"]
