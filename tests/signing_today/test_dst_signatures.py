"""What a signature in a signed PDF is: where it was asked for, with the signer's picture, good for any validator."""

import io
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.core.poppler import judged, nss_folder, pdfsig
from tests.signing_today.people import ANNA, BRUNO
from tests.signing_today.transactions import Desk, a_place, a_plan, a_request, a_text, account, external
from tests.world import Json

MINE = "1d000000-0000-4000-8000-000000000003"  # Anna's identity


def signed_file(desk: Desk, dst: Json, number: int = 0) -> bytes:
    return desk.download(dst["documents"][number]["signedDocumentUuid"])


def fields(pdf: bytes) -> list[Any]:
    """The signature fields, in the order of signing."""
    return [one.sig_field for one in PdfFileReader(io.BytesIO(pdf)).embedded_signatures]


def box(field: Any) -> list[float]:
    """Left, top, width and height in percent of a page of A4."""
    left, bottom, right, top = (float(one) for one in field["/Rect"])
    return [left / 5.95, 100 - top / 8.42, (right - left) / 5.95, (top - bottom) / 8.42]


def test_every_signature_is_valid_and_covers_what_was_there(desk: Desk) -> None:
    requests = [a_request(1, 1, withTimestamp=True), a_request(2, 2), a_request(3, 2, withTimestamp=True)]
    plan = a_plan([account(ANNA, 1)], [external(2)], signatureRequests=requests, forms=[a_place(), a_text(11)])
    dst = desk.act(desk.published(plan), "fill", text="Napoli")
    while dst["status"] == "toSign":
        dst = desk.act(dst, "sign")
    pdf = signed_file(desk, dst)
    statuses = judged(desk.people.workspace.house.authority, pdf)
    assert [(one.intact, one.valid, one.trusted) for one in statuses] == [(True, True, True)] * 3
    assert [one.timestamp_validity is not None for one in statuses] == [True, False, True]
    common_names = [one.signing_cert.subject.native["common_name"] for one in statuses]
    assert common_names == ["Anna Rossi", "Eve External", "Eve External"]


@pytest.mark.poppler
def test_poppler_finds_them_valid(desk: Desk, tmp_path: Path) -> None:
    pdf = signed_file(desk, desk.signed(a_plan([account(ANNA, 1), account(BRUNO, 2)])))
    store = nss_folder(desk.people.workspace.house.authority, tmp_path)
    verdicts = pdfsig(store, pdf, tmp_path)
    assert [(one.signer, one.is_valid, one.is_trusted) for one in verdicts] == [
        ("Anna Rossi", True, True),
        ("Bruno Bianchi", True, True),
    ]


def test_a_signature_stands_where_its_form_is(desk: Desk) -> None:
    places = [a_place(1, 1), a_place(2, 2, positionX=60, positionY=5, width=20, height=10, page=2)]
    dst = desk.signed(a_plan([account(ANNA, 1)], [account(BRUNO, 2)], forms=places))
    first, second = fields(signed_file(desk, dst))
    assert box(first) == pytest.approx([10, 80.5, 30, 6], abs=0.2)
    assert box(second) == pytest.approx([60, 5, 20, 10], abs=0.2)
    assert first["/P"].get_object() != second["/P"].get_object()


def test_a_world_may_count_from_below(desk: Desk) -> None:
    desk.choose("form-origin", "bottom-left")
    [field] = fields(signed_file(desk, desk.signed(a_plan(forms=[a_place()]))))
    assert box(field) == pytest.approx([10, 100 - 80.5 - 6, 30, 6], abs=0.2)


def test_what_is_not_to_be_seen_is_not(desk: Desk) -> None:
    [field] = fields(signed_file(desk, desk.signed(a_plan(forms=[a_place(invisible=True)]))))
    assert [float(one) for one in field["/Rect"]] == [0, 0, 0, 0]


def test_signatures_without_a_place_stand_side_by_side(desk: Desk) -> None:
    first, second = fields(signed_file(desk, desk.signed(a_plan([account(ANNA, 1), account(BRUNO, 2)]))))
    assert box(first)[2] > 0
    assert float(first["/Rect"][2]) <= float(second["/Rect"][0])


def test_the_signers_picture_is_in_the_signature(desk: Desk) -> None:
    red = io.BytesIO()
    Image.new("RGB", (40, 20), (250, 0, 0)).save(red, "PNG")
    answer = desk.people.anna.post(
        f"/user/{ANNA}/identity/{MINE}/appearance",
        files={"file": ("anna.png", red.getvalue(), "image/png")},
        data={"filename": "anna.png", "resourceType": "Image"},
    )
    assert answer.status_code == 200, answer.text
    plan = a_plan([account(ANNA, 1), account(BRUNO, 2)], forms=[a_place(1, 1), a_place(2, 2, positionX=55)])
    document = pypdfium2.PdfDocument(signed_file(desk, desk.signed(plan)))
    document.init_forms()
    page = document[0].render(scale=1, may_draw_forms=True).to_pil().convert("RGB")
    width, height = page.size
    reds = [
        sum(
            1
            for x in range(*across)
            for y in range(int(height * 0.8), int(height * 0.87))
            if page.getpixel((x, y)) == (250, 0, 0)
        )
        for across in ((int(width * 0.1), int(width * 0.4)), (int(width * 0.55), int(width * 0.85)))
    ]
    assert reds[0] > 100
    assert reds[1] == 0


def test_texts_that_are_not_to_be_seen_are_in_the_file_all_the_same(desk: Desk) -> None:
    plan = a_plan(forms=[a_text(invisible=True), a_text(12, type="ClauseForm", page=2)])
    dst = desk.act(desk.act(desk.published(plan), "fill", text="Hidden"), "fill", text="Read", formId=12)
    pdf = desk.download(dst["documents"][0]["filledDocumentUuid"])
    form: Any = PdfFileReader(io.BytesIO(pdf)).root["/AcroForm"]
    found = {str(one.get_object()["/V"]): int(one.get_object()["/F"]) & 2 for one in form["/Fields"]}
    assert found == {"Hidden": 2, "Read": 0}
