"""Under which addresses a server is known: to people, who open links, and to the applications that call it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from localsign.settings import LOOPBACK, Settings

_THIS_MACHINE = re.compile(r"127(\.\d{1,3}){3}|localhost|.+\.localhost|::1|")


@dataclass(frozen=True)
class Origins:
    """Scheme and host, for one request. `people`: what links for people begin with; `apis`: what APIs say of
    themselves, as the issuer, discovery, and the address of a workspace.
    """

    people: str
    apis: str


def origins(settings: Settings, scheme: str, host: str) -> Origins:
    """What to write for a caller who used `scheme` and `host`.

    Links for people follow LOCALSIGN_PUBLIC_URL. Applications get LOCALSIGN_INTERNAL_URL, or what they used; who came
    by the public name, perhaps through something that ended TLS, gets the public address.
    """
    called = f"{scheme}://{host or 'localhost'}"
    public = settings.public_url
    came_by_public = public is not None and urlsplit(public).netloc.lower() == host.lower()
    return Origins(public or called, settings.internal_url or (public if public and came_by_public else called))


def is_this_machine(name: str) -> bool:
    """Whether a name leads whoever uses it to the machine that he sits at."""
    return _THIS_MACHINE.fullmatch(name.lower()) is not None


def guess(settings: Settings, scheme: str, host: str) -> str | None:
    """Why links for people would only be guessed for a caller who used `host`; None where they are known to be right.

    Right is what was configured, also as the one address to listen on. So is an address of the caller's own machine: a
    browser beside him opens the same. A server that listens on loopback has no other callers.
    """
    name = host_of(f"//{host}")
    if settings.public_url is not None or settings.host in (*LOOPBACK, name) or is_this_machine(name):
        return None
    return (
        f"Links for people would begin with {scheme}://{host}, the address of this call, and nothing tells whether "
        "people can open that. Set LOCALSIGN_PUBLIC_URL to the address that they use, such as http://localhost:8480."
    )


def host_of(url: str) -> str:
    """The host of a URL; "?" for what is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return "?"
