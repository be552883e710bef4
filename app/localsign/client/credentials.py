"""What an application needs to call the APIs of a workspace."""

from dataclasses import dataclass, field
from typing import Any

from localsign.client.errors import SandboxError

DOMAIN = "demo"  # the organization of accounts that are named without one


@dataclass(frozen=True)
class Person:
    """An account of Signing Today. The password is None once it was changed."""

    id: str
    username: str
    password: str | None = field(repr=False)
    role: str
    is_robot: bool


@dataclass(frozen=True)
class SigningTodayCredentials:
    """The OAuth client, the accounts, and the SAML key of each domain."""

    client_id: str
    client_secret: str = field(repr=False)
    accounts: tuple[Person, ...]
    saml_keys: dict[str, str] = field(repr=False)

    def account(self, name: str) -> Person:
        """The account `name`, as in `admin` (of the domain `demo`) or `admin@partner`."""
        wanted = name if "@" in name else f"{name}@{DOMAIN}"
        for one in self.accounts:
            if one.username == wanted:
                return one
        known = ", ".join(one.username for one in self.accounts)
        raise SandboxError(f"there is no account {wanted} whose password is known; there are {known}")


@dataclass(frozen=True)
class Credentials:
    """The client of the Signicat APIs, where its tokens come from, and the same for Signing Today."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    signing_today: SigningTodayCredentials

    @property
    def token_url(self) -> str:
        return f"{self.url}/auth/open/connect/token"

    def environment(self, prefix: str = "LOCALSIGN_") -> dict[str, str]:
        """Address and client as variables for another process: `<prefix>BASE_URL`, `CLIENT_ID`, and so on."""
        return {
            f"{prefix}BASE_URL": self.url,
            f"{prefix}TOKEN_URL": self.token_url,
            f"{prefix}CLIENT_ID": self.client_id,
            f"{prefix}CLIENT_SECRET": self.client_secret,
        }

    @classmethod
    def of(cls, url: str, described: dict[str, Any]) -> "Credentials":
        """From what the control plane says of a workspace."""
        [client, *_] = described["clients"]
        today = described["signing_today"]
        accounts = tuple(
            Person(one["id"], one["username"], one["password"], str(one["role"]), one["is_robot"])
            for one in today["accounts"]
        )
        keys = {one["domain"]: one["saml_key"] for one in today["domains"]}
        return cls(
            url,
            client["client_id"],
            client["client_secret"],
            SigningTodayCredentials(today["client_id"], today["client_secret"], accounts, keys),
        )
