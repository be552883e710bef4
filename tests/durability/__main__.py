"""`python -m tests.durability --kills 200`: what `make durability` runs."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.durability.killing import perform


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--workers", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = perform(Path(folder, "data"), given.kills, lambda line: print(line, flush=True), workers=given.workers)  # noqa: T201
        log = Path(folder, "server.log").read_text()
    print(f"{run.kills} kills under load and {run.kills_at_start} while starting; {run.looks} facts looked at.")  # noqa: T201
    print("Done by the actors:", ", ".join(f"{name} {count}" for name, count in sorted(run.acts.items())))  # noqa: T201
    if "Traceback" in log:
        run.failures.append(f"a traceback in the log: {log[-3000:]}")
    print("\n".join(run.failures) or "Nothing that was acknowledged was lost; nothing half done was left.")  # noqa: T201
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
