"""Whether the answers of Signing Today are what an OpenAPI document says: schemathesis asks, in a world that has some.

What a document says that cannot be true together is in `differences.yaml`, with reasons; the rest must hold.
"""

import base64
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from tests.signing_today.people import People
from tests.signing_today.test_identities import picture
from tests.signing_today.transactions import Desk, a_place, a_plan, a_text, account, external
from tests.world import Json

from localsign import openapi

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
METHODS = ("get", "post", "put", "patch", "delete")
# These end what the caller logged in with, so somebody else makes them.
OWN_LOGIN = ("DELETE /robot/authentication", "GET /auth/logout", "POST /auth/passwordReset")


SMALLEST_PDF = """%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/MediaBox[0 0 300 300]/Parent 2 0 R>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""  # of text only, as an example has to be


class _Plain(yaml.SafeLoader):
    """YAML without dates: in JSON they are texts."""


_Plain.yaml_implicit_resolvers = {
    letter: [one for one in known if one[0] != "tag:yaml.org,2002:timestamp"]
    for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Json:
    """A document of JSON or YAML."""
    return dict(yaml.load(path.read_text(encoding="utf-8"), _Plain))


@dataclass(frozen=True)
class Differences:
    """What is known to differ from a document, and why.

    `members` are changed in the document before anything is asked; `answers` are statuses that calls do not list.
    """

    members: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> "Differences":
        known = read(path)
        return cls(known["members"], known["answers"])

    def explain(self, label: str, status: int) -> bool:
        """Whether it is known that a call answers a status that it does not list."""
        return any(one["status"] == status and label in one["calls"] for one in self.answers)

    def amend(self, document: Json) -> None:
        """Put the changed members into the document; KeyError for one that it does not have."""
        for one in self.members:
            for at in one["at"]:
                *steps, last = at.strip("/").split("/")
                place = document
                for step in steps:
                    place = place[step.replace("~1", "/")]
                if last not in place:
                    raise KeyError(at)
                place[last] = one["is"]


@dataclass
class Report:
    """What came of it: findings with how often, calls that once succeeded, and how many there were."""

    findings: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    explained: set[tuple[str, int]] = field(default_factory=set)

    @property
    def unsuccessful(self) -> list[str]:
        return sorted(one for one, seen in self.statuses.items() if not any(200 <= status < 400 for status in seen))


# ---- a world with something in it


@dataclass(frozen=True)
class Known:
    """What there is: ids by what they are ids of, and what a call needs to succeed, by its label.

    `headers` of a call take the place of the `caller`'s.
    """

    caller: str
    ids: Mapping[str, list[Any]]
    headers: Mapping[str, str]
    paths: Mapping[str, Mapping[str, Any]]
    queries: Mapping[str, Mapping[str, Any]]
    bodies: Mapping[str, Any]


def arrange(desk: Desk) -> Known:
    """DSTs in every status that a person can bring about, and all that goes with them."""
    people = desk.people
    (caller, me), (other, _) = _robot(desk, "checker"), _robot(desk, "other")
    plan = a_plan([account(me)], [external(2)], forms=[a_place(), a_text(11)])
    draft, to_fill, to_sign = desk.draft(plan), desk.published(plan), desk.published(a_plan([account(me)]))
    still, rejected, signed, spare = desk.draft(), desk.rejected(), desk.signed(), [desk.create() for _ in range(3)]
    templates = [desk.template() for _ in range(3)]
    dsts = [draft, to_fill, to_sign, rejected, signed, *spare]
    notes = [desk.call("POST", f"/DST/{dst['id']}/note", json={"text": "x"}) for dst in dsts]
    checker = people.bearing(caller.partition(" ")[2])
    own = [checker.post(f"/DST/{draft['id']}/note", json={"text": "x"}).json() for _ in range(2)]
    [mine] = checker.get(f"/user/{me}/identities").json()
    appearance = {"id": me, "identity-id": mine["id"]}
    assert checker.post(f"/user/{me}/identity/{mine['id']}/appearance", **a_picture()).status_code == 200
    challenge = people.anna.get("/device/authorization").json()["challenge"]
    device = {"challenge": checker.get("/device/authorization").json()["challenge"], "deviceId": "d-1", "name": "Phone"}
    assert people.nobody.post("/device/authorization", json=device).status_code == 200
    user = people.create(username="user", groups=[{"name": "Legal"}])
    [identity] = people.admin.get(f"/user/{user}/identities").json()
    robot = {"username": "robot", "domain": "demo"}
    a_file = {"file": SMALLEST_PDF, "filename": "contract.pdf", "resourceType": "PDF_Document"}
    pair = base64.b64encode(f"{people.facts['client_id']}:{people.facts['client_secret']}".encode()).decode()
    return Known(
        caller=caller,
        ids={
            "dst": [dst["id"] for dst in (*dsts, *templates)],
            "template": [one["id"] for one in templates],
            "resource": [one["id"] for dst in (draft, signed) for one in desk.read(dst)["resources"]],
            "user": [user],
            "identity": [identity["id"]],
            "number": [1, 2, *(note["id"] for note in notes)],
        },
        headers={"POST /oauth/token": f"Basic {pair}", **dict.fromkeys(OWN_LOGIN, other)},
        paths={
            "POST /DST/{id}/publish": {"id": draft["id"]},
            "PATCH /DST/{id}/fill": {"id": to_fill["id"]},
            "GET /DST/{id}/sign/{docId}/{signId}": {"id": to_sign["id"], "docId": 1, "signId": 1},
            "POST /DST/{id}/notify": {"id": to_sign["id"]},
            "POST /DST/{id}/replace": {"id": rejected["id"]},
            "POST /DST/{id}/instantiate": {"id": templates[0]["id"]},
            "POST /DST/{id}/templatize": {"id": templates[0]["id"]},
            "POST /DST/{id}/modify": {"id": templates[2]["id"]},
            "PUT /DST/{id}": {"id": spare[0]["id"]},
            "PATCH /DST/{id}/resources": {"id": spare[2]["id"]},
            "DELETE /DST/{id}": {"id": spare[1]["id"]},
            "PUT /DST/{id}/note/{noteId}": {"id": draft["id"], "noteId": own[0]["id"]},
            "DELETE /DST/{id}/note/{noteId}": {"id": draft["id"], "noteId": own[1]["id"]},
            "PUT /resource/{id}": {"id": still["resources"][0]["id"]},
            "DELETE /DST/resource/{id}": {"id": still["resources"][0]["id"]},
            **{
                f"{method} /user/{{id}}/identity/{{identity-id}}/appearance": appearance
                for method in ("GET", "POST", "DELETE")
            },
        },
        queries={
            "GET /auth/passwordReset": {"username": "carla", "domain": "demo"},
            "POST /service/changePassword": robot,
            **{f"{method} /robot/authentication": robot for method in ("GET", "DELETE")},
            **{f"{method} /robot/configuration": robot for method in ("GET", "PUT")},
            "GET /pdfResource/{id}/thumbs": {"page": 1, "width": 100},
            "POST /auth/changePassword": {"passwordToken": people.bruno.get("/auth/passwordToken").json()[0]},
            "GET /DSTs": {"$filter": 'title=="Sales*"', "$orderBy": "updatedAt,desc"},
            "GET /users": {"$filter": 'name=="A*"', "$orderBy": "username"},
            "GET /users/groups": {"$filter": 'name=="L*"', "$orderBy": "name,desc"},
        },
        bodies={
            "POST /oauth/token": {
                "username": "anna@demo",
                "password": people.passwords["anna@demo"],
                "grant_type": "password",
            },
            "POST /auth/changePassword": "A12345678z",
            "POST /service/changePassword": "A12345678z",
            "POST /auth/passwordReset": {"currentPassword": "A12345678z", "newPassword": "B12345678z"},
            "POST /auth/saml": a_reply(people),
            "POST /device/authorization": {"challenge": str(UUID(challenge)), "deviceId": "d-2", "name": "Phone"},
            "POST /notifications/push-token": {"deviceId": "d-1", "token": "t"},
            "POST /users": {"user": {"username": "jdo", "email": "jdo@demo.example", "role": "signer"}},
            "PUT /user/{id}": {"name": "John", "email": "jdo@demo.example"},
            "POST /users/groups": [{"name": "Purchasing"}],
            "POST /DSTs": {"title": "Sales contract"},
            "PUT /DST/{id}": {"title": "Sales contract"},
            "PATCH /DST/{id}/fill": {"id": 11, "documentId": 1, "extraData": {"text": "Napoli"}},
            "PATCH /DST/{id}/resources": {**a_file, "title": "Contract"},
            "POST /user/{id}/identity/{identity-id}/appearance": a_file,
            "POST /DST/{id}/note": {"text": "A note"},
            "PUT /DST/{id}/note/{noteId}": {"text": "Changed"},
            "PUT /resource/{id}": {"title": "Changed"},
            "POST /robot/DSTs": {"title": "In one call"},
            "POST /robot/{id}/instantiate": {"templatePatches": {"title": "In one call"}},
            "PUT /robot/configuration": {"requestHeaders": {"X-Key": ["1"]}},
            "POST /service/users/sync": [{"eduPersonPrincipalName": "vpa", "orgRole": "signer"}],
        },
    )


def a_picture() -> Json:
    """The arguments of a call that uploads how signatures look."""
    return {
        "files": {"file": ("x.png", picture(), "image/png")},
        "data": {"filename": "x.png", "resourceType": "Image"},
    }


def a_reply(people: People) -> dict[str, str]:
    """What an identity provider sends of somebody who has logged in there."""
    [key] = [one["saml_key"] for one in people.facts["domains"] if one["domain"] == "demo"]
    reply = json.dumps({"userid": "vpa"}).encode()
    token = base64.b64encode(reply).decode()
    return {"domain": "demo", "IDToken1": token, "IDToken2": hmac.new(key.encode(), reply, "sha256").hexdigest()}


def _robot(desk: Desk, name: str) -> tuple[str, str]:
    """How an admin whose login does not end authenticates, and its id."""
    wanted = {"username": f"{name}@demo", "password": "A12345678z", "role": "admin", "is_robot": True}
    made = desk.world.control("POST", "signing-today/accounts", wanted)
    assert made.status_code == 201, made.text
    return f"Bearer {made.json()['lifetime_token']}", str(made.json()["id"])


# ---- the document, with what there is in it


def labels(document: Json) -> Iterator[tuple[str, str, str, Json]]:
    """Label, path, method and operation of every call."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", path, method, item[method]


def ours() -> Json:
    """The document of localsign, below its mount and in the names of the reference."""
    document = openapi.document("signing-today")
    text = json.dumps({path.removeprefix("/api"): item for path, item in document["paths"].items()})
    return {**document, "paths": json.loads(text.replace("identityId", "identity-id"))}


def public(document: Json) -> Json:
    """A copy of the document with the 62 calls of the reference and no other."""
    wanted = {label for label, *_ in labels(ours())}
    made = {**deepcopy(document), "servers": [{"url": "/"}], "paths": {}}
    for label, path, method, operation in labels(document):
        if label in wanted:
            parameters = [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]
            made["paths"].setdefault(path, {})[method] = {**operation, "parameters": parameters}
    return made


def furnished(document: Json, known: Known) -> Json:
    """The document with ids that there are in its paths, and with examples that can succeed."""
    for label, path, _, operation in labels(document):
        for index, parameter in enumerate(operation["parameters"]):
            found = _resolved(document, parameter)
            schema = {**found.get("schema", {})}
            example: Any = known.queries.get(label, {}).get(found["name"])
            if found["in"] == "path":
                wanted = known.paths.get(label, {}).get(found["name"])
                schema = {
                    "type": schema["type"],
                    "enum": known.ids[_kind(path, found["name"])] if wanted is None else [wanted],
                }
            kept = {name: value for name, value in found.items() if name not in ("example", "examples", "schema")}
            operation["parameters"][index] = {
                **kept,
                "schema": schema,
                **({} if example is None else {"example": example}),
            }
        if label in known.bodies:
            for content in _resolved(document, operation["requestBody"])["content"].values():
                content.pop("examples", None)
                content["example"] = known.bodies[label]
    return document


def _resolved(document: Json, value: Json) -> Json:
    while "$ref" in value:
        reference, value = value["$ref"], document
        for step in reference.removeprefix("#/").split("/"):
            value = value[step]
    return value


def _kind(path: str, name: str) -> str:
    if name == "identity-id":
        return "identity"
    if name != "id":
        return "number"
    if path.startswith("/user/"):
        return "user"
    if path.startswith("/robot/"):
        return "template"
    return "resource" if re.search("[rR]esource/{id}", path) else "dst"


# ---- asking


def conform(document: Json, desk: Desk, differences: Differences, *, examples: int, is_thorough: bool) -> Report:
    """Ask every call of the document: `examples` of each at random, and if `is_thorough` every edge of its schema."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

    known = arrange(desk)
    document = deepcopy(document)
    differences.amend(document)
    document = furnished(public(document), known)
    config = {
        "base-url": desk.people.url,
        "seed": 4711,
        "continue-on-failure": True,
        "headers": {"Authorization": known.caller},
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": is_thorough}},
        "generation": {
            "max-examples": examples,
            "deterministic": True,
            "no-shrink": True,
            "database": "none",
            "with-security-parameters": False,
        },
        "operations": [
            {"include-name": label, "headers": {"Authorization": header}} for label, header in known.headers.items()
        ],
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    report = Report()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(report, event.recorder, differences)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            report.findings[f"could not ask: {getattr(event, 'label', '')} {getattr(event, 'value', event)}"] += 1
    return report


def _note(report: Report, recorder: Any, differences: Differences) -> None:
    label = recorder.label
    seen = report.statuses.setdefault(label, Counter())
    for case_id, interaction in recorder.interactions.items():
        status = interaction.response.status_code if interaction.response is not None else 0
        seen[status] += 1
        for check in recorder.checks.get(case_id, ()):
            if check.failure_info is None:
                continue
            if check.name == "status_code_conformance" and differences.explain(label, status):
                report.explained.add((label, status))
                continue
            failure = check.failure_info.failure
            said = getattr(failure, "validation_message", None) or failure.message
            finding = f"{label}: {check.name}: {status}: {said.splitlines()[0][:200]}"
            report.findings[finding] += 1
            report.samples.setdefault(finding, f"{check.failure_info.code_sample}\n{failure.message[:2000]}")
