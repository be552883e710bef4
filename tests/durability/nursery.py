"""Where servers that are to be killed come from: everything is imported and built once, and each is a fork of that.

What runs is `localsign.serving.run`, as `localsign serve` does; only what it would spend on imports is saved. Reads
`serve` and `wait`, and writes the process id of each server and how it ended.
"""

import gc
import os
import sys

from localsign.apis import APIS
from localsign.asgi import Localsign
from localsign.mounts import Mounted
from localsign.sandbox import Sandbox
from localsign.serving import run
from localsign.settings import Settings


def main() -> None:
    settings = Settings.from_environment(os.environ)
    built = {one.owns: one for one in Localsign(Sandbox()).mounts}
    assert len(built) >= len(APIS)
    for one in built.values():
        one.build()

    def build(self: Mounted) -> object:
        self.app, self.render = built[self.owns].app, built[self.owns].render
        self.operations = built[self.owns].operations
        return self.app

    Mounted.build = build  # type: ignore[method-assign, assignment]
    gc.freeze()
    child = 0
    for line in sys.stdin:
        if line.startswith("wait"):
            _, status = os.waitpid(child, 0)
            print("ended", os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
            continue
        child = os.fork()
        if child == 0:
            os.setsid()
            print(os.getpid(), flush=True)  # noqa: T201
            run(settings, as_json=True)
            os._exit(0)


if __name__ == "__main__":
    main()
