"""The only source of randomness. A seeded world draws the same ids, in the same order, every time."""

import hashlib
import re
import secrets
import string
from uuid import UUID

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits


class Ids:
    """Draws for one world: from the operating system, or from `seed` and a counter that the world keeps.

    Counting, and not keeping a generator's state, lets a rolled-back transaction take its draws back.
    """

    def __init__(self, seed: str | None, drawn: int = 0) -> None:
        self.seed = seed
        self.drawn = drawn
        self.pinned: UUID | None = None  # the next id, chosen by whoever seeds a world

    def entropy(self, size: int = 32) -> bytes:
        """`size` bytes, 64 at most."""
        if self.seed is None:
            return secrets.token_bytes(size)
        self.drawn += 1
        return hashlib.blake2b(self.seed.encode() + self.drawn.to_bytes(8, "big"), digest_size=64).digest()[:size]

    def apart(self, purpose: str) -> "Ids":
        """Draws that do not count: what outlives a reset must not shift what is drawn after it."""
        return Ids(None if self.seed is None else f"{self.seed} {purpose}")

    def uuid(self) -> UUID:
        """A version 4 UUID."""
        if self.pinned is not None:
            pinned, self.pinned = self.pinned, None
            return pinned
        return UUID(bytes=self.entropy(16), version=4)

    def hex(self, size: int = 16) -> str:
        """`size` bytes as lower-case hexadecimal digits."""
        return self.entropy(size).hex()

    def token(self, length: int = 32) -> str:
        """`length` letters and digits, 64 at most, for secrets and links."""
        return spell(self.entropy(64), length)


def spell(source: bytes, length: int) -> str:
    """`source` as `length` letters and digits."""
    number = int.from_bytes(source, "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def trace_id() -> str:
    """32 hexadecimal digits naming one request; not drawn from any world, as it changes nothing in one."""
    return secrets.token_hex(16)


def tag_of(name: str) -> str:
    """20 letters and digits that stand for a workspace in its account id and its opaque tokens."""
    return spell(hashlib.sha256(f"localsign workspace {name}".encode()).digest(), 20)


def flaw_of_name(name: str) -> str | None:
    """Why a workspace cannot be called `name`, if so."""
    if _NAME.fullmatch(name):
        return None
    return "must be 1 to 63 of a-z, 0-9, '.', '_' and '-', and begin with a letter or a digit"
