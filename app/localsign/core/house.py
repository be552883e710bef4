"""What all worlds of one process share: the settings, the blank database, the test authority, spare keys."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from localsign.core.database import Blank
from localsign.core.egress import Egress
from localsign.core.metrics import Meter
from localsign.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from localsign.core.asking import Asking
    from localsign.core.events import Event
    from localsign.core.sealing.authority import Authority
    from localsign.core.tables import Announcement
    from localsign.core.tls import Tls
    from localsign.core.work import Work


def _nobody(_api: str) -> "Mapping[str, Asking]":
    return {}


class House:
    """Made once by the Sandbox; everything in it is made at first use.

    `publish` is called with each announcement at the end of its transaction: it queues the webhooks. `people` gives the
    kinds of objects of an API that ask a person for something. `lay`: see Blank.
    """

    def __init__(
        self,
        settings: Settings,
        publish: "Callable[[Work, Announcement], None] | None" = None,
        people: "Callable[[str], Mapping[str, Asking]] | None" = None,
        lay: Callable[[Connection], None] | None = None,
    ) -> None:
        self.settings = settings
        self.publish = publish
        self.people = people or _nobody
        self.relay: Callable[[Any], None] | None = None  # told of a workspace in whose outbox something was written
        self.meter = Meter()
        self.wake: Callable[[Any], None] | None = None  # told of a world in which a webhook may be due
        self.make_room: Callable[[], None] | None = None  # called before a database file is opened
        # Goes on, in a transaction, with what a killed process left; in a copy, the name of its original is given.
        self.resume: Callable[[Any, str | None], None] | None = None
        self.events: Callable[[], Sequence[Event]] = tuple  # every event that an API can announce
        self._lay = lay
        self._guard = Lock()
        self._spare_keys: dict[int, RSAPrivateKey] = {}

    @property
    def lags(self) -> list[str]:
        """The names of everything that takes a time of the tester's choosing."""
        return [name.removesuffix("_lag") for name in type(self.settings).model_fields if name.endswith("_lag")]

    @property
    def is_shared(self) -> bool:
        """Whether other processes write to the same worlds."""
        return self.settings.workers > 1

    @cached_property
    def blank(self) -> Blank:
        return Blank(self._lay)

    def close(self) -> None:
        """Give back what has to be given back; it is made anew at its next use."""
        blank: Blank | None = self.__dict__.pop("blank", None)
        if blank is not None:
            blank.close()
        egress: Egress | None = self.__dict__.pop("egress", None)
        if egress is not None:
            egress.close()

    @cached_property
    def egress(self) -> Egress:
        """The way out, to where the settings allow."""
        return Egress(self.settings.egress_allow)

    @cached_property
    def authority(self) -> "Authority":
        """The certificate authority of this installation, under which everything is signed."""
        from localsign.core.sealing.authority import Authority

        folder: Path | None = self.settings.data_dir and self.settings.data_dir / "authority"
        with self._guard:
            return Authority.open(folder)

    @cached_property
    def tls(self) -> "Tls":
        """Certificates of the server, and of the clients that may connect; TlsError where they cannot be had."""
        from localsign.core.tls import Tls

        return Tls(self.settings)

    def apart(self, egress: Egress | None = None) -> "House":
        """The same for worlds that nobody else sees: nothing of theirs is sent. `egress`: another way out."""
        return Apart(self, egress)

    def rsa_key(self, number: int) -> "RSAPrivateKey":
        """The `number`-th of the key pairs that worlds draw from; making one takes a tenth of a second."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        with self._guard:
            if number not in self._spare_keys:
                self._spare_keys[number] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            return self._spare_keys[number]


class Apart(House):
    """See `House.apart`. What is made at first use is made in the house itself."""

    def __init__(self, house: House, egress: Egress | None) -> None:
        self.__dict__.update(house.__dict__)
        self.relay = self.wake = self.make_room = None
        self._house, self._egress = house, egress

    @property
    def blank(self) -> Blank:
        return self._house.blank

    @property
    def egress(self) -> Egress:
        return self._egress or self._house.egress

    @property
    def authority(self) -> "Authority":
        return self._house.authority

    @property
    def tls(self) -> "Tls":
        return self._house.tls
