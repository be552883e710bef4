"""Reports of v1: CSV that spreadsheets read safely, PDFs that say what the instance holds."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mint.conftest import Inside
from tests.mint.flows import link, step, with_switch
from tests.mint.v1_flows import V1, good, v1_flow
from tests.world import Json

from localsign.core.work import Work
from localsign.mint.models import Journey
from localsign.mint.service import instances, timeline, workflows
from localsign.mint.service.instances import Filters
from localsign.mint.v1 import csv_report, report_routes
from localsign.mint.v1 import rows as report_rows
from localsign.mint.v1.instance_routes import Asked

ODD = 'Kari "K" Nordmann, Łódź\n=cmd'


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def pages(content: bytes) -> list[str]:
    """The text of each page, as pdfium reads it."""
    document = pypdfium2.PdfDocument(content)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return found


def rich(v1: V1) -> Json:
    """An instance with data, an alert, a file, notes, a user and a fault."""
    instance = v1.run(
        step("name", "SetName", name="{{ Input.who }}"),
        step("pdf", "CreatePdfFromTemplate", content="Hello", filename="hello.pdf"),
        step("alert", "TriggerAlert", stepId="alert", severity="Critical", message="Mind the gap"),
        step("fault", "Fault", message="It broke in the middle"),
        title="Onboarding",
        given={"who": "Kari Nordmann", "correlationId": "order-7"},
    )
    address = f"/mint/instances/{instance['id']}"
    good(v1.api.post(f"{address}/users/ola@example.com"), 204)
    good(v1.api.post(f"{address}/notes", json={"note": "Called her back"}), 201)
    good(v1.api.post(f"{address}/activities/pdf/notes", json={"note": "Right template?"}), 201)
    return v1.read(instance["id"])


def test_a_pdf_of_one_says_what_the_instance_holds(v1: V1) -> None:
    instance = rich(v1)
    answer = v1.api.get(f"/mint/instances/{instance['id']}/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'attachment; filename="instance-{instance["id"]}.pdf"'
    text = "\n".join(pages(answer.content))
    for word in (
        "Instance report: Kari Nordmann", instance["id"], instance["definitionId"], "Onboarding (version 1)", "Faulted",
        "order-7", "ola@example.com", "Timeline", "CreatePdfFromTemplate", "SetName", "It broke in the middle",
        "Step data", "hello.pdf", "Mind the gap", "Critical", "Called her back", "Right template?",
        v1.world.client["client_id"], "application/pdf", "Page 1",
    ):  # fmt: skip
        assert word in text, word


def test_a_pdf_of_one_is_the_same_twice(v1: V1) -> None:
    v1.world.freeze()
    address = f"/mint/instances/{rich(v1)['id']}/pdf"
    assert v1.api.get(address).content == v1.api.get(address).content


def test_a_pdf_of_an_instance_that_has_done_nothing_yet(v1: V1) -> None:
    instance = v1.read(v1.execute(v1.create({})))
    assert "No step has run." in pages(v1.api.get(f"/mint/instances/{instance['id']}/pdf").content)[0]


def test_a_pdf_of_many_has_filters_and_a_table(v1: V1) -> None:
    instance = rich(v1)
    made = v1.create(v1_flow(title="Łódź 日本"))
    other = v1.execute(made)
    [page] = pages(v1.api.get("/mint/instances/pdf?status=Faulted&searchTerm=kari&orderby=Finished&limit=9").content)
    for word in (
        "Instances report",
        "All flows",
        "Status",
        "Faulted",
        "kari",
        "Finished, newest first",
        "9 from 1",
        instance["id"],
    ):
        assert word in page, word
    assert other not in page
    [page] = pages(v1.api.get(f"/mint/flows/{made['definitionId']}/instances/pdf").content)
    assert other in page
    assert made["definitionId"] in page
    assert instance["id"] not in page
    assert "Instances" in pages(v1.api.get("/mint/instances/pdf?status=Cancelled").content)[0]


def test_a_table_goes_on_under_its_heading(v1: V1) -> None:
    made = v1.create(v1_flow())
    ids = {v1.execute(made) for _ in range(70)}
    found = pages(v1.api.get("/mint/instances/pdf").content)
    assert len(found) > 1
    for number, page in enumerate(found, 1):
        assert "Correlation id" in page
        assert f"Page {number}" in page
    assert {one for one in ids if any(one in page for page in found)} == ids


def test_a_csv_of_many_is_read_back(v1: V1) -> None:
    made = v1.create(v1_flow(step("n", "SetName", name="{{ Input.who }}"), title="=1+1"))
    v1.execute(made, input={"who": ODD, "correlationId": "@SUM(A1)"})
    answer = v1.api.get("/mint/instances/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="instances.csv"'
    [row] = parsed(answer.content.decode())
    [item] = v1.listed()
    assert (row["instanceId"], row["status"], row["version"]) == (item["id"], "Finished", "1")
    assert (row["name"], row["flowTitle"], row["correlationId"]) == (ODD, "'=1+1", "'@SUM(A1)")
    assert (row["createdAt"], row["faultedAt"]) == (item["createdAt"], "")
    assert answer.text == v1.api.get("/mint/instances/report/csv").text


def test_a_csv_of_one_has_a_row_for_each_step(v1: V1) -> None:
    instance = rich(v1)
    answer = v1.api.get(f"/mint/instances/{instance['id']}/csv")
    rows = parsed(answer.text)
    assert [(one["activityId"], one["status"], one["outcomes"]) for one in rows] == [
        ("name", "Finished", "Done"),
        ("pdf", "Finished", "Done"),
        ("alert", "Finished", "Done"),
        ("fault", "Faulted", ""),
    ]  # fmt: skip
    assert (rows[1]["notes"], rows[3]["message"]) == ("Right template?", "It broke in the middle")
    assert "hello.pdf" in rows[1]["data"]
    assert answer.text == v1.api.get(f"/mint/instances/{instance['id']}/report/csv").text


def test_a_csv_may_begin_with_a_mark(v1: V1) -> None:
    instance = v1.run(step("a"))
    paths = ["instances/csv", f"flows/{instance['definitionId']}/instances/csv", f"instances/{instance['id']}/csv"]
    plain = [v1.api.get(f"/mint/{path}").content for path in paths]
    with_switch(v1.world, "mint.csv-bom", "on")
    assert [v1.api.get(f"/mint/{path}").content for path in paths] == [b"\xef\xbb\xbf" + one for one in plain]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert csv_report.safe(cell) == f"'{cell}"
    assert csv_report.safe(f"a{cell}") == f"a{cell}"


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1), min_size=1))
def test_any_cells_are_read_back(rows: list[list[str]]) -> None:
    content = csv_report.lines(rows)
    found = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert found == [[csv_report.safe(cell) for cell in row] if row != [""] else [""] for row in rows]
    assert content.endswith(b"\r\n")


def test_long_data_is_wrapped_and_not_cut(v1: V1) -> None:
    long = ["W" * 300, "日本" * 40, "Łódź " * 40, "word " * 100]
    instance = v1.run(step("a", variables={"x": 1}), given={"x": 1})["id"]
    for text in long:
        good(v1.api.post(f"/mint/instances/{instance}/notes", json={"note": text}), 201)
    text = "".join(pages(v1.api.get(f"/mint/instances/{instance}/pdf").content))
    assert (text.count("W"), text.count("日"), text.count("word")) == (300, 40, 100)
    assert text.count("Ł") == 40


def test_a_pdf_of_one_has_its_input_and_its_variables(v1: V1) -> None:
    instance = v1.run(
        step("form", "Form", title="Your details"), variables={"colour": "blue", "deep": [1]}, given={"who": "Kari"}
    )
    [page] = pages(v1.api.get(f"/mint/instances/{instance['id']}/pdf").content)
    for word in (
        "Input",
        "who",
        "Kari",
        "Variables",
        "colour",
        "blue",
        "deep",
        "[1]",
        "Waits at",
        "Active",
        "Page 1 of",
    ):
        assert word in page, word


def test_each_step_has_a_row_and_a_long_title_is_folded(v1: V1) -> None:
    steps = [{**step(f"s{i}"), "displayName": f"The {i}th of many steps, with a title that is long"} for i in range(60)]
    found = pages(v1.api.get(f"/mint/instances/{v1.run(*steps)['id']}/pdf").content)
    text = " ".join(" ".join(found).split())
    assert all(f"The {i}th of many steps, with a" in text for i in range(60))
    assert len(found) == 3
    assert all("Started / took" in page for page in found)  # the heading again
    assert "Page 3 of 3" in " ".join(found[2].split())


def test_a_pdf_of_many_shows_the_steps_of_each(v1: V1) -> None:
    made = v1.create(v1_flow(step("a"), step("b"), step("wait", "SuspendWorkflow"), step("fault", "Fault")))
    first, second = v1.execute(made), v1.execute(made)
    v1.newer.resume(first, "wait")
    [page] = pages(v1.api.get("/mint/instances/pdf").content)
    assert page.index(second) < page.index("2 of 3 finished") < page.index(first) < page.index("3 of 4 finished")
    assert "Custom fault" in page


def test_a_strip_of_steps_says_what_the_timeline_says(v1: V1, inside: Inside) -> None:
    loop = [step("for", "For", start=1, end=4), step("in"), step("w", "SuspendWorkflow"), step("out")]
    links = [link("for", "in", "Iterate"), link("for", "w"), link("w", "out")]
    for steps, more in ((loop, {"links": links}), ([step("x", "Fault")], {}), ([step("f", "Form")], {}), ([], {})):
        v1.run(*steps, **more)  # type: ignore[arg-type]
    v1.newer.resume(v1.listed(status="Suspended")[-1]["id"], "w")
    with inside() as work:
        journeys = work.everything(Journey)
        expected = {one.id: [run.status for run in report_rows.runs(work, one)] for one in journeys}
        assert timeline.statuses(work, journeys) == expected
        assert sorted(expected.values()) == [[], ["active"], ["faulted"], ["finished"] * 4]


def test_a_pdf_begins_before_it_has_read_everything(v1: V1, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_routes, "_PIECE", 30)
    made = v1.create(v1_flow(step("a")))
    ids = [v1.execute(made) for _ in range(90)]
    read: list[int] = []
    numbered = instances.numbered

    def counted(work: Work, some: Any) -> Any:
        read.append(len(some))
        return numbered(work, some)

    monkeypatch.setattr(instances, "numbered", counted)

    async def first_pieces() -> tuple[int, bytes]:
        request = Request({"type": "http", "state": {"workspace": v1.world.server.sandbox.find(v1.world.name)}})
        answer: Any = await report_routes.report_instances_pdf(request, Asked(Filters(), "Started", 0, None))
        begun = await anext(answer.body_iterator)
        count = len(read)
        return count, b"".join([begun, *[piece async for piece in answer.body_iterator]])

    count, content = asyncio.run(first_pieces())
    assert (count, read) == (0, [30, 30, 30])
    assert all(one in "".join(pages(content)) for one in ids)


@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_others_have_their_turn_between_pieces(v1: V1, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(report_routes, "_PIECE", 1)
    made = v1.create(v1_flow())
    for _ in range(8):
        v1.execute(made)
    report = {"csv": report_routes.report_instances_csv, "pdf": report_routes.report_instances_pdf}[kind]

    async def turns() -> int:
        request = Request({"type": "http", "state": {"workspace": v1.world.server.sandbox.find(v1.world.name)}})
        answer: Any = await report(request, Asked(Filters(), "Started", 0, None))
        count = 0

        async def others() -> None:
            nonlocal count
            while True:
                await asyncio.sleep(0)
                count += 1

        beside = asyncio.create_task(others())
        seen = {count async for _ in answer.body_iterator}
        beside.cancel()
        return len(seen)

    assert asyncio.run(turns()) >= 8


@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_what_is_gone_meanwhile_is_left_out(v1: V1, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(report_routes, "_PIECE", 2)
    first, second = v1.create(v1_flow(title="Stays")), v1.create(v1_flow(title="Goes"))
    ids = [v1.execute(one) for one in (first, second, first, second, first)]
    numbered = instances.numbered
    calls: list[int] = []

    def meanwhile(work: Work, some: Any) -> Any:
        if not calls:
            workflows.delete(work, UUID(second["definitionId"]))
        calls.append(1)
        return numbered(work, some)

    monkeypatch.setattr(instances, "numbered", meanwhile)
    content = v1.api.get(f"/mint/instances/{kind}").content
    text = content.decode() if kind == "csv" else "".join(pages(content))
    assert [one in text for one in ids] == [True, False, True, False, True]
    assert len(calls) == 3


def test_reports_are_written_piece_by_piece(v1: V1, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_routes, "_PIECE", 2)
    made = v1.create(v1_flow())
    ids: list[Any] = [v1.execute(made) for _ in range(5)]
    rows = parsed(v1.api.get("/mint/instances/csv").text)
    assert [one["instanceId"] for one in rows] == ids[::-1]
    assert all(one in "".join(pages(v1.api.get("/mint/instances/pdf").content)) for one in ids)
