"""docs/settings.md lists every setting with its type, its default and its help, as the code has them."""

import types
import typing
from pathlib import Path

from localsign.settings import PREFIX, Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
WORDS = {
    dict[str, str]: "names and values",
    tuple[str, ...]: "list",
    str: "text",
    int: "integer",
    float: "number",
    bool: "`true` or `false`",
    Path: "folder",
}


def type_in_words(annotation: object) -> str:
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(f"`{value}`" for value in typing.get_args(annotation))
    if typing.get_origin(annotation) is typing.Annotated:
        return {"file": "file"}[typing.get_args(annotation)[1].path_type]
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        kinds = [kind for kind in typing.get_args(annotation) if kind is not types.NoneType]
        return " or ".join(type_in_words(kind) for kind in kinds)
    return WORDS[typing.cast(type, annotation)]


def rows() -> list[str]:
    return [
        f"| `{PREFIX}{name.upper()}` | {type_in_words(field.annotation)} "
        f"| {'none' if field.default in (None, (), {}) else f'`{field.default}`'} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def test_every_setting_has_its_row() -> None:
    table = ["| setting | type | default | meaning |", "| --- | --- | --- | --- |", *rows()]
    written = PAGE.read_text() if PAGE.exists() else ""
    lines = [line for line in written.splitlines() if line.startswith("|") and PREFIX in line.split("|")[1]]
    assert lines == rows(), "docs/settings.md should hold this table:\n\n" + "\n".join(table)


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
