"""A `docker` for tests: `run` starts localsign as a process, `port`, `inspect`, `logs` and `rm` know it by its id."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parent


def run(words: list[str]) -> None:
    names = [words[index + 1] for index, word in enumerate(words) if word == "--env"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
    environment |= {name: os.environ[name] for name in names}
    environment |= {"LOCALSIGN_PORT": "0"}
    (HOME / "command.json").write_text(json.dumps(words))
    if words[-1] == "missing":
        sys.exit("Unable to find image 'missing:latest' locally")
    if words[-1] == "ending":
        (HOME / "stderr").write_text("localsign: /kept cannot be written.")
        (HOME / "0").write_text(json.dumps({"url": "http://127.0.0.1:1"}))
        sys.stdout.write("0\n")
        return
    with (HOME / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "localsign", "serve", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
    (HOME / f"{process.pid}").write_text(line)
    sys.stdout.write(f"{process.pid}\n")


def main(command: str, *words: str) -> None:
    if command == "run":
        run(list(words))
    elif command == "port":
        sys.stdout.write(json.loads((HOME / words[0]).read_text())["url"].removeprefix("http://"))
    elif command == "logs":
        sys.stderr.write((HOME / "stderr").read_text())  # as the container wrote it
    elif command == "inspect":
        sys.stdout.write("false" if words[-1] == "0" else "true")
    elif command == "rm":
        (HOME / "removed.json").write_text(json.dumps(words))
        if words[-1] != "0":
            os.kill(int(words[-1]), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
