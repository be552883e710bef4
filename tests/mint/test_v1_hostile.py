"""Hostile input at every operation of v1: refused in the dialect, never a failure, and nothing is changed by it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.mint.flows import step
from tests.mint.v1_flows import V1, v1_flow
from tests.mint.v1_matrix import CASES, ROWS, query_of, spellings

SPELLED = [(name, method, path) for name, row in ROWS.items() for method, path in spellings(row)]
TEXTS = [
    "%00",
    "%ED%A0%80",
    "%FF%FE",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%98%80",
    "x" * 4000,
    "%0D%0AX-Evil:%201",
    "'%20OR%201=1--",
    "0",
    "-1",
    "9" * 40,
    "null",
    "%7B%7B7*7%7D%7D",
    "%25%73",
    "00000000-0000-0000-0000-000000000000",
    "{}",
    "%E2%80%AE",
]
WITH_JSON = [name for name, case in CASES.items() if isinstance(case.body, dict)]


@pytest.fixture(scope="module")
def any_v1(server: Server) -> Iterator[V1]:
    world = server.world()
    yield V1(world)
    world.close()


def checked(answer: httpx.Response) -> None:
    """Either it is fine, or it is refused as Mint refuses."""
    assert answer.status_code < 500, answer.text
    assert "x-evil" not in answer.headers
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "status", "code", "detail", "traceId", "type"} <= answer.json().keys()


@pytest.mark.parametrize(("name", "method", "path"), SPELLED)
def test_hostile_places(any_v1: V1, name: str, method: str, path: str) -> None:
    places = re.findall(r"{(\w+)}", path)
    if not places:
        return
    made = CASES[name].arrange(any_v1)
    for place in places:
        for text in TEXTS:
            body = CASES[name].body if isinstance(CASES[name].body, dict) else {}
            checked(any_v1.api.request(method, path.format(**{**made, place: text}), json=body))


@pytest.mark.parametrize("name", [name for name in ROWS if query_of(name)])
def test_hostile_queries(any_v1: V1, name: str) -> None:
    row = ROWS[name]
    address = row.path.format(**CASES[name].arrange(any_v1))
    for query in query_of(name):
        for text in (*TEXTS, "", "a&b=c", f"1&{query}=2", "+"):
            checked(any_v1.api.request(row.method, f"{address}?{query}={text}"))
    for query in (
        "?",
        "?&&=&",
        "?%00=%00",
        "?" + "&".join(f"x{i}=1" for i in range(500)),
        "?status",
        "?limit=1&LIMIT=2",
    ):
        checked(any_v1.api.request(row.method, address + query))


# ---- bodies

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 80), 1 << 80), st.floats(), st.text(max_size=20),
    st.sampled_from(["\x00", "\ud800", "x" * 6000, "{{ 1 | times: 9 }}", "{% for %}", "=cmd", "\u202e"]),
)  # fmt: skip
NAMES = st.sampled_from(
    ["title", "description", "steps", "connections", "customAttributes", "tags", "variables", "input", "workflowUrlTtl",
     "note", "flow", "accounts", "id", "activityId", "type", "name", "displayName", "properties", "sourceStepId",
     "targetActivityId", "outcome", "expressions", "syntax", "correlationId", "v1", "__proto__", ""]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, st.text(max_size=5)), inner, max_size=6)
    ),
    max_leaves=25,
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=6)


@pytest.mark.parametrize("name", WITH_JSON)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(BODIES, VALUES, BODIES.map(lambda one: {"flow": one})))
def test_hostile_bodies(any_v1: V1, arranged: dict[str, dict[str, str]], name: str, body: Any) -> None:
    row = ROWS[name]
    if name not in arranged:
        arranged[name] = CASES[name].arrange(any_v1)
    address = row.path.format(**arranged[name])
    content = json.dumps(body).encode()
    checked(any_v1.api.request(row.method, address, content=content, headers={"Content-Type": "application/json"}))
    checked(
        any_v1.api.get(address) if row.method == "PUT" and "notes" not in address else any_v1.api.get("/mint/flows")
    )


@pytest.fixture(scope="module")
def arranged() -> dict[str, dict[str, str]]:
    """What `test_hostile_bodies` made for each operation, once."""
    return {}


@pytest.mark.parametrize("name", WITH_JSON)
def test_hostile_json(any_v1: V1, name: str) -> None:
    row = ROWS[name]
    address = row.path.format(**CASES[name].arrange(any_v1))
    deep = b'{"flow": {"variables": ' + b'{"a":' * 70 + b"1" + b"}" * 72
    contents = [
        deep,
        b'{"variables": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        b'{"input": {"x": 1e999}}',
        b'{"input": {"x": NaN}}',
        b'{"title": "\\ud800"}',
        b'{"note": "\\u0000"}',
        b'{"workflowUrlTtl": ' + b"9" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
        '{"title": "x"}'.encode("utf-16"),
        b'{"title": "a", "title": 5}',
        b"{" + b'"a":1,' * 20_000 + b'"b":1}',
        b"\x00",
    ]
    for content in contents:
        for kind in ("application/json", "application/json; charset=utf-16", "text/plain", "", "application/xml"):
            checked(any_v1.api.request(row.method, address, content=content, headers={"Content-Type": kind}))


def test_hostile_uploads(any_v1: V1) -> None:
    made = any_v1.create(v1_flow(step("a")))
    address = f"/mint/flows/{made['definitionId']}/files"
    form = "multipart/form-data; boundary=x"
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="'
    bodies = [
        b"",
        b"--x",
        b"--x--\r\n",
        head,
        head + b'a"\r\n\r\n',
        head + b'\xff\x00"\r\n\r\nx\r\n--x--\r\n',
        head + b'../../a"\r\nContent-Type: \xff\r\n\r\nx\r\n--x--\r\n',
        head + b"x" * 5000 + b'"\r\n\r\nx\r\n--x--\r\n',
        b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n\r\n--x--",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n",
        b"".join(head + b'a"\r\n\r\nx\r\n' for _ in range(50)) + b"--x--\r\n",
    ]
    kinds = [
        form,
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "y" * 5000,
        "multipart/form-data; boundary=x; charset=nonsense",
        "MULTIPART/FORM-DATA; boundary=x",
        "multipart/mixed; boundary=x",
        "\u00e6/\u00f8",
        "x" * 5000,
        "text/plain; charset=utf-16",
    ]
    for kind in kinds:
        for body in bodies:
            answer = any_v1.api.post(address, content=body, headers=[(b"Content-Type", kind.encode("latin-1"))])
            checked(answer)
            if answer.status_code == 201:
                file = answer.json()
                download = any_v1.api.get(f"{address}/{file['referenceId']}")
                assert download.status_code == 200
                assert "/" not in file["filename"]


def test_hostile_text_comes_through_reports(any_v1: V1) -> None:
    odd = "=cmd|'/C calc'!A0 \u202e\U0001f600 \u0644\u0627 \x00 \r\n\t (\\) <b>&"
    instance = any_v1.run(
        step("n", "SetName", name="{{ Input.x }}"), title="=1+1", given={"x": odd, "correlationId": odd}
    )
    for path in (f"instances/{instance['id']}", "instances", f"flows/{instance['definitionId']}/instances"):
        for end in ("pdf", "csv", "report/csv"):
            answer = any_v1.api.get(f"/mint/{path}/{end}")
            assert answer.status_code == 200
            if "csv" in end:
                assert not re.search(r'(^|,)"?[=+@-]', answer.text, re.MULTILINE)
