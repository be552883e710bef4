"""`localsign`, and `python -m localsign`."""

import os
import signal
import sys

from localsign.probe import health, is_plain_health


def main() -> None:
    """The entry point of `localsign`."""
    if os.getpid() == 1:  # of a container: without a handler, the kernel would not even deliver the signal
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if is_plain_health(sys.argv):  # asked every few seconds in a container: the command line takes longer to import
        sys.exit(health())
    from localsign.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
