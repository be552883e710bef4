"""The asynchronous colour, which is the one that is written; `make face` makes the other from it."""
