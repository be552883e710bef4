"""The init folder: loaded in the order of names before the server is ready, once, or the server does not start."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.conftest import serve
from tests.world import World

from localsign.sandbox import Sandbox
from localsign.seeding import load_folder
from localsign.settings import Settings, SettingsError
from localsign.sign.models import Document

DOCUMENT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "init"
    made.mkdir()
    (made / "note.txt").write_text("beside the seed")
    (made / "10-first.yaml").write_text(f"sign: {{documents: [{{name: n, id: {DOCUMENT}, file: note.txt}}]}}\n")
    (made / "20-second.json").write_text('{"workspace": "team", "lags": {"packaging": "manual"}}')
    (made / "README.md").write_text("is no seed")
    return made


def known(url: str) -> World:
    client = {"client_id": "localsign", "client_secret": "localsign-secret"}
    return World({"name": "default", "base_url": url, "clients": [client]})


def test_the_folder_is_loaded_before_ready(folder: Path) -> None:
    with contextmanager(serve)(Settings(init_dir=folder)) as server:
        world = known(server.url)
        assert world.download(DOCUMENT) == b"beside the seed"
        assert httpx.get(f"{server.url}/w/team/_sandbox/v1/lags/packaging").json()["progression"] == "manual"
        world.close()


def test_processes_that_load_it_at_once_make_everything_once(folder: Path, tmp_path: Path) -> None:
    """As under a server that is not ours, where each process loads it by itself."""
    settings = Settings(init_dir=folder, data_dir=tmp_path / "data", workers=2)
    sandboxes = [Sandbox(settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(load_folder, sandboxes))
    for sandbox in sandboxes:
        with sandbox.default.work() as work:
            assert [str(one.id) for one in work.everything(Document)] == [DOCUMENT]
        with sandbox.find("team").work() as work:
            assert work.choices["lag.packaging"] == "manual"
        sandbox.close()


def test_files_are_loaded_in_the_order_of_their_names(folder: Path) -> None:
    (folder / "15-between.yaml").write_text("workspace: team\nlags: {packaging: 'reads:2'}\n")
    (folder / "30-last.yml").write_text("workspace: team\nswitches: {sign.markdown: refuse}\n")
    sandbox = Sandbox(Settings(init_dir=folder))
    load_folder(sandbox)
    with sandbox.find("team").work() as work:
        assert {name: value for name, value in work.choices.items() if not name.startswith("seeded.")} == {
            "lag.packaging": "manual",
            "switch.sign.markdown": "refuse",
        }
    sandbox.close()


def test_a_kept_world_is_seeded_once_and_again_after_a_reset(folder: Path, tmp_path: Path) -> None:
    settings = Settings(init_dir=folder, data_dir=tmp_path / "data")
    for _ in range(2):
        with contextmanager(serve)(settings) as server:
            world = known(server.url)
            assert world.download(DOCUMENT) == b"beside the seed"
            world.close()
    with contextmanager(serve)(settings) as server:
        httpx.post(f"{server.url}/_sandbox/v1/reset")
        world = known(server.url)
        assert world.api.get(f"/sign/documents/{DOCUMENT}").status_code == 404
        world.close()
    with contextmanager(serve)(settings) as server:
        world = known(server.url)
        assert world.download(DOCUMENT) == b"beside the seed"
        world.close()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "30-bad.yaml",
            "sign:\n  documnets: []\n",
            "sign.documnets: is not a known member; did you mean documents? (line 2)",
        ),
        ("05-bad.json", "{", "document: line 1: is not JSON"),
        (
            "30-bad.yml",
            f"sign: {{documents: [{{text: x, id: {DOCUMENT}}}]}}",
            "sign.documents[0].id: there is something",
        ),
        ("30-bad.yaml", "sign: {documents: [{file: ../secret.txt}]}", "sign.documents[0].file: there is no file"),
    ],
)
def test_a_bad_file_keeps_the_server_from_starting(folder: Path, name: str, content: str, words: str) -> None:
    (folder / name).write_text(content)
    (folder.parent / "secret.txt").write_text("not beside")
    sandbox = Sandbox(Settings(init_dir=folder))
    with pytest.raises(SettingsError) as refusal:
        load_folder(sandbox)
    assert str(folder / name) in str(refusal.value)
    assert words in str(refusal.value)
    sandbox.close()


def test_the_command_line_names_the_file_and_the_reason(folder: Path) -> None:
    (folder / "30-bad.yaml").write_text("lags: {packagin: manual}\n")
    for option, words in (((folder), "lags.packagin: is not a lag"), (folder / "nowhere", "is not a folder")):
        done = subprocess.run(
            [sys.executable, "-m", "localsign", "serve", "--port", "0"],
            env={"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2] / "app"), "LOCALSIGN_INIT_DIR": str(option)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 5
        assert words in done.stderr
