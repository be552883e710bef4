"""TLS of the server: a certificate of one's own, or one made here; and which client certificates may come in.

The certificate made here stands under an authority that signs nothing else: its key is thrown away at once, so that
whoever trusts it trusts this one server and nothing more.
"""

import ipaddress
import os
import ssl
import tempfile
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localsign.core.clock import wall
from localsign.settings import Settings

if TYPE_CHECKING:
    from cryptography import x509

ALWAYS = ("localhost", "127.0.0.1", "::1")
FOLDER = "tls"  # of the data folder
SERVER, AUTHORITY, LET_IN = "server.pem", "ca.pem", "clients.pem"
_GOOD_FOR = timedelta(days=397)  # browsers refuse more
_RENEWED_BEFORE = timedelta(days=30)
_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"


class TlsError(Exception):
    """TLS cannot be had as it is configured; a sentence that says why."""


class Tls:
    """What `settings` say of TLS, made or read at first use. TlsError where that fails."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir and settings.data_dir / FOLDER
        self._let_in: set[str] = set()
        self._seen = 0  # when the file of client certificates was changed last, as far as it is known here
        self._guard = threading.Lock()

    @cached_property
    def context(self) -> ssl.SSLContext:
        """For the listening socket."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        # A certificate that was registered is trusted as it is, whoever signed it.
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        settings = self._settings
        try:
            if settings.tls_cert is not None:
                made.load_cert_chain(settings.tls_cert, settings.tls_key)
            else:
                with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
                    file.write(self._pem)
                    file.flush()
                    made.load_cert_chain(file.name)
            if settings.tls_client_ca is not None:
                made.load_verify_locations(cafile=settings.tls_client_ca)
                made.verify_mode = ssl.CERT_OPTIONAL
        except (OSError, ssl.SSLError) as error:
            raise TlsError(f"{self._named()} cannot be used for TLS: {_reason(error)}.") from None
        return made

    def _named(self) -> str:
        given = (self._settings.tls_cert, self._settings.tls_key, self._settings.tls_client_ca)
        return ", ".join(str(path) for path in given if path is not None) or "the certificate"

    # ---- the server's own certificate

    @property
    def authority_pem(self) -> str | None:
        """The authority of the certificate that was made here; None where there is none."""
        return None if self._settings.tls == "off" else _certificates(self._pem)[-1]

    @cached_property
    def _pem(self) -> str:
        """Key, certificate and authority."""
        with self._guard:
            names = names_of(self._settings)
            if self._folder is None:
                return make(names)
            path = self._folder / SERVER
            try:
                if not path.exists() or not _is_good(path.read_text(), names):
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    _write(path, make(names))
                pem = path.read_text()
                _write(self._folder / AUTHORITY, _certificates(pem)[-1])
            except (OSError, ValueError) as error:
                raise TlsError(f"{path} cannot be used for TLS: {_reason(error)}.") from None
            return pem

    # ---- certificates of clients

    def let_in(self, certificates: Sequence[bytes]) -> None:
        """Let connections begin that show one of `certificates` (DER). Who they are is another question."""
        pems = [ssl.DER_cert_to_PEM_cert(one) for one in certificates]
        with self._guard:
            new = [pem for pem in pems if pem not in self._let_in]
            if new and self._folder is not None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with (self._folder / LET_IN).open("a") as file:
                    file.write("".join(new))
        self._add(new)

    def refresh(self) -> None:
        """Learn what other processes, or this one before it was started anew, let in."""
        path = self._folder and self._folder / LET_IN
        if path is None or not path.exists():
            return
        changed = path.stat().st_mtime_ns
        if changed != self._seen:
            self._seen = changed
            try:
                self._add(_certificates(path.read_text()))
            except (OSError, ValueError) as error:  # an SSLError is an OSError
                raise TlsError(f"{path} cannot be used for TLS: {_reason(error)}.") from None

    def _add(self, pems: Sequence[str]) -> None:
        context = self.context
        for pem in pems:
            if pem not in self._let_in:
                context.load_verify_locations(cadata=pem)
                context.verify_mode = ssl.CERT_OPTIONAL  # before, nobody is asked: a browser would ask its user
                self._let_in.add(pem)


def names_of(settings: Settings) -> tuple[str, ...]:
    """Every name and address that the certificate made for `settings` is good for."""
    from urllib.parse import urlsplit

    urls = (settings.public_url, settings.internal_url)
    own = [] if settings.host in ("0.0.0.0", "::") else [settings.host]
    named = [host for url in urls if url is not None and (host := urlsplit(url).hostname)]
    return tuple(dict.fromkeys(name.lower() for name in (*ALWAYS, *own, *settings.tls_names, *named)))


def make(names: Sequence[str]) -> str:
    """A new key, a certificate for `names`, and the authority above it, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = wall()
    above, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(named("localsign TLS, this server only"), subject, public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now - timedelta(days=1) + _GOOD_FOR)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        )

    root = (
        begun(named("localsign TLS, this server only"), above.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(above, hashes.SHA256())
    )
    leaf = (
        begun(named("localsign"), key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .sign(above, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return b"".join((secret, *(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, root)))).decode()


def _usage(*, signs_certificates: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(pem: str, names: Sequence[str]) -> bool:
    """Whether a kept certificate still serves, for every one of `names`."""
    from cryptography import x509

    leaf = x509.load_pem_x509_certificate(_certificates(pem)[0].encode())
    covered = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return all(_general(name) in covered for name in names) and leaf.not_valid_after_utc > wall() + _RENEWED_BEFORE


def _certificates(pem: str) -> list[str]:
    """Those that are whole: another process may be about to write the last one."""
    found = [f"{_BEGIN}{one.partition(_END)[0]}{_END}\n" for one in pem.split(_BEGIN)[1:] if _END in one]
    if not found:
        raise ValueError("there is no certificate in it")
    return found


def _write(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only."""
    handle, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(made).replace(path)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"it is no PEM file that fits ({(error.reason or 'unknown').replace('_', ' ').lower()})"
    return getattr(error, "strerror", None) or str(error)
