"""Snapshots: a world kept aside, by name, to go back to, to carry elsewhere, or to compare."""
