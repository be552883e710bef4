"""A server that is killed again and again under load, and what is left each time."""
