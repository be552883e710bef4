"""Logins by SAML: who is let in, who is made, where it leads."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.signing_today.people import ANNA, People, refused

from localsign.signing_today.account_switches import SAML_REPLY

PERSON = {
    "userid": "VP-51635",
    "eduPersonPrincipalName": "VP-51635@infn.it",
    "givenName": "Vincenzo",
    "surname": "Palazzo",
    "rfc822Mailbox": "vpa@demo.example",
    "isMemberOf": ["i:infn:cnaf:sistema_informativo::n:member", "Sales"],
    "eduPersonTargetedID": {"name": "x", "format": "y"},
    "_not_before": "2019-03-01 16:41:29+00:00",
    "_not_onorafter": "2099-03-01 16:46:59+00:00",
    "_cookies": "x",
}

RESPONSE = """<samlp:Response xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
    xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="R1" Version="2.0" IssueInstant="2026-03-17T22:50:30Z">
  <saml:Assertion ID="A1" Version="2.0" IssueInstant="2026-03-17T22:50:30Z">
    <saml:Subject><saml:NameID>vpa</saml:NameID></saml:Subject>
    <saml:Conditions NotBefore="2019-03-17T22:50:00Z" NotOnOrAfter="{until}"/>
    <saml:AttributeStatement>
      <saml:Attribute Name="urn:oid:2.5.4.42" FriendlyName="givenName">
        <saml:AttributeValue>Vincenzo</saml:AttributeValue></saml:Attribute>
      <saml:Attribute Name="http://idp.example/claims/sn"><saml:AttributeValue>Palazzo</saml:AttributeValue></saml:Attribute>
      <saml:Attribute Name="mail"><saml:AttributeValue>vpa@demo.example</saml:AttributeValue></saml:Attribute>
      <saml:Attribute Name="isMemberOf"><saml:AttributeValue>i:infn:cnaf:it::n:member</saml:AttributeValue>
        <saml:AttributeValue>Sales</saml:AttributeValue></saml:Attribute>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>"""


def key_of(people: People, domain: str = "demo") -> str:
    return str({one["domain"]: one["saml_key"] for one in people.facts["domains"]}[domain])


def form(people: People, said: Any, domain: str = "demo") -> dict[str, str]:
    """The form of an identity provider that says `said`: an object, or bytes as they are."""
    reply = said if isinstance(said, bytes) else json.dumps(said).encode()
    mac = hmac.new(key_of(people, domain).encode(), reply, hashlib.sha256).hexdigest()
    return {"domain": domain, "IDToken1": base64.b64encode(reply).decode(), "IDToken2": mac}


def post(people: People, fields: dict[str, str]) -> httpx.Response:
    return people.nobody.post("/auth/saml", data=fields)


def token_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    [token] = parse_qs(urlsplit(answer.headers["location"]).query)["token"]
    return token


def test_a_person_who_is_not_known_is_registered(people: People) -> None:
    answer = post(people, form(people, PERSON))
    assert answer.content == b""
    me = people.bearing(token_of(answer)).get("/auth/user").json()
    assert [me[name] for name in ("username", "domain", "name", "surname", "email", "role")] == [
        "VP-51635@infn.it",
        "demo",
        "Vincenzo",
        "Palazzo",
        "vpa@demo.example",
        "signer",
    ]
    assert [one["name"] for one in me["groups"]] == ["sistema_informativo", "Sales"]
    page = people.nobody.get(answer.headers["location"])
    assert (page.status_code, "Vincenzo Palazzo" in page.text) == (200, True)


def test_a_person_who_is_known_is_updated(people: People) -> None:
    before = people.read(ANNA)
    token = token_of(post(people, form(people, {"userid": "anna", "givenName": "Annabella", "isMemberOf": []})))
    assert people.bearing(token).get("/auth/user").json() == {**before, "name": "Annabella", "groups": []}
    token_of(post(people, form(people, {"userid": "anna"})))
    assert people.read(ANNA)["name"] == "Annabella", "what the reply does not say stays"


def test_the_page_behind_the_redirect_needs_the_token(people: People) -> None:
    assert people.nobody.get("/welcome", params={"token": "x"}).status_code == 401
    assert people.nobody.get("/welcome").status_code == 400


def test_a_reply_is_good_in_its_time_only(people: People) -> None:
    early = {**PERSON, "_not_before": "2098-01-01T00:00:00Z"}
    late = {**PERSON, "_not_onorafter": "2019-03-01T16:46:59Z"}
    for said in (early, late):
        refused(post(people, form(people, said)), 409, "IDToken1")


def test_a_plus_sign_that_was_not_escaped_is_understood(people: People) -> None:
    fields = form(people, {"userid": "anna", "givenName": "\u00fb\u00ef\u00be" * 5, "surname": ">>>>~~~~"})
    assert "+" in fields["IDToken1"]
    text = "&".join(f"{name}={value.replace('=', '%3D')}" for name, value in fields.items())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    token_of(people.nobody.post("/auth/saml", content=text, headers=headers))


def test_a_key_is_good_for_its_domain_only(people: People) -> None:
    fields = form(people, PERSON, "partner")
    refused(post(people, {**fields, "domain": "demo"}), 409, "IDToken2")
    refused(post(people, {**fields, "domain": "nowhere"}), 409, "domain")
    token = token_of(post(people, fields))
    assert people.bearing(token).get("/auth/user").json()["domain"] == "partner"


def test_a_disabled_person_stays_out(people: People) -> None:
    people.admin.delete(f"/user/{ANNA}")
    refused(post(people, form(people, {"userid": "anna"})), 409, "IDToken1")


def test_the_key_outlives_a_reset(people: People) -> None:
    assert people.world.control("POST", "reset").status_code == 204
    token_of(post(people, form(people, PERSON)))


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xfe\x00",
        b"<samlp:Response/>",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"userid": 5}',
        b'{"userid": "\\ud800"}',
        b'{"userid": "x", "_not_before": "yesterday"}',
        b'{"userid": "x", "_not_before": 1e999}',
        b'{"userid": "x", "isMemberOf": [1]}',
        b'{"userid": "' + b"x" * 300 + b'"}',
        b'{"userid": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 20_000,
    ],
)
def test_a_reply_that_cannot_be_used_is_refused_and_changes_nothing(people: People, said: bytes) -> None:
    before = people.admin.get("/users").json()
    refused(post(people, form(people, said)), 400 if not said else 409, "IDToken1")
    assert people.admin.get("/users").json() == before


@pytest.mark.parametrize(
    ("change", "status", "target"),
    [
        ({"IDToken1": "!"}, 409, "IDToken1"),
        ({"IDToken1": "é"}, 409, "IDToken1"),
        ({"IDToken2": "0" * 64}, 409, "IDToken2"),
        ({"IDToken2": "é"}, 409, "IDToken2"),
        ({"IDToken2": ""}, 400, "IDToken2"),
        ({"domain": ""}, 400, "domain"),
        ({"domain": "\x00"}, 409, "domain"),
    ],
)
def test_a_form_that_cannot_be_trusted_is_refused(
    people: People, change: dict[str, str], status: int, target: str
) -> None:
    refused(post(people, {**form(people, PERSON), **change}), status, target)


def test_what_is_no_form_is_refused(people: People) -> None:
    refused(people.nobody.post("/auth/saml", json=PERSON), 400, "Content-Type")
    refused(people.nobody.post("/auth/saml"), 400, "Content-Type")


def test_a_world_may_have_replies_in_xml(people: People) -> None:
    people.switch(SAML_REPLY, "xml")
    reply = RESPONSE.format(until="2099-01-01T00:00:00Z").encode()
    me = people.bearing(token_of(post(people, form(people, reply)))).get("/auth/user").json()
    shown = [me[name] for name in ("username", "name", "surname", "email")]
    assert shown == ["vpa", "Vincenzo", "Palazzo", "vpa@demo.example"]
    assert [one["name"] for one in me["groups"]] == ["it", "Sales"]
    late = RESPONSE.format(until="2019-03-18T00:00:00Z").encode()
    for bad in (
        late,
        b"{}",
        b"<a/>",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    ):
        refused(post(people, form(people, bad)), 409, "IDToken1")
    refused(post(people, {**form(people, reply), "IDToken2": "0" * 64}), 409, "IDToken2")
