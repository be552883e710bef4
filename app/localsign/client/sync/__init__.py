"""The blocking colour, made from the asynchronous one by `make face`."""
