"""The journal: what was asked of a world and what it answered."""
