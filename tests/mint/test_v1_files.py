"""Files in v1: of flows, forms, signing orders, instances."""

import io
import zipfile
from urllib.parse import quote

import httpx
import pytest
from tests.mint.flows import refused, step, with_switch
from tests.mint.v1_flows import V1, good, v1_flow
from tests.world import Json, unknown_id

FILE = {"referenceId", "filename", "category", "contentType", "size", "createdAt"}


def upload(v1: V1, made: Json, content: bytes = b"hello", query: str = "", **more: str) -> httpx.Response:
    headers = {"Content-Type": "text/plain", **more}
    return v1.api.post(f"/mint/flows/{made['definitionId']}/files{query}", content=content, headers=headers)


def test_the_life_of_a_file(v1: V1) -> None:
    made = v1.create(v1_flow())
    file = good(upload(v1, made, query="?filename=a.txt&category=template"), 201)
    assert set(file) == FILE
    assert (file["filename"], file["category"], file["contentType"], file["size"]) == (
        "a.txt",
        "Template",
        "text/plain",
        5,
    )
    address = f"/mint/flows/{made['definitionId']}/files/{file['referenceId']}"
    answer = v1.api.get(address)
    assert (answer.content, answer.headers["content-type"]) == (b"hello", "text/plain")
    assert 'filename="a.txt"' in answer.headers["content-disposition"]
    assert good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200)["files"] == [file]
    [newer] = good(v1.api.get(f"/mint/workflows/{made['definitionId']}"), 200)["files"]
    assert newer == {"id": file["referenceId"], "filename": "a.txt", "contentType": "text/plain", "size": 5}
    other = v1.create(v1_flow())
    refused(v1.api.get(f"/mint/flows/{other['definitionId']}/files/{file['referenceId']}"), 404)
    refused(v1.api.delete(f"/mint/flows/{other['definitionId']}/files/{file['referenceId']}"), 404)
    assert v1.api.delete(address).status_code == 204
    refused(v1.api.get(address), 404)
    refused(v1.api.delete(address), 404)
    assert good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200)["files"] == []


@pytest.mark.parametrize("category", ["Generic", "Template", "Sign", "Journey"])
def test_a_file_has_a_category(v1: V1, category: str) -> None:
    made = v1.create(v1_flow())
    assert good(upload(v1, made, query=f"?Category={category}"), 201)["category"] == category
    assert good(upload(v1, made), 201)["category"] == "Generic"


def test_a_file_may_come_as_a_form(v1: V1) -> None:
    made = v1.create(v1_flow())
    address = f"/mint/flows/{made['definitionId']}/files"
    part = ("kontrakt æ.pdf", b"%PDF-1.7", "application/pdf")
    file = good(v1.api.post(address, files={"any": part}, data={"x": "y"}), 201)
    assert (file["filename"], file["contentType"], file["size"]) == ("kontrakt æ.pdf", "application/pdf", 8)
    named = good(v1.api.post(f"{address}?FileName=b.pdf", files={"any": part}), 201)
    assert named["filename"] == "b.pdf"
    assert v1.api.get(f"{address}/{named['referenceId']}").content == b"%PDF-1.7"
    refused(v1.api.post(address, files={"a": part, "b": part}), 400, "body")
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for content in (b"--x--", b"", b"nothing of a form"):
        assert v1.api.post(address, content=content, headers=form).status_code == 400
    no_boundary = {"Content-Type": "multipart/form-data"}
    assert v1.api.post(address, content=b"x", headers=no_boundary).status_code == 400


def test_a_wrong_upload_is_refused(v1: V1) -> None:
    made = v1.create(v1_flow())
    refused(upload(v1, made, query="?Category=Secret"), 400, "Category")
    refused(upload(v1, made, query="?filename="), 400, "filename")
    refused(upload(v1, made, query="?filename=" + "x" * 256), 400, "filename")
    refused(upload(v1, {"definitionId": unknown_id()}), 404)
    assert good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200)["files"] == []
    odd = good(upload(v1, made, b"", query="?filename=%00../x%ff", **{"Content-Type": "no type"}), 201)
    assert (odd["size"], odd["contentType"]) == (0, "application/octet-stream")
    assert "/" not in odd["filename"]
    assert v1.api.get(f"/mint/flows/{made['definitionId']}/files/{odd['referenceId']}").status_code == 200


# ---- forms

FORM = step("form", "Form", fields=[{"name": "cv", "type": "file"}, "name", {"name": "photo", "type": "file"}])


def submitted(v1: V1, form: Json = FORM) -> Json:
    """An instance whose form a person sent with two files."""
    made = v1.create(v1_flow(form))
    files = {"field:cv": ("cv.txt", b"my life", "text/plain"), "field:photo": ("me.png", b"\x89PNG", "image/png")}
    data = {"action": "complete", "step": "form", "field:name": "Kari"}
    with httpx.Client(follow_redirects=False) as person:
        visit = person.get(made["workflowUrl"]).headers["location"]
        assert person.post(visit, data=data, files=files).status_code == 303
    [item] = v1.listed()
    return v1.read(item["id"])


def test_files_of_a_form(v1: V1) -> None:
    instance = submitted(v1)
    [form] = instance["forms"]
    assert form["activityId"] == "form"
    address = f"/mint/flows/forms/{form['formId']}/submissions/{form['submissionId']}/files"
    listed = v1.api.get(address).json()
    assert [(one["inputId"], one["filename"], one["size"]) for one in listed] == [
        ("cv", "cv.txt", 7),
        ("photo", "me.png", 4),
    ]
    assert v1.api.get(f"{address}/cv/cv.txt").content == b"my life"
    for path in ("/cv/other.txt", "/name/cv.txt"):
        refused(v1.api.get(address + path), 404)
    refused(v1.api.get(address.replace(form["formId"], unknown_id())), 404)
    refused(v1.api.get(address.replace(form["submissionId"], unknown_id())), 404)
    refused(v1.api.get(address.replace(form["formId"], "x")), 400, "formId")
    refused(v1.api.get(address.replace(form["submissionId"], "x") + "/cv/cv.txt"), 400, "submissionId")
    with_switch(v1.world, "mint.form-files", "zip")
    assert unpacked(v1.api.get(address)) == {"cv.txt": b"my life", "me.png": b"\x89PNG"}


def test_a_form_may_have_an_id_of_its_own(v1: V1) -> None:
    wanted = unknown_id()
    form = {**FORM, "properties": {**FORM["properties"], "formId": wanted}}
    [found] = submitted(v1, form)["forms"]
    assert found["formId"].replace("-", "") == wanted.replace("-", "")


def test_names_of_fields_and_files_may_have_slashes(v1: V1) -> None:
    form = step("form", "Form", fields=[{"name": "a/b", "type": "file"}, {"name": "a", "type": "file"}])
    made = v1.create(v1_flow(form))
    names = {"a/b": "x/../y z.txt", "a": "c\u00e6#?%41.txt"}
    files = {f"field:{field}": (name, field.encode(), "text/plain") for field, name in names.items()}
    with httpx.Client(follow_redirects=False) as person:
        visit = person.get(made["workflowUrl"]).headers["location"]
        assert person.post(visit, data={"action": "complete", "step": "form"}, files=files).status_code == 303
    [item] = v1.listed()
    [submission] = v1.read(item["id"])["forms"]
    path = f"forms/{submission['formId']}/submissions/{submission['submissionId']}/files"
    for start in ("/mint/flows/", "/mint/"):
        listed = v1.api.get(start + path).json()
        assert {one["inputId"]: one["filename"] for one in listed} == names
        for field, name in names.items():
            answer = v1.api.get(f"{start}{path}/{quote(field, safe='')}/{quote(name, safe='')}")
            assert (answer.status_code, answer.content) == (200, field.encode()), name
            assert "/" not in answer.headers["content-disposition"].partition("filename")[2].replace("UTF-8''", "")
    refused(v1.api.get(f"/mint/{path}/a/x%2Fz.txt"), 404)
    with_switch(v1.world, "mint.form-files", "zip")
    assert all("/" not in name for name in unpacked(v1.api.get(f"/mint/{path}")))


def unpacked(answer: httpx.Response) -> dict[str, bytes]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_files_of_an_instance(v1: V1) -> None:
    instance = submitted(v1)
    assert {one["activityId"] for one in instance["files"]} == {"form"}
    address = f"/mint/instances/{instance['id']}/files"
    by_name = {one["filename"]: v1.api.get(f"{address}/{one['referenceId']}").content for one in instance["files"]}
    assert unpacked(v1.api.get(address)) == by_name == {"cv.txt": b"my life", "me.png": b"\x89PNG"}
    refused(v1.api.get(f"{address}/{unknown_id()}"), 404)
    refused(v1.api.get(f"{address}/x"), 404)


def test_names_in_an_archive_do_not_meet(v1: V1) -> None:
    pdf = step("a", "CreatePdfFromTemplate", content="x", filename="same.pdf")
    instance = v1.run(
        pdf, {**pdf, "id": "b"}, {**pdf, "id": "c", "properties": {"content": "x", "filename": "SAME.pdf"}}
    )
    names = list(unpacked(v1.api.get(f"/mint/instances/{instance['id']}/files")))
    assert names == ["same.pdf", "same (2).pdf", "SAME (3).pdf"]
    assert unpacked(v1.api.get(f"/mint/instances/{v1.run(step('n'))['id']}/files")) == {}
