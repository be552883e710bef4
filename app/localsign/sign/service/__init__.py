"""What Sign v2 does, by noun; no HTTP."""
