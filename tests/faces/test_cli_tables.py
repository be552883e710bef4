"""Tables on terminals of any width, with and without colours."""

import os
import re
import select
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import Server

from localsign.cli.tables import lines

COLUMNS = ["id", "state", "event", "said"]
ROW = ["65c26b69-c174-4b3e-9295-c00804dbbe64", "QUEUED", "signing-session.completed", "Nobody answered in time."]


def plain(text: str) -> str:
    return text


def drawn(width: int, *rows: list[str]) -> list[str]:
    return lines(COLUMNS, rows, width, plain, plain)


def test_a_wide_terminal_has_a_line_for_each_row() -> None:
    assert drawn(120, ROW) == [
        "id                                    state   event                      said",
        "─" * 97,
        "65c26b69-c174-4b3e-9295-c00804dbbe64  QUEUED  signing-session.completed  Nobody answered in time.",
    ]


def test_what_does_not_fit_stands_below() -> None:
    assert drawn(80, ROW, [*ROW[:2], "", "no"]) == [
        "id                                    state   said",
        "─" * 70,
        "65c26b69-c174-4b3e-9295-c00804dbbe64  QUEUED  Nobody answered in time.",
        "    event  signing-session.completed",
        "65c26b69-c174-4b3e-9295-c00804dbbe64  QUEUED  no",
    ]


def test_sentences_are_wrapped() -> None:
    said = "One agreement is signed by both tenants, of the other the second waits for the first."
    assert lines(["name", "text"], [["rental", said]], 50, plain, plain)[2:] == [
        "rental  One agreement is signed by both tenants,",
        "        of the other the second waits for the",
        "        first.",
    ]


def test_a_column_without_anything_is_left_out() -> None:
    assert drawn(80, ["1", "", "x", ""])[0] == "id  event"


def test_letters_of_two_columns_are_counted_so() -> None:
    [_, _, first, second] = lines(["name", "id"], [["契約", "1"], ["abcd", "2"]], 80, plain, plain)
    assert (first, second) == ("契約  1", "abcd  2")


cell = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
rows = st.lists(st.lists(st.lists(cell, max_size=5).map(" ".join), min_size=4, max_size=4), min_size=1, max_size=4)


@given(rows, st.integers(1, 200))
def test_no_word_is_lost_or_broken(made: list[list[str]], width: int) -> None:
    told = "\n".join(drawn(width, *made)).split()
    for row in made:
        for word in " ".join(row).split():
            assert word in told


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colours_unless_it_wants_none(server: Server, tmp_path: Path, no_color: str) -> None:
    ours, theirs = os.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, pack("HHHH", 24, 50, 0, 0))
    others = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
    own = {"LOCALSIGN_URL": server.url, "LOCALSIGN_STATE_FILE": str(tmp_path / "none"), "NO_COLOR": no_color}
    others.pop("COLUMNS", None)
    words = ["switches", "show", "sign.markdown"]
    subprocess.run(
        [sys.executable, "-m", "localsign", *words], stdout=theirs, env={**others, **own}, check=True, timeout=60
    )
    said = b""
    while select.select([ours], [], [], 0)[0]:
        said += os.read(ours, 65536)
    os.close(ours)
    os.close(theirs)
    assert (b"\x1b[1mname" in said) != bool(no_color)
    assert re.search(rb"value +(\x1b\[\d*m)* *accept", said)
