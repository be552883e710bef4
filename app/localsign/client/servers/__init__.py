"""Where the server of a sandbox comes from: this process, a process of its own, a container, or it is there already."""
