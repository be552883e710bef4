"""Pages of a PDF that is being extended: their visible box and rotation, and the watermark across them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic as _generic

from localsign.core.sealing.stamp import Box

WATERMARK = "NO LEGAL VALUE"
_MARK_SIZE, _MARK_WIDTH = 100.0, 883.4  # Helvetica-Bold, in points
_LETTER = Box(0.0, 0.0, 612.0, 792.0)
_RESOURCE = "/LocalsignWatermark"
_DEEPEST = 64  # levels of a page tree looked at; a loop of parents ends here

# pyHanko's constructors have no types.
generic: Any = _generic
name = _generic.pdf_name


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as displayed: its visible box in user space and its clockwise rotation in degrees."""

    box: Box
    rotation: int

    @property
    def width(self) -> float:
        return self.box.height if self.rotation in (90, 270) else self.box.width

    @property
    def height(self) -> float:
        return self.box.width if self.rotation in (90, 270) else self.box.height

    def to_user_space(self, across: float, up: float) -> tuple[float, float]:
        """A point given from the lower left of the page as displayed, in the coordinates of its content."""
        box = self.box
        return {
            0: (box.left + across, box.bottom + up),
            90: (box.right - up, box.bottom + across),
            180: (box.right - across, box.top - up),
            270: (box.left + up, box.top - across),
        }[self.rotation]

    def rectangle(self, shown: Box) -> Box:
        """A rectangle of the page as displayed, in the coordinates of its content."""
        x1, y1 = self.to_user_space(shown.left, shown.bottom)
        x2, y2 = self.to_user_space(shown.right, shown.top)
        return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))

    def turn(self) -> tuple[int, int, int, int]:
        """The matrix (a b c d) that keeps a drawing upright on the rotated page."""
        return {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[self.rotation]


def sheet_of(page: Any) -> Sheet:
    """Box and rotation of a page dictionary, inherited or odd ones included."""
    media = _box(_inherited(page, "/MediaBox")) or _LETTER
    crop = _box(_inherited(page, "/CropBox")) or media
    visible = Box(
        max(media.left, crop.left),
        max(media.bottom, crop.bottom),
        min(media.right, crop.right),
        min(media.top, crop.top),
    )
    rotation = _inherited(page, "/Rotate")
    quarter = round(rotation / 90) if isinstance(rotation, int | float) else 0
    return Sheet(visible if visible.width > 0 and visible.height > 0 else media, quarter % 4 * 90)


def entry(within: Any, key: str, default: Any) -> Any:
    """What stands under a key, references followed (pyHanko's own `get` does not follow them)."""
    try:
        return within[key]
    except KeyError:
        return default


def dictionary(entries: dict[str, Any]) -> Any:
    """A PDF dictionary."""
    return generic.DictionaryObject({name(key): value for key, value in entries.items()})


def numbers(*values: float) -> Any:
    """A PDF array of numbers, to a ten-thousandth."""
    return generic.ArrayObject([generic.FloatObject(f"{value:.4f}") for value in values])


def watermark(writer: Any, pages: int) -> None:
    """Draw WATERMARK across the first pages of the document in the revision being written."""
    mark = writer.add_object(_mark())
    opening = writer.add_object(generic.StreamObject(stream_data=b"q\n"))
    for index in range(pages):
        reference, resources = writer.find_page_for_modification(index)
        page = reference.get_object()
        closing = writer.add_object(generic.StreamObject(stream_data=_placed(sheet_of(page))))
        # The page's own content may leave any graphics state behind, so it is put between q and Q.
        page[name("/Contents")] = generic.ArrayObject([opening, *_contents(writer, page), closing])
        page[name("/Resources")] = _extended(resources, mark)
        writer.mark_update(reference)


def _mark() -> Any:
    font = dictionary({"/Type": name("/Font"), "/Subtype": name("/Type1"), "/BaseFont": name("/Helvetica-Bold")})
    gray = dictionary({"/Type": name("/ExtGState"), "/ca": generic.FloatObject("0.13")})
    form = {
        "/Type": name("/XObject"),
        "/Subtype": name("/Form"),
        "/BBox": numbers(0, -_MARK_SIZE / 4, _MARK_WIDTH, _MARK_SIZE),
        "/Resources": dictionary({"/Font": dictionary({"/F1": font}), "/ExtGState": dictionary({"/Light": gray})}),
    }
    words = f"/Light gs 0.35 g BT /F1 {_MARK_SIZE:g} Tf 0 0 Td ({WATERMARK}) Tj ET"
    return generic.StreamObject(dictionary(form), stream_data=words.encode("ascii"))


def _placed(sheet: Sheet) -> bytes:
    """Content that draws the mark along the diagonal of the page as displayed."""
    length = math.hypot(sheet.width, sheet.height)
    scale = min(0.7 * length / _MARK_WIDTH, 0.4 * min(sheet.width, sheet.height) / _MARK_SIZE)
    angle = math.atan2(sheet.height, sheet.width) + math.radians(sheet.rotation)
    along, aside = scale * math.cos(angle), scale * math.sin(angle)
    x, y = sheet.to_user_space(sheet.width / 2, sheet.height / 2)
    half, third = _MARK_WIDTH / 2, _MARK_SIZE * 0.36
    x -= along * half - aside * third
    y -= aside * half + along * third
    matrix = " ".join(f"{v:.4f}" for v in (along, aside, -aside, along, x, y))
    return f"\nQ /Artifact BMC q {matrix} cm {_RESOURCE} Do Q EMC\n".encode("ascii")


def _contents(writer: Any, page: Any) -> list[Any]:
    try:
        raw = page.raw_get("/Contents")
    except KeyError:
        return []
    content = raw.get_object()
    if isinstance(content, generic.ArrayObject):
        return [content.raw_get(i) for i in range(len(content))]
    if not isinstance(content, generic.StreamObject):
        return []  # null, or a reference to nothing
    return [raw if isinstance(raw, generic.IndirectObject) else writer.add_object(content)]


def _extended(resources: Any, mark: Any) -> Any:
    """A copy of the page's resources, its own or inherited, that names the mark as well."""
    own = _shallow(resources.get_object() if resources is not None else {})
    drawings = _shallow(entry(own, "/XObject", {}))
    drawings[name(_RESOURCE)] = mark
    own[name("/XObject")] = drawings
    return own


def _shallow(original: Any) -> Any:
    return dictionary({key: original.raw_get(key) for key in original})


def _inherited(page: Any, key: str) -> Any:
    node = page
    for _ in range(_DEEPEST):
        if key in node:
            return node[key]
        node = entry(node, "/Parent", None)
        if not isinstance(node, _generic.DictionaryObject):
            return None
    return None


def _box(values: Any) -> Box | None:
    try:
        x1, y1, x2, y2 = (float(value) for value in values)
    except (TypeError, ValueError):
        return None
    box = Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    return box if box.width > 0 and box.height > 0 and math.isfinite(box.width + box.height) else None
