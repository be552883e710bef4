"""Signing Today Web v2."""
