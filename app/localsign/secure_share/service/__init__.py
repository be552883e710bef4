"""What the API does; no HTTP."""
