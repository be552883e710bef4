"""What the image is built from: pinned, hashed, in step with pyproject.toml, and of no machine in particular."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-build.lock": PROJECT["build-system"]["requires"],
}


def pins(text: str) -> list[tuple[Requirement, list[str]]]:
    """Each pinned requirement of a lock, with its hashes."""
    entries = re.split(r"\n(?=\S)", text.strip())
    found = []
    for entry in entries:
        requirement, *rest = re.split(r" *\\\n *", entry)
        found.append((Requirement(requirement), rest))
    return found


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_lock_satisfies_the_project(name: str) -> None:
    locked = {one.name.lower(): one for one, _ in pins((ROOT / name).read_text())}
    for text in WANTED[name]:
        wanted = Requirement(text)
        assert wanted.name.lower() in locked, f"{name}: {wanted.name} is missing; run: make lock"
        [pin] = locked[wanted.name.lower()].specifier
        assert wanted.specifier.contains(pin.version), f"{name}: {pin} is not {wanted}; run: make lock"


@pytest.mark.parametrize("name", sorted(WANTED))
def test_everything_in_a_lock_is_one_version_with_hashes(name: str) -> None:
    for requirement, hashes in pins((ROOT / name).read_text()):
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_lock_names_no_index_and_no_path(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|index-url|find-links|file:|/", text)


def test_the_image_says_which_version_it_is() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert f'org.opencontainers.image.version="{PROJECT["project"]["version"]}"' in text


def test_the_base_of_the_image_is_a_whole_version() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^ARG BASE=python:3\.\d+\.\d+-slim-\w+$", text, re.M)
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {"${BASE}"}


def test_everything_that_the_image_copies_is_sent_to_the_engine() -> None:
    text = (ROOT / "Dockerfile").read_text()
    copied = {word for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.M) for word in line.split()}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == kept
