"""The test certificate authority of an installation: root, timestamp, seal and signer certificates.

Everything but the private keys is fixed: validity, serial numbers and signatures (deterministic
ECDSA) derive from the keys, so one stored authority always issues the same certificates.
"""

from __future__ import annotations

import hashlib
import os
import re
import stringprep
import tempfile
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

FILE_NAME = "authority.pem"
VALID_FROM = datetime(2000, 1, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
ORGANISATION = "localsign test, no legal value"
SEAL_NAME = "localsign test seal"
_CACHED_SIGNERS = 512
_LONGEST_NAME = 64  # bytes; X.520 upper bound of commonName and serialNumber
_PARTS = 8


class AuthorityFileError(Exception):
    """The stored authority cannot be read; the message names the file."""


class Identity(NamedTuple):
    """A certificate and the private key it speaks for."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """A test CA with its timestamp authority, its organisation seal and one key for all signers."""

    root: Identity
    tsa: Identity
    seal: Identity
    signer_key: ec.EllipticCurvePrivateKey
    crl: x509.CertificateRevocationList
    _issued: dict[tuple[str, str | None], Identity] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def open(cls, folder: Path | None) -> Authority:
        """The authority kept in `folder`, made there on first use; a passing one when None.

        Processes that race end up with the same authority. Raises AuthorityFileError when the
        stored file is damaged, OSError when the folder cannot be written.
        """
        if folder is None:
            return _make()
        path = folder / FILE_NAME
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _keep(_make().dump(), path)
        return _load(path)

    @property
    def certificate_pem(self) -> bytes:
        """The root certificate, PEM."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return self.root.certificate.public_bytes(Encoding.PEM)

    def signer(self, name: str, national_id: str | None = None) -> Identity:
        """The certificate of a signer and the key shared by all signers.

        Any text is a name: it is cut at 64 bytes of UTF-8, and what certificates cannot hold (control
        characters, emoji) is left out or shown as "?"; the serial number still tells such names apart.
        """
        with self._lock:
            found = self._issued.get((name, national_id))
        if found is not None:
            return found
        identity = Identity(_issue_signer(self, name, national_id), self.signer_key)
        with self._lock:
            if len(self._issued) >= _CACHED_SIGNERS:
                del self._issued[next(iter(self._issued))]
            return self._issued.setdefault((name, national_id), identity)

    def dump(self) -> bytes:
        """Keys, certificates and revocation list as one PEM text."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        def key(of: ec.EllipticCurvePrivateKey) -> bytes:
            return of.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

        pairs = [
            key(identity.key) + identity.certificate.public_bytes(Encoding.PEM)
            for identity in (self.root, self.tsa, self.seal)
        ]
        return b"".join([*pairs, key(self.signer_key), self.crl.public_bytes(Encoding.PEM)])


def _make() -> Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root_key, tsa_key, seal_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))
    mark = _digest(_public(root_key))[:4].hex()
    root_name = _name(f"localsign test CA {mark}")
    root = Identity(_certificate(root_name, root_key.public_key(), root_name, root_key, entropy=b"root"), root_key)
    stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return Authority(
        root=root,
        tsa=Identity(_leaf(root, _name("localsign test TSA"), tsa_key, stamping), tsa_key),
        seal=Identity(_leaf(root, _name(SEAL_NAME), seal_key), seal_key),
        signer_key=signer_key,
        crl=_revocations(root),
    )


def _load(path: Path) -> Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    blocks = re.findall(rb"-----BEGIN .*?-----END [^\n]*-----\n", path.read_bytes(), re.DOTALL)
    if len(blocks) != _PARTS:
        raise AuthorityFileError(f"{path} holds {len(blocks)} of {_PARTS} parts; remove it to get a new test CA")

    def key(block: bytes) -> ec.EllipticCurvePrivateKey:
        return cast("ec.EllipticCurvePrivateKey", load_pem_private_key(block, password=None))

    try:
        root, tsa, seal = (Identity(x509.load_pem_x509_certificate(blocks[i + 1]), key(blocks[i])) for i in (0, 2, 4))
        return Authority(root, tsa, seal, key(blocks[6]), x509.load_pem_x509_crl(blocks[7]))
    except ValueError as error:
        raise AuthorityFileError(f"{path} is damaged ({error}); remove it to get a new test CA") from error


def _keep(content: bytes, path: Path) -> None:
    """Put `content` at `path` unless somebody else was first; never a half-written file."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".authority-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, fails when the name is taken: the first one wins.
            os.link(scratch, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            if not path.exists():
                Path(scratch).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(scratch).unlink()


def _issue_signer(authority: Authority, name: str, national_id: str | None) -> x509.Certificate:
    shown = _clean(name) or "unnamed signer"
    number = _clean(national_id or "")
    full = f"{name}\0{national_id or ''}".encode("utf-8", "surrogatepass")
    return _leaf(authority.root, _name(shown, number or None), authority.signer_key, entropy=full)


def _clean(text: str) -> str:
    """At most 64 bytes of `text`, of characters that validators can compare (RFC 4518)."""
    known = "".join(_comparable(c) if c.isprintable() else " " for c in text)
    # Right-to-left letters must not stand beside left-to-right ones.
    turned = [stringprep.in_table_d1(c) for c in known if not c.isspace()]
    if any(turned) and not (turned[0] and turned[-1] and not any(map(stringprep.in_table_d2, known))):
        known = "".join("?" if stringprep.in_table_d1(c) else c for c in known)
    cut = " ".join(known.split()).encode()[:_LONGEST_NAME]
    return cut.decode(errors="ignore").strip()


def _comparable(character: str) -> str:
    prepared = unicodedata.normalize("NFKC", stringprep.map_table_b2(character))
    # Letters younger than the rules, and U+FFFD.
    unfit = any(stringprep.in_table_a1(c) or stringprep.in_table_c6(c) for c in prepared)
    return "?" if unfit else character


def _name(common: str, number: str | None = None) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if number is not None:
        # X.520 wants a PrintableString here, which holds few characters.
        plain = re.sub(r"[^A-Za-z0-9 '()+,./:=?-]", "?", number)
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, plain))
    return x509.Name(parts)


def _leaf(
    root: Identity,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    usage: x509.ExtendedKeyUsage | None = None,
    entropy: bytes = b"",
) -> x509.Certificate:
    return _certificate(subject, key.public_key(), root.certificate.subject, root.key, entropy=entropy, usage=usage)


def _certificate(
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    entropy: bytes,
    usage: x509.ExtendedKeyUsage | None = None,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    is_root = subject == issuer
    issuer_public = issuer_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(_serial(_public(issuer_key), subject.public_bytes(), entropy))
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(_key_usage(is_root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False)
    )
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256(), ecdsa_deterministic=True)


def _key_usage(is_root: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _revocations(root: Identity) -> x509.CertificateRevocationList:
    """An empty list, valid as long as the root, so that nobody ever needs to fetch one."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(VALID_FROM)
        .next_update(VALID_UNTIL)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
    )
    return builder.sign(root.key, hashes.SHA256(), ecdsa_deterministic=True)


def _serial(*parts: bytes) -> int:
    return int.from_bytes(b"\x01" + _digest(*parts)[:15], "big")


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _digest(*parts: bytes) -> bytes:
    """SHA-256 over the parts, each with its length, so that no two lists collide."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.digest()
