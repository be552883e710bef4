"""HTTP in, HTTP out; no decisions. A module for each noun, with its routers."""
