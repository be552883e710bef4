"""Making API clients."""

import json
from itertools import count

from localsign.core.errors import BadInputError, ConflictError
from localsign.core.work import Work
from localsign.signicat import certificates, permissions
from localsign.signicat.models import Client, clients
from localsign.signicat.schemas import ClientRequest

_DEEPEST = 8  # levels of a key set


def create(work: Work, wanted: ClientRequest) -> Client:
    """A new API client; what is not given is drawn. ConflictError where its id is taken."""
    if unknown := [one for one in wanted.permissions if one not in permissions.ALL]:
        raise BadInputError.of("permissions", f"{unknown[0]} is not one of {', '.join(permissions.ALL)}")
    if wanted.jwks is not None:
        _check_keys(wanted)
    subject = certificates.subject_of(wanted)
    jwks = certificates.joined(wanted)
    client_id = wanted.client_id or _free_id(work)
    if work.db.get(Client, client_id):
        raise ConflictError(f"There is an API client '{client_id}' already.", code="client_exists")
    existing = clients(work)
    client = Client(
        client_id=client_id,
        secrets=[wanted.client_secret or work.ids.token(40)],
        permissions=wanted.permissions,
        jwks=jwks,
        tls_subject=subject,
        token_lifetime=wanted.token_lifetime,
        number=existing[-1].number + 1 if existing else 0,
    )
    work.db.add(client)
    if work.house.settings.has_tls and (known := certificates.registered(client)):
        work.house.tls.let_in(known)
    return client


def _free_id(work: Work) -> str:
    """An id that no client has: a seeded world draws those again that outlived a reset."""
    drawn = (f"sandbox-{work.ids.hex(4)}-client" for _ in count())
    return next(one for one in drawn if work.db.get(Client, one) is None)


def _check_keys(wanted: ClientRequest) -> None:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        json.dumps(wanted.jwks, ensure_ascii=False).encode()
        if _depth(wanted.jwks) > _DEEPEST:
            raise ValueError("it is nested too deep")
        KeySet.import_key_set(wanted.jwks)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInputError.of("jwks", f"is not a set of JSON Web Keys: {error}") from None


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)
