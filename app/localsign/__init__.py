"""A local, offline, stateful emulator of electronic-signing and workflow APIs."""

TYPE_CHECKING = False  # as in typing, which would take ten times as long to import as all of this
if TYPE_CHECKING:
    from localsign.client.aio.sandbox import AsyncSandbox
    from localsign.client.aio.workspace import AsyncWorkspace
    from localsign.client.errors import CannotStartError, SandboxError, WaitTimeoutError
    from localsign.client.sync.sandbox import Sandbox
    from localsign.client.sync.workspace import Workspace

__all__ = [
    "AsyncSandbox",
    "AsyncWorkspace",
    "CannotStartError",
    "Sandbox",
    "SandboxError",
    "WaitTimeoutError",
    "Workspace",
]
_HOMES = {
    "AsyncSandbox": "aio.sandbox",
    "AsyncWorkspace": "aio.workspace",
    "Sandbox": "sync.sandbox",
    "Workspace": "sync.workspace",
}


def __getattr__(name: str) -> object:
    """Import what is public at its first use."""
    if name not in __all__:
        raise AttributeError(f"module 'localsign' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"localsign.client.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = found
    return found
