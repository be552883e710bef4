"""Reports of v1: CSV that spreadsheets read safely, PDFs that say what the instance holds."""

import csv
import io
from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mint.flows import step, with_switch
from tests.mint.v1_flows import V1, good, v1_flow
from tests.world import Json

from localsign.mint.v1 import csv_report
from localsign.mint.v1.paper import wrapped

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


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1), min_size=1))
def test_any_cells_are_read_back(rows: list[list[str]]) -> None:
    content = csv_report.lines(rows)
    found = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert found == [[csv_report.safe(cell) for cell in row] if row != [""] else [""] for row in rows]
    assert content.endswith(b"\r\n")


@given(st.text(), st.integers(1, 50))
def test_wrapped_lines_fit(text: str, most: int) -> None:
    assert all(len(line) <= most for line in wrapped(text, most))


def test_long_data_is_wrapped_and_not_cut(v1: V1) -> None:
    long = ["W" * 300, "日本" * 40, "Łódź " * 40, "word " * 100]
    instance = v1.run(step("a", variables={"x": 1}), given={"x": 1})["id"]
    for text in long:
        good(v1.api.post(f"/mint/instances/{instance}/notes", json={"note": text}), 201)
    text = "".join(pages(v1.api.get(f"/mint/instances/{instance}/pdf").content))
    assert (text.count("W"), text.count("U+65E5"), text.count("word")) == (300, 40, 100)
    assert text.count("Ł") == 40


def test_reports_are_written_piece_by_piece(v1: V1, monkeypatch: pytest.MonkeyPatch) -> None:
    from localsign.mint.v1 import report_routes

    monkeypatch.setattr(report_routes, "_PIECE", 2)
    made = v1.create(v1_flow())
    ids: list[Any] = [v1.execute(made) for _ in range(5)]
    rows = parsed(v1.api.get("/mint/instances/csv").text)
    assert [one["instanceId"] for one in rows] == ids[::-1]
    assert all(one in "".join(pages(v1.api.get("/mint/instances/pdf").content)) for one in ids)
