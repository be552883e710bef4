"""Worlds of older versions: how their tables become those of today."""
