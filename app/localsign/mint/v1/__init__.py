"""Mint v1: flows, instances and templates, over the same engine as the newer API."""
