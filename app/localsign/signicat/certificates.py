"""Clients that prove themselves by a certificate of the connection (RFC 8705, section 2).

inferred: the vendor's discovery document offers both methods; what they do follows the standard it names.
"""

import base64
import binascii
import ipaddress
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from localsign.core.errors import BadInputError
from localsign.signicat.models import Client
from localsign.signicat.schemas import ClientRequest

if TYPE_CHECKING:
    from cryptography import x509

METHODS = ("tls_client_auth", "self_signed_tls_client_auth")
SUBJECTS = tuple(f"tls_client_auth_{name}" for name in ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email"))
_LONGEST = 50_000


# ---- registering


def subject_of(wanted: ClientRequest) -> dict[str, str] | None:
    """What `tls_client_auth` looks for in a certificate: one name and its value."""
    given = {name: str(value) for name in SUBJECTS if (value := getattr(wanted, name)) is not None}
    if not given:
        return None
    if len(given) > 1:
        raise BadInputError.of(sorted(given)[1], f"stands beside {sorted(given)[0]}; give one of them")
    [(name, value)] = given.items()
    if (reason := _flaw(name, value)) is not None:
        raise BadInputError.of(name, reason)
    return given


def _flaw(name: str, value: str) -> str | None:
    from cryptography import x509

    try:
        if name.endswith("_dn"):
            x509.Name.from_rfc4514_string(value)
        elif name.endswith("_ip"):
            ipaddress.ip_address(value)
        elif not value.isascii():
            return "is not in ASCII"
    except ValueError:
        return "is no name as in RFC 4514" if name.endswith("_dn") else "is no IP address"
    return None


def joined(wanted: ClientRequest) -> dict[str, Any] | None:
    """The keys of a new client, with its certificate among them."""
    for place, one in enumerate(_keys(wanted.jwks)):
        if "x5c" in one and _first_of(one) is None:
            raise BadInputError.of(f"jwks.keys[{place}].x5c", "is not a list that begins with a certificate")
    if wanted.certificate is None:
        return wanted.jwks
    certificate = _parsed(wanted.certificate.encode("utf-8", "replace"))
    if certificate is None:
        raise BadInputError.of("certificate", "is not a certificate in PEM")
    return {**(wanted.jwks or {}), "keys": [*_keys(wanted.jwks), _as_key(certificate)]}


def _as_key(certificate: "x509.Certificate") -> dict[str, Any]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from joserfc.jwk import ECKey, RSAKey

    try:
        public = certificate.public_key()
    except _odd():
        raise BadInputError.of("certificate", "has a key that cannot be read") from None
    if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise BadInputError.of("certificate", "has a key that is neither RSA nor of an elliptic curve")
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        key = (RSAKey if isinstance(public, rsa.RSAPublicKey) else ECKey).import_key(pem)
        shown = dict(key.as_dict(private=False))
    except (ValueError, KeyError):
        raise BadInputError.of("certificate", "has a key that no JSON Web Key can say") from None
    return {**shown, "x5c": [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]}


def _keys(jwks: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [one for one in (jwks or {}).get("keys", ()) if isinstance(one, dict)]


def registered(client: Client) -> list[bytes]:
    """The certificates, as DER, by which a client may prove itself."""
    return [der for one in _keys(client.jwks) if (der := _first_of(one)) is not None]


def _first_of(key: Mapping[str, Any]) -> bytes | None:
    chain = key.get("x5c")
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    try:
        der = base64.b64decode(chain[0], validate=True)
    except (binascii.Error, ValueError):
        return None
    return der if _parsed(der) is not None else None


# ---- authenticating


def is_of(client: Client, shown: bytes, authorities: Path | None) -> bool:
    """Whether the certificate `shown` (DER) proves to be `client`: it is registered, or names it and is vouched for."""
    if shown in registered(client):
        return True
    certificate = _parsed(shown)
    if certificate is None or client.tls_subject is None or authorities is None:
        return False
    [(name, value)] = client.tls_subject.items()
    try:
        return _says(certificate, name, value) and _is_issued(certificate, authorities)
    except _odd():
        return False


def _odd() -> tuple[type[Exception], ...]:
    """What comes of certificates that can be read as such, and hold what nobody understands."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, UnsupportedGeneralNameType

    return ValueError, UnsupportedAlgorithm, DuplicateExtension, UnsupportedGeneralNameType


def _says(certificate: "x509.Certificate", name: str, value: str) -> bool:
    from cryptography import x509

    if name.endswith("_dn"):
        return certificate.subject == x509.Name.from_rfc4514_string(value)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    found: Iterable[Any]
    match name.rpartition("_")[2]:
        case "dns":
            found, value = (one.lower() for one in names.get_values_for_type(x509.DNSName)), value.lower()
        case "uri":
            found = names.get_values_for_type(x509.UniformResourceIdentifier)
        case "ip":
            found, value = map(str, names.get_values_for_type(x509.IPAddress)), str(ipaddress.ip_address(value))
        case _:
            found = names.get_values_for_type(x509.RFC822Name)
    return value in found


def _is_issued(certificate: "x509.Certificate", authorities: Path) -> bool:
    """Whether one of `authorities` has signed it. The connection has checked dates, and the chain above."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    for one in x509.load_pem_x509_certificates(authorities.read_bytes()):
        try:
            certificate.verify_directly_issued_by(one)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


# ---- what a proxy hands on


def of_header(text: str) -> bytes | None:
    """The certificate, as DER, in a header of a proxy: of RFC 9440, of nginx and its like, or of Envoy."""
    if len(text) > _LONGEST:
        return None
    first = text.rpartition(",")[2] if "Cert=" in text else text  # the nearest proxy adds its own at the end
    for part in first.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "Cert":
            text = value.strip('"')
    if len(text) > 2 and text[0] == text[-1] == ":":
        try:
            return _der(base64.b64decode(text[1:-1], validate=True))
        except (binascii.Error, ValueError):
            return None
    return _der(unquote(text).replace("\t", "\n").encode())


def _der(content: bytes) -> bytes | None:
    from cryptography.hazmat.primitives.serialization import Encoding

    found = _parsed(content)
    return None if found is None else found.public_bytes(Encoding.DER)


def _parsed(content: bytes) -> "x509.Certificate | None":
    """A certificate in PEM or DER."""
    from cryptography import x509

    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError:
        return None
