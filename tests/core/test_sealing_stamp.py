"""Stamps: where they stand, and what can be read in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest

from localsign.core.sealing import stamp

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(("width", "height"), [(595, 842), (842, 595), (200, 200), (30, 20), (100, 3000)])
def test_stamps_never_overlap(width: float, height: float) -> None:
    boxes = [box for slot in range(40) if (box := stamp.place(width, height, slot)) is not None]
    assert len(boxes) >= 12
    for number, box in enumerate(boxes):
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.bottom < box.top <= height
        for other in boxes[:number]:
            apart = box.left >= other.right or other.left >= box.right
            assert apart or box.bottom >= other.top or other.bottom >= box.top


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ærø Ångström", "Ærø Ångström"),
        ("Łukasz", "Łukasz"),
        ("Παυλος", "Παυλος"),
        ("Щербаков Їжак", "Shcherbakov Yizhak"),
        ("日本", "U+65E5 U+672C"),
        ("Ⅷ", "VIII"),
    ],
)
def test_names_are_readable_in_the_stamp(name: str, shown: str) -> None:
    document = pypdfium2.PdfDocument(stamp.draw(name, "s", AT, None))
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert shown in text
    assert stamp.NOTICE in text
    assert "2026-03-04 05:06:07 UTC" in text
