"""What a `Process` runs: `localsign serve` that ends when whoever started it closes its input, or dies."""

import os
import runpy
import signal
import sys
import threading


def watch() -> None:
    """Ask this process to stop when there is nobody left."""
    while os.read(0, 4096):  # not sys.stdin, which could then not be closed when this process ends
        pass
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    threading.Thread(target=watch, daemon=True).start()
    sys.argv = ["localsign", "serve", "--json"]
    runpy.run_module("localsign", run_name="__main__")
