"""Listening: the socket, the announcement, one process or several."""

import errno
import gc
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import uvicorn

from localsign import logs
from localsign.core.errors import ApiError, StorageError
from localsign.core.ids import Ids
from localsign.core.tls import AUTHORITY, FOLDER, TlsError
from localsign.probe import is_ready_within
from localsign.processes import MOST_SILENT, TO_ANSWER, Server, Workers
from localsign.settings import LOOPBACK, Settings
from localsign.version import VERSION

if TYPE_CHECKING:
    from localsign.asgi import Localsign
    from localsign.sandbox import Sandbox


DEFAULT_URL = "http://127.0.0.1:8480"
READY = "Ready."  # a line of its own, the last of the welcome and the only one like it: scripts wait for it


class PortInUseError(Exception):
    """Something else listens there."""


class CannotServeError(Exception):
    """The address, or the data folder, cannot be used; the text says what to do."""


class DataError(CannotServeError):
    """The data folder is full or damaged."""


def run(settings: Settings, *, as_json: bool = False) -> None:
    """Serve until stopped. PortInUseError, CannotServeError before anything else."""
    from localsign.asgi import create_app
    from localsign.folders import Folders
    from localsign.sandbox import Sandbox

    listening = bind(settings)
    settings, made_up = _guarded(settings)
    claim = _claim(settings.data_dir)
    folders = Folders(settings.data_dir)
    folders.tidy()
    if settings.workers > 1:
        with suppress(OSError):  # no space left: then worlds are as if these processes had had them before
            folders.mark_left()
    sandbox = Sandbox(settings, relays=settings.workers == 1)
    _try(sandbox)
    address = _address(settings, listening)

    def announce() -> None:
        print(_json_line(settings, address) if as_json else _welcome(settings, address, made_up), flush=True)  # noqa: T201
        gc.enable()

    if settings.workers > 1:
        sandbox.close()
        _run_workers(settings, listening, address, announce)
        return
    config = _config(settings, create_app(sandbox), log_config=logs.configuration(settings))
    Server(config, announce).run(sockets=[listening])
    if claim is not None:
        claim.close()
    _leave()


def _leave() -> None:
    """End the process now if a thread still waits for somebody, as the interpreter would wait for the thread."""
    others = (one for one in threading.enumerate() if one is not threading.main_thread())
    if any(not one.daemon for one in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _guarded(settings: Settings) -> tuple[Settings, str | None]:
    """`settings` with a control token where others than this machine can ask; the token, if it was made up."""
    if settings.control_token is not None or settings.host in LOOPBACK:
        return settings, None
    token = Ids(None).token(32)
    return settings.model_copy(update={"control_token": token}), token


def _claim(folder: Path | None) -> IO[str] | None:
    """Hold a data folder for this server and its workers; what two servers remember of one world would differ."""
    if folder is None:
        return None
    try:
        import fcntl
    except ImportError:  # a system without them
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotServeError(f"another localsign serves from {folder}. Stop it, or choose another folder.") from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    return lock


def _unwritable(folder: Path | None, error: OSError) -> CannotServeError:
    """What to say where a data folder cannot be written to."""
    from localsign.core.failures import FULL

    if error.errno in FULL:
        return DataError(f"there is no space left in {folder}. Make room, or choose another with --data-dir.")
    return CannotServeError(f"cannot write to {folder}: {error.strerror}. Choose another with --data-dir.")


def _try(sandbox: "Sandbox") -> None:
    """Open the default workspace, which nothing works without, load the init folder, and make certificates."""
    try:
        if sandbox.settings.has_tls:
            sandbox.house.tls.refresh()
            _ = sandbox.house.tls.context
        sandbox.find("default")
        if sandbox.settings.init_dir is not None:
            from localsign.seeding import load_folder

            load_folder(sandbox)
    except StorageError as error:
        raise DataError(error.detail) from None
    except ApiError as error:
        raise CannotServeError(error.detail) from None
    except TlsError as error:
        raise CannotServeError(str(error)) from None
    except OSError as error:
        raise _unwritable(sandbox.settings.data_dir, error) from None


def _run_workers(settings: Settings, listening: socket.socket, address: str, announce: Callable[[], None]) -> None:
    # The workers read their settings from there. The init folder has been loaded: a worker that begins late, or in the
    # place of another, must not bring back what somebody has reset or deleted since.
    os.environ.update({**settings.environment(), "LOCALSIGN_INIT_DIR": ""})
    config = _config(
        settings,
        "localsign.main:app",
        workers=settings.workers,
        log_config=logs.configuration(settings),
        timeout_worker_healthcheck=MOST_SILENT,
    )

    def announce_when_ready() -> None:
        if is_ready_within(address, 60):
            announce()

    threading.Thread(target=announce_when_ready, daemon=True).start()
    Workers(config, sockets=[listening]).run()


@contextmanager
def serving(settings: Settings, prepare: "Callable[[Localsign], None] | None" = None) -> Iterator[str]:
    """A server in a thread of this process; gives its address. PortInUseError, CannotServeError.

    `prepare` is given the application before it begins.
    """
    from localsign.asgi import create_app
    from localsign.sandbox import Sandbox

    settings, _ = _guarded(settings)
    listening = bind(settings)
    is_up = threading.Event()
    # Whoever has this process says how it logs.
    sandbox = Sandbox(settings)
    try:
        _try(sandbox)
    except BaseException:
        listening.close()
        sandbox.close()
        raise
    app = create_app(sandbox)
    if prepare is not None:
        prepare(app)
    server = Server(_config(settings, app, log_config=None), is_up.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="localsign", daemon=True)
    thread.start()
    while not is_up.wait(0.05):
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
    try:
        yield _address(settings, listening)
    finally:
        server.should_exit = True
        thread.join(10)


def bind(settings: Settings) -> socket.socket:
    """The listening socket."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError from None
        reason = error.strerror or str(error)
        raise CannotServeError(
            f"cannot listen on {settings.host} port {settings.port}: {reason}. Choose others with --host and --port."
        ) from None
    listening.set_inheritable(True)
    return listening


def _config(settings: Settings, app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,  # its lines would hold the links of signers; ours do not
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=TO_ANSWER,
        **more,
    )


def _address(settings: Settings, listening: socket.socket) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"{'https' if settings.has_tls else 'http'}://{host}:{listening.getsockname()[1]}"


def _addresses(address: str) -> dict[str, str]:
    from localsign.apis import APIS

    return {**{entry.name: address + entry.mount for entry in APIS}, "control": f"{address}/_sandbox/v1"}


def _shown_secret(settings: Settings) -> str | None:
    """The client secret if it is the one that everybody knows."""
    default = type(settings).model_fields["client_secret"].default
    return settings.client_secret if settings.client_secret == default else None


def _json_line(settings: Settings, address: str) -> str:
    return json.dumps(
        {
            "url": address,
            "version": VERSION,
            "addresses": _addresses(address),
            "client_id": settings.client_id,
            "client_secret": _shown_secret(settings),
            "pid": os.getpid(),
            "control_token": settings.control_token,
        }
    )


def _welcome(settings: Settings, address: str, made_up: str | None) -> str:
    secret = _shown_secret(settings) or "$LOCALSIGN_CLIENT_SECRET"
    width = max(len(name) for name in _addresses(address)) + 2
    return "\n".join(
        [
            f"localsign {VERSION} is ready. Nothing that it signs has any legal value.",
            "",
            *(f"  {name:<{width}}{where}" for name, where in _addresses(address).items()),
            f"  {'client':<{width}}{settings.client_id} / {secret}",
            f"  {'kept in':<{width}}{settings.data_dir or 'memory'}",
            *_about_control(made_up, width),
            *_about_links(settings, width),
            *_about_tls(settings, address, width),
            "",
            "Ask for a token, as your application will:",
            "",
            f'  curl {_trust(settings)}-u "{settings.client_id}:{secret}" -d grant_type=client_credentials '
            f"{address}/auth/open/connect/token",
            "",
            "Or watch a whole signing:  localsign demo" + ("" if address == DEFAULT_URL else f" --url {address}"),
            f"Stop with {'Ctrl-C' if sys.stdout.isatty() else 'SIGINT'}.",
            READY,
        ]
    )


def _about_control(made_up: str | None, width: int) -> list[str]:
    if made_up is None:
        return []
    return [
        f"  {'token':<{width}}{made_up}",
        f"  {'':<{width}}The control plane asks for it, as others than this machine can reach it: send it as",
        f"  {'':<{width}}X-Sandbox-Token. Choose one that lasts with LOCALSIGN_CONTROL_TOKEN.",
    ]


def _about_links(settings: Settings, width: int) -> list[str]:
    if settings.public_url is not None:
        return [f"  {'links':<{width}}{settings.public_url}"]
    if settings.host in LOOPBACK:
        return []
    return [
        f"  {'links':<{width}}begin with the address that was called. If people use another one, set",
        f"  {'':<{width}}LOCALSIGN_PUBLIC_URL; until then, callers by other names than localhost find it not ready.",
    ]


def _about_tls(settings: Settings, address: str, width: int) -> list[str]:
    if settings.tls == "off":
        return []
    kept = f", and in {settings.data_dir / FOLDER / AUTHORITY}" if settings.data_dir else ""
    return [f"  {'authority':<{width}}{address}/_sandbox/v1/tls/ca.pem{kept}"]


def _trust(settings: Settings) -> str:
    """What makes curl trust this server."""
    if settings.tls == "off":
        return ""
    return f"--cacert {settings.data_dir / FOLDER / AUTHORITY} " if settings.data_dir else "-k "
