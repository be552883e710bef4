"""Any JSON, any query and any form is taken or refused, in the vendor's shape, and never breaks anything."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, Sender, a_recipient, a_share, problem
from tests.world import NO_TLS, Json

LENIENT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)

TEXT = st.text(max_size=12)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(["a@b", "2126-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def broken(whole: Json) -> st.SearchStrategy[Json]:
    """`whole` with some members replaced by anything, and others beside them."""
    names = st.sampled_from([*whole, "expires", "tags", "recipients", "fileRestrictions", "notification", "mobile"])
    return st.dictionaries(names | TEXT, ANYTHING, max_size=4).map(lambda other: {**whole, **other})


@pytest.fixture(scope="module")
def crowd(server: Server) -> Iterator[Sender]:
    """One workspace for many tries."""
    world = server.world()
    yield Sender(server, world)
    world.close()


@pytest.fixture(scope="module")
def share(crowd: Sender) -> Json:
    share = crowd.share()
    crowd.upload(share)
    return share


def taken_or_refused(answer: httpx.Response, *statuses: int) -> None:
    if answer.status_code not in statuses:
        problem(answer, 400, *answer.json()["errors"])


def send(sender: Sender, method: str, path: str, body: Any) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return sender.call(method, path, content=json.dumps(body).encode(), headers=headers)


@given(body=broken(a_share()) | ANYTHING)
@LENIENT
def test_any_share(crowd: Sender, body: Any) -> None:
    answer = send(crowd, "POST", "", body)
    taken_or_refused(answer, 201)
    if answer.status_code == 201:
        assert crowd.read(answer.json()) == answer.json()
        assert crowd.call("DELETE", f"/{answer.json()['id']}").status_code == 204


@given(body=broken(a_share()) | ANYTHING)
@LENIENT
def test_any_update_of_a_share(crowd: Sender, share: Json, body: Any) -> None:
    answer = send(crowd, "PATCH", f"/{share['id']}", body)
    taken_or_refused(answer, 200)
    assert crowd.call("GET", f"/{share['id']}").status_code == 200


@given(body=broken(a_recipient(notification={"sendEmail": True})) | ANYTHING)
@LENIENT
def test_any_recipient(crowd: Sender, share: Json, body: Any) -> None:
    answer = send(crowd, "POST", f"/{share['id']}/recipients", body)
    taken_or_refused(answer, 201)
    if answer.status_code == 201:
        path = f"/{share['id']}/recipients/{answer.json()['id']}"
        assert httpx.get(answer.json()["url"], verify=NO_TLS).status_code == 200
        taken_or_refused(send(crowd, "PUT", path, body), 200)
        assert crowd.call("DELETE", path).status_code == 204


NAMES = st.sampled_from(["limit", "offset", "sort", "from", "to", "search"])


@given(query=st.lists(st.tuples(NAMES, TEXT | st.integers().map(str)), max_size=4))
@LENIENT
def test_any_query(crowd: Sender, query: list[tuple[str, str]]) -> None:
    sent = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in query)
    taken_or_refused(crowd.call("GET", f"?{sent}"), 200)


FIELDS = st.sampled_from(["action", "code", "nin", "idpId"])
VALUES = TEXT | st.sampled_from(["send", "enter", "login", "fail", "leave"])


@given(form=st.dictionaries(FIELDS, VALUES), method=TEXT | st.sampled_from(["0", "1"]))
@LENIENT
def test_any_form(crowd: Sender, share: Json, form: dict[str, str], method: str) -> None:
    recipient = crowd.invite(share, authentication=[BY_EMAIL, BY_BANKID])
    answer = httpx.post(f"{recipient['url']}?method={quote(method)}", data=form, verify=NO_TLS)
    assert answer.status_code in (303, 403, 422)
    assert crowd.recipient(share, recipient)["loggedInTime"] is None


@given(body=st.binary(max_size=60), kind=st.sampled_from(["application/x-www-form-urlencoded", "text/plain", ""]))
@LENIENT
def test_any_body_of_a_form(crowd: Sender, share: Json, body: bytes, kind: str) -> None:
    recipient = crowd.invite(share)
    answer = httpx.post(recipient["url"], content=body, headers={"Content-Type": kind}, verify=NO_TLS)
    assert answer.status_code in (303, 400, 422)
