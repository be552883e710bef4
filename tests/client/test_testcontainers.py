"""A container of localsign for Testcontainers."""

import pytest
from tests.client.aio.basic_stories import AT
from tests.client.fake_daemon import daemon

from localsign.client.servers.docker import HOST

pytest.importorskip("testcontainers.core.container")


def test_a_container_has_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    with daemon() as docker:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{docker.server_port}")
        from testcontainers.core.config import ConnectionMode, testcontainers_config

        from localsign.testcontainers import LocalsignContainer

        monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
        monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
        with LocalsignContainer("mine:1", mem_limit="1g") as container:
            assert docker.created["Image"] == "mine:1"
            assert docker.created["HostConfig"]["ExtraHosts"] == [f"{HOST}:host-gateway"]
            with container.sandbox() as sandbox, sandbox.workspace(clock=AT) as workspace:
                assert workspace.clock.now() == AT
                assert sandbox.control_token == container.control_token
                assert sandbox.server.reached_as == HOST
        assert docker.process is None
