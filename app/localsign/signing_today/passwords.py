"""Passwords of accounts. Salted and hashed once: these are accounts of tests, and a login must stay cheap."""

import hashlib
import hmac

from localsign.core.work import Work
from localsign.signing_today.models.people import Application, User
from localsign.signing_today.samples import DEMO


def hashed(work: Work, password: str) -> str:
    """What is kept of a password."""
    return _hashed(password, work.ids.hex(8))


def is_right(work: Work, user: User, password: str) -> bool:
    """Whether `password` is that of `user` at this moment."""
    if user.must_change:
        return False
    if user.password is not None:
        return hmac.compare_digest(_hashed(password, user.password.partition("$")[0]), user.password)
    founded = founding_password(work.look_up(Application, "id", [1])[0], user)
    return founded is not None and hmac.compare_digest(founded.encode(), _encoded(password))


def founding_password(application: Application, user: User) -> str | None:
    """The password that a demo account has from the beginning; None for any other, or once it was changed."""
    if user.origin != DEMO or user.password is not None or user.must_change:
        return None
    return application.password


def _hashed(password: str, salt: str) -> str:
    return f"{salt}${hashlib.blake2b(_encoded(password), key=salt.encode()).hexdigest()}"


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
