"""The files that travel with localsign: fixtures and OpenAPI documents, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def _folder(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _CHECKOUT / name


def fixtures_folder() -> Path:
    return _folder("fixtures")


def openapi_folder() -> Path:
    return _folder("openapi")
