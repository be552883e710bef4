"""What we believe about each operation, and why: `openapi/evidence/*.yaml`, read into rows."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import yaml

from localsign.resources import openapi_folder

Mark = Literal["documented", "client", "inferred", "invented", "own"]


@dataclass(frozen=True)
class Evidence:
    """One operation. `mark` says how far to trust it, `source` where it comes from."""

    operation: str
    method: str
    path: str
    status: int
    auth: str
    mark: Mark
    source: str
    built: bool = True  # False: known of the vendor, answered with 501
    aliases: tuple[str, ...] = ()


@cache
def evidence_of(api: str) -> dict[str, Evidence]:
    """The rows of `openapi/evidence/<api>.yaml`, by operation."""
    text = (openapi_folder() / "evidence" / f"{api}.yaml").read_text(encoding="utf-8")
    rows = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["operations"]
    return {
        name: Evidence(operation=name, **{**row, "aliases": tuple(row.get("aliases", ()))})
        for name, row in rows.items()
    }
