"""Every operation of v1, each of its filters, and each of its refusals, over HTTP: by the rows of the evidence."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pypdfium2
import pytest
from tests.conftest import Server
from tests.mint.flows import refused, step
from tests.mint.v1_flows import V1, good, v1_flow
from tests.mint.v1_matrix import (
    CASES,
    JSON,
    ROWS,
    WRONG_QUERIES,
    described,
    document,
    effects_of,
    is_uuid,
    query_of,
    spellings,
    unknown,
)
from tests.world import Json

SPELLED = [(name, method, path) for name, row in ROWS.items() for method, path in spellings(row)]
QUERIES = [(name, one) for name in ROWS for one in query_of(name)]
# Any text is a user or an account.
PLACES = [
    (name, one)
    for name, row in ROWS.items()
    for one in re.findall(r"{(\w+)}", row.path)
    if (name, one) not in {("associate_user", "userId"), ("associate_template_account", "accountIdToAssociate")}
]
WRONG_BODIES = [(name, body, flaw) for name, case in CASES.items() for body, flaw in case.wrong]
WITH_BODY = [name for name, case in CASES.items() if isinstance(case.body, dict)]


@pytest.fixture(scope="module")
def any_v1(server: Server) -> Iterator[V1]:
    """One workspace for all: each case makes what it needs."""
    world = server.world()
    yield V1(world)
    world.close()


def send(v1: V1, method: str, path: str, body: Any = None, query: str = "", **more: Any) -> httpx.Response:
    sent = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    return v1.api.request(method, f"{path}?{query}" if query else path, **sent, **more)


def test_the_matrix_has_every_operation_and_every_parameter() -> None:
    assert len(ROWS) == 47
    assert set(CASES) == set(ROWS)
    for name, one in QUERIES:
        assert one in effects_of(name), name
        assert one in WRONG_QUERIES, name
    has_body = {name for name in ROWS if "requestBody" in described(name)}
    assert has_body == {name for name, case in CASES.items() if case.body is not None}
    assert {name for name in has_body if CASES[name].wrong} == has_body - {"upload_flow_file"}  # takes any bytes


@pytest.mark.parametrize(("name", "method", "path"), SPELLED)
def test_an_operation_succeeds_by_each_of_its_spellings(any_v1: V1, name: str, method: str, path: str) -> None:
    case, row = CASES[name], ROWS[name]
    answer = send(any_v1, method, path.format(**case.arrange(any_v1)), case.body)
    assert answer.status_code == row.status, answer.text
    assert answer.headers["x-sandbox-operation"] == f"mint.{name}; evidence={row.mark}"
    if case.gives is None:
        assert answer.content == b""
        return
    assert answer.headers["content-type"].startswith(case.gives)
    if case.gives == JSON:
        schema = described(name)["responses"][str(row.status)]["content"][JSON]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": document()["components"]})


# ---- who may


@pytest.fixture(scope="module")
def callers(any_v1: V1) -> dict[str, str]:
    """A token for each role by itself."""
    found = {}
    for role in ("Flow Viewer", "Flow Editor"):
        client = any_v1.world.control("POST", "clients", {"permissions": [role]}).json()
        found[role] = any_v1.world.token(client).json()["access_token"]
    return found


@pytest.mark.parametrize(("name", "method", "path"), SPELLED)
def test_an_operation_asks_for_its_role(any_v1: V1, callers: dict[str, str], name: str, method: str, path: str) -> None:
    """Whoever has the other role is refused before anything is looked at, and so is nobody."""
    address = path.format(**dict.fromkeys(re.findall(r"{(\w+)}", path), "x"))
    needed = "Flow Viewer" if ROWS[name].method == "GET" else "Flow Editor"
    for role, token in callers.items():
        answer = any_v1.world.anonymous.request(
            method, address, content=b"{", headers={"Authorization": f"Bearer {token}"}
        )
        assert (answer.status_code == 403) == (role != needed), answer.text
        if role != needed:
            refused(answer, 403)
    refused(any_v1.world.anonymous.request(method, address, content=b"{"), 401)


# ---- what is not there


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_what_is_not_there_is_not_found(any_v1: V1, name: str, place: str) -> None:
    case, row = CASES[name], ROWS[name]
    made = {**case.arrange(any_v1), place: unknown(name, place)}
    refused(send(any_v1, row.method, row.path.format(**made), case.body), 404)
    answer = send(any_v1, row.method, row.path.format(**{**made, place: "x"}), case.body)
    if is_uuid(name, place):
        refused(answer, 400, place)
    else:
        refused(answer, 404)


METHODS: dict[str, set[str]] = {}
for _, its_method, its_path in SPELLED:
    METHODS.setdefault(its_path, set()).add(its_method)


@pytest.mark.parametrize("path", [path for path in METHODS if path.startswith(("/mint/flows", "/mint/instances"))])
def test_no_other_method_is_served(any_v1: V1, path: str) -> None:
    """But for those of an operation whose path has a word where this has an id."""
    address = path.format(**dict.fromkeys(re.findall(r"{(\w+)}", path), "x"))
    refused(send(any_v1, "PATCH", address), 405)


# ---- what is asked for


@pytest.mark.parametrize(("name", "query"), [one for one in QUERIES if WRONG_QUERIES[one[1]] is not None])
def test_a_wrong_query_is_refused_by_its_name(any_v1: V1, name: str, query: str) -> None:
    row = ROWS[name]
    address = row.path.format(**CASES[name].arrange(any_v1))
    for value in WRONG_QUERIES[query] or ():
        for spelled in (query, query.upper(), query.lower()):
            refused(send(any_v1, row.method, address, CASES[name].body, f"{spelled}={value}"), 400, query)


@pytest.fixture(scope="module")
def told(server: Server) -> Iterator[tuple[V1, str]]:
    """Flows and instances that every filter and every order tells apart; and the flow that the instances are of."""
    world = server.world()
    v1 = V1(world)
    first = v1.create(v1_flow(step("a"), title="Zeta, the first"))
    good(v1.api.put(f"/mint/flows/{first['definitionId']}", json=v1_flow(step("b"), title="Zeta, the first")), 200)
    world.advance("PT1S")
    made = v1.create(
        v1_flow(step("n", "SetName", name="{{ Input.name }}"), step("w", "SuspendWorkflow"), title="Alpha")
    )
    ids = []
    for name, key in (("first", "one"), ("second", "two"), ("third", "two")):
        world.advance("PT1S")
        ids.append(v1.execute(made, input={"name": name, "correlationId": key}))
    for user, instance in (("kari", ids[1]), ("ola", ids[2])):
        assert v1.api.post(f"/mint/instances/{instance}/users/{user}").status_code == 204
    for instance in (ids[2], ids[1]):
        world.advance("PT1S")
        v1.newer.resume(instance, "w")
    yield v1, made["definitionId"]
    world.close()


def seen(answer: httpx.Response) -> list[str]:
    """What an answer lists, in its order; of an upload, what it says of the file."""
    if answer.headers["content-type"] == "application/pdf":
        document = pypdfium2.PdfDocument(answer.content)
        text = "".join(page.get_textpage().get_text_range() for page in document)
        document.close()
        return re.findall(r"(?m)^[0-9a-f]{32}\b", text.partition("Steps, in the order")[2])
    if answer.headers["content-type"].startswith("text/csv"):
        return [line.split(",")[0] for line in answer.text.split("\r\n")[1:-1]]
    body: Json = answer.json()
    if "data" not in body:
        return [body["filename"], body["category"]]
    return [one.get("id") or f"{one['title']} {one['version']}" for one in body["data"]]


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_a_query_has_its_effect_in_any_case(told: tuple[V1, str], name: str, query: str) -> None:
    v1, flow_id = told
    row = ROWS[name]
    address = row.path.format(definitionId=flow_id)
    found = []
    for wanted in effects_of(name)[query]:
        spelled = {wanted, wanted.upper().partition("=")[0] + wanted[len(wanted.partition("=")[0]) :]}
        answers = [send(v1, row.method, address, CASES[name].body, one) for one in sorted(spelled)]
        assert {one.status_code for one in answers} == {row.status}
        held = [seen(one) for one in answers]
        assert held == [held[0]] * len(held)
        found.append(held[0])
    assert found[0] != found[1]


# ---- what is sent


@pytest.mark.parametrize(("name", "body", "flaw"), WRONG_BODIES)
def test_a_wrong_body_is_refused_by_its_member(any_v1: V1, name: str, body: Any, flaw: str) -> None:
    row = ROWS[name]
    refused(send(any_v1, row.method, row.path.format(**CASES[name].arrange(any_v1)), body), 400, flaw)


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_must_be_json(any_v1: V1, name: str) -> None:
    row = ROWS[name]
    address = row.path.format(**CASES[name].arrange(any_v1))
    for content in (b"{", b"[]", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"note": NaN', b"{'a': 1}"):
        answer = send(any_v1, row.method, address, content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, (content[:20], answer.text)
        assert answer.json()["code"] == "invalid_request_parameter"
    answer = send(any_v1, row.method, address, b"note=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    refused(answer, 400, "Content-Type")
