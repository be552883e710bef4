"""Build the image and run it, for real, in every way that README.md and docs/container.md promise.

    make container        or: python tests/container/check.py

Needs a container engine as `docker` on PATH (another: ENGINE=podman) that can publish ports, and port 8480 free.
BUILD_ARGS are handed to `docker build`, KEEP=1 leaves image and volume. Prints a line for each check; the exit code
is 0 if all passed. It is no test of the suite, as most machines that run that have no engine.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
ENGINE = os.environ.get("ENGINE", "docker")
IMAGE = "localsign"  # as README.md builds it
TOKEN = "only-on-my-machine"
HARDENED = ["--read-only", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
MOST_MEGABYTES = 220  # over the base
MOST_LAYERS = 6  # over the base
MOST_SECONDS_TO_STOP = 10
VOLUME = f"localsign-check-{os.getpid()}"
SEED = "workspace: seeded\nsign: {documents: [{name: n, text: from the init folder}]}\n"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def engine(*arguments: str, limit: float = 120, must: bool = True) -> str:
    """What the engine says, on both streams."""
    done = subprocess.run(
        [ENGINE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit, check=False
    )
    if must and done.returncode != 0:
        raise AssertionError(f"{ENGINE} {shlex.join(arguments)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def readme(verb: str) -> list[str]:
    """The words after `docker` of the one line of README.md that begins with `docker <verb>`."""
    [line] = re.findall(rf"^docker ({verb} .*)$", (ROOT / "README.md").read_text(), re.M)
    return shlex.split(line)


class Container:
    """One that runs, or has run."""

    def __init__(self, name: str) -> None:
        self.name = name

    def inspect(self, path: str) -> str:
        return engine("inspect", "-f", "{{" + path + "}}", self.name).strip()

    def logs(self) -> str:
        return engine("logs", self.name)

    def run(self, *command: str, must: bool = True) -> str:
        return engine("exec", self.name, *command, must=must)

    def ask(self, path: str, host: str | None = None, tls: bool = False) -> tuple[int, str]:
        """Status and body of a GET from inside, where there need be no network."""
        script = (
            "import http.client as h, ssl, sys\n"
            f"c = {'h.HTTPSConnection' if tls else 'h.HTTPConnection'}('127.0.0.1', 8480, timeout=10"
            f"{', context=ssl._create_unverified_context()' if tls else ''})\n"
            f"c.request('GET', {path!r}, headers={ {'X-Sandbox-Token': TOKEN} | ({'Host': host} if host else {})!r})\n"
            "r = c.getresponse(); print(r.status, r.read().decode())"
        )
        status, _, body = self.run("python", "-c", script).partition(" ")
        return int(status), body.strip()

    def wait_until(self, what: str, is_so: Callable[[], bool], seconds: float = 60) -> None:
        latest = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > latest or self.inspect(".State.Running") != "true":
                raise AssertionError(f"not {what}; its log:\n{self.logs()[-2000:]}")
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        self.wait_until("ready", lambda: "is ready" in self.run("localsign", "health", must=False))

    def wait_until_healthy(self) -> None:
        self.wait_until("healthy", lambda: self.inspect(".State.Health.Status") == "healthy")

    def stop(self) -> float:
        """Stop as an operator does; the seconds it took. It must end with 0, in time."""
        began = time.monotonic()
        engine("stop", "-t", str(MOST_SECONDS_TO_STOP), self.name)
        seconds = time.monotonic() - began
        code = self.inspect(".State.ExitCode")
        assert code == "0", f"it ended with {code} after {seconds:.1f} s:\n{self.logs()[-2000:]}"
        assert seconds < MOST_SECONDS_TO_STOP
        return seconds


@contextmanager
def running(*options: str, command: tuple[str, ...] = ()) -> Iterator[Container]:
    container = Container(f"localsign-check-{os.getpid()}-{time.monotonic_ns()}")
    guard = (
        ()
        if any(one.startswith("LOCALSIGN_CONTROL_TOKEN") for one in options)
        else ("-e", f"LOCALSIGN_CONTROL_TOKEN={TOKEN}")
    )
    try:
        engine("run", "-d", "--name", container.name, *guard, *options, IMAGE, *command)
        yield container
    finally:
        engine("rm", "-f", "-v", container.name, must=False)


def call(method: str, path: str, body: Any = None) -> Any:
    """A control call through the published port."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Sandbox-Token": TOKEN, "Content-Type": "application/json"}
    request = Request(f"http://127.0.0.1:8480{path}", data, headers, method=method)
    with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def is_answered() -> bool:
    try:
        return bool(call("GET", "/_sandbox/health/ready")["status"] == "ready")
    except OSError:
        return False


# --- the checks, in order; each returns what is worth telling --------------------------------------------------------


def build() -> str:
    """the image is built by the line of README.md"""
    began = time.monotonic()
    engine(*readme("build")[:-1], *shlex.split(os.environ.get("BUILD_ARGS", "")), str(ROOT), limit=1800)
    return f"{time.monotonic() - began:.0f} s"


def configuration() -> str:
    """it declares user, volume, port, health and labels"""
    [image] = json.loads(engine("image", "inspect", IMAGE))
    config = image["Config"]
    assert re.fullmatch(r"[1-9]\d*", config["User"]), "the user is no number, or is root"
    assert config["Volumes"] == {"/data": {}}
    assert config["ExposedPorts"] == {"8480/tcp": {}}
    assert config["Healthcheck"]["Test"] == ["CMD", "localsign", "health"]
    labels = {name.rpartition(".")[2]: text for name, text in config["Labels"].items() if "opencontainers" in name}
    assert {"title", "description", "licenses", "version", "revision"} <= labels.keys()
    return f"user {config['User']}, version {labels['version']}"


def size() -> str:
    """it is small"""
    [base] = re.findall(r"^ARG BASE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.M)
    [own], [below] = (json.loads(engine("image", "inspect", one)) for one in (IMAGE, base))
    megabytes = (own["Size"] - below["Size"]) / 1e6
    layers = len(own["RootFS"]["Layers"]) - len(below["RootFS"]["Layers"])
    assert megabytes < MOST_MEGABYTES
    assert layers <= MOST_LAYERS
    return f"{own['Size'] / 1e6:.0f} MB, of it {megabytes:.0f} MB in {layers} layers over its base"


def contents() -> str:
    """nothing of it can be changed by its user, and no tool to install is in its environment"""
    with running("--network", "none") as container:
        container.wait_until_ready()
        for tests in (("/opt", "/etc/localsign", "-writable", "-not", "-type", "l"), ("/opt", "-name", "pip")):
            found = container.run("find", *tests)
            assert found == "", found
        return f"localsign {container.run('localsign', 'version').split()[-1]}"


def run_of_readme() -> str:
    """`docker run` of README.md: ready, healthy, one line Ready., and it stops in time"""
    words = readme("run")
    assert words[-1] == IMAGE
    assert "8480:8480" in " ".join(words)
    words.remove("--rm")  # how it ended is looked at
    with running(*words[1:-1]) as container:
        began = time.monotonic()
        container.wait_until("answering", is_answered)
        seconds = time.monotonic() - began
        lines = container.logs().splitlines()
        assert [line for line in lines if "Ready." in line] == ["Ready."], lines
        container.wait_until_healthy()
        assert call("GET", "/_sandbox/v1/machines")
        return f"answered after {seconds:.1f} s, stopped in {container.stop():.1f} s"


def hardened() -> str:
    """read-only, without network and capabilities, it serves a whole signing"""
    with running(*HARDENED) as container:
        container.wait_until_healthy()
        assert container.run("python", "-c", "import os; print(os.getuid())").strip() == "10001"
        assert "Read-only" in container.run("touch", "/x", must=False)
        told = container.run("localsign", "demo", "--url", "http://127.0.0.1:8480", "--output", "/data/signed.pdf")
        assert "valid, trusted under the test CA" in told, told
        caps = container.run("grep", "CapEff", "/proc/1/status").split()[1]
        assert int(caps, 16) == 0
        return f"stopped in {container.stop():.1f} s"


def any_user() -> str:
    """also as a user that the platform draws, with a volume of its own"""
    with running(*HARDENED, "--user", "12345:0") as container:
        container.wait_until_ready()
        container.stop()
    return ""


def in_memory() -> str:
    """worlds can be kept in memory"""
    with running(*HARDENED, "-e", "LOCALSIGN_DATA_DIR=") as container:
        container.wait_until_ready()
        assert re.search(r"kept in +memory", container.logs())
        assert container.run("find", "/data", "-name", "world.db") == ""
        container.stop()
    return ""


def seeds() -> str:
    """what lies in /etc/localsign/init.d is loaded before ready"""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "10-seed.yaml").write_text(SEED)
        with running("--network", "none", "-v", f"{folder}:/etc/localsign/init.d:ro") as container:
            container.wait_until_ready()
            assert container.ask("/_sandbox/v1/workspaces/seeded")[0] == 200
    return ""


def kept() -> str:
    """what is on a volume is there for the next container, and only one may have it"""
    options = ("-v", f"{VOLUME}:/data")
    try:
        with running(*options, "-p", "127.0.0.1:8480:8480") as first:
            first.wait_until("answering", is_answered)
            call("POST", "/_sandbox/v1/workspaces", {"name": "kept"})
            with running(*options, "--network", "none") as second:
                assert engine("wait", second.name).strip() == "5"
                assert "another localsign serves from /data" in second.logs()
            first.stop()
        with running(*options, "--network", "none") as container:
            container.wait_until_ready()
            assert container.ask("/_sandbox/v1/workspaces/kept")[0] == 200
    finally:
        engine("volume", "rm", VOLUME, must=False)
    return ""


def stopping() -> str:
    """a request in flight is answered before it stops, and a start that is under way can be stopped"""
    with running("-p", "127.0.0.1:8480:8480") as container:
        container.wait_until("answering", is_answered)
        call("POST", "/_sandbox/v1/faults", {"kind": "latency", "operation": "platform.jwks", "latency": "PT3S"})
        with ThreadPoolExecutor(1) as pool:
            keys = pool.submit(call, "GET", "/auth/open/.well-known/openid-configuration/jwks")
            time.sleep(1)
            seconds = container.stop()
            assert keys.result()["keys"]
    with running("--network", "none") as container:
        caught = "int(next(x for x in open('/proc/1/status') if x.startswith('SigCgt')).split()[1], 16) >> 14 & 1"
        container.wait_until(
            "listening to signals", lambda: "1" in container.run("python", "-c", f"print({caught})"), 5
        )
        early = container.stop()
    return f"{seconds:.1f} s, and {early:.1f} s at once after the start"


def addresses() -> str:
    """it is not ready for who calls it by another name, until the public address is known"""
    with running("--network", "none") as container:
        container.wait_until_ready()
        status, body = container.ask("/_sandbox/health/ready", host="localsign:8480")
        assert status == 503
        assert "LOCALSIGN_PUBLIC_URL" in body
    with running("--network", "none", "-e", "LOCALSIGN_PUBLIC_URL=http://localhost:8480") as container:
        container.wait_until_ready()
        assert container.ask("/_sandbox/health/ready", host="localsign:8480")[0] == 200
    return ""


def tls() -> str:
    """it speaks TLS, its own health check and demo included"""
    with running(*HARDENED, "-e", "LOCALSIGN_TLS=self-signed") as container:
        container.wait_until_healthy()
        assert container.ask("/_sandbox/v1/tls/ca.pem", tls=True) == (
            200,
            container.run("cat", "/data/tls/ca.pem").strip(),
        )
        url = "https://127.0.0.1:8480"
        container.run("localsign", "demo", "--url", url, "--ca", "/data/tls/ca.pem", "--output", "/data/signed.pdf")
        container.stop()
    return ""


def composed() -> str:
    """the three services of compose.yaml find one another"""
    plugin = [ENGINE, "compose"]
    has_plugin = subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode == 0
    command = plugin if has_plugin else ["docker-compose"]
    if not has_plugin and shutil.which(command[0]) is None:
        return "not looked at: there is no Compose here"
    command += ["-f", str(ROOT / "compose.yaml"), "-p", f"localsign-check-{os.getpid()}"]
    try:
        up = [*command, "up", "--no-build", "--exit-code-from", "browser"]
        done = subprocess.run(up, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout[-3000:]
        assert "http://sign.test:8480/sign/ shows" in done.stdout, done.stdout[-3000:]
    finally:
        subprocess.run([*command, "down", "-v"], capture_output=True, check=False)
    return shlex.join(command[:-4])


def refusing() -> str:
    """a bad setting ends it with 5 and a sentence"""
    with running("--network", "none", "-e", "LOCALSIGN_PROT=1") as container:
        assert engine("wait", container.name).strip() == "5"
        assert "LOCALSIGN_PORT" in container.logs()
    return ""


CHECKS = (
    build, configuration, size, contents, run_of_readme, hardened, any_user, in_memory, seeds, kept, stopping,
    addresses, tls, composed, refusing,
)  # fmt: skip


def main() -> int:
    """Run them all; the first of them, the build, must pass for the others to mean anything."""
    failed = 0
    for check in CHECKS:
        try:
            told = check()
        except Exception as error:
            failed += 1
            say(f"FAIL  {check.__doc__}\n{error}")
            if check is build:
                break
        else:
            say(f"ok    {check.__doc__}{f' ({told})' if told else ''}")
    if os.environ.get("KEEP") != "1":
        engine("image", "rm", IMAGE, must=False)
    say(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
