"""The Python face: a sandbox and its workspaces as objects, over HTTP alone, the same wherever the server runs."""
