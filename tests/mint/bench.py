"""The engine without a server: a sandbox of its own, workflows as data, journeys as rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from tests.world import Json

from localsign.core.work import Work
from localsign.mint.engine import journeys as engine
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, JourneyRun, JourneyWait, LogRecord, run_of, waits_of
from localsign.mint.service import journeys, workflows
from localsign.mint.service.workflows import Content
from localsign.sandbox import Sandbox
from localsign.settings import Settings


class Bench:
    """Runs workflows in the default workspace of a sandbox in memory."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.sandbox = Sandbox(settings or Settings())
        self.workspace = self.sandbox.default

    def save(self, wanted: Json) -> UUID:
        """A published workflow; its id."""
        content = Content(
            name=wanted["name"],
            steps=wanted["steps"],
            connections=wanted["connections"],
            variables=wanted.get("variables"),
            parameters=wanted.get("parameters"),
        )
        with self.workspace.work() as work:
            return workflows.create(work, content, publishes=True).workflow_id

    def start(self, wanted: Json | UUID, given: Mapping[str, Any] | None = None) -> Journey:
        """Start, and run until the journey waits or ends."""
        workflow_id = wanted if isinstance(wanted, UUID) else self.save(wanted)
        found, _ = self.sandbox.perform(self.workspace, lambda work: journeys.start(work, workflow_id, given or {}))
        return self.read(found)

    def resume(self, journey: Journey, step_id: str, given: Mapping[str, Any] | None = None) -> Journey:
        self.sandbox.perform(self.workspace, lambda work: journeys.resume(work, journey.id, step_id, given or {}))
        return self.read(journey)

    def read(self, journey: Journey) -> Journey:
        with self.workspace.work() as work:
            return work.get(Journey, journey.id)

    def log(self, journey: Journey) -> list[LogRecord]:
        with self.workspace.work() as work:
            return journeys.log(work, journey.id)

    def order(self, journey: Journey) -> list[str]:
        """The steps in the order in which they ran, each as often as it did."""
        return [one.step_id for one in self.log(journey) if one.event == "Executing"]

    def events(self, journey: Journey, step_id: str) -> list[tuple[str, Any]]:
        return [
            (one.event, one.message if one.outcomes is None else one.outcomes)
            for one in self.log(journey)
            if one.step_id == step_id
        ]

    def outputs(self, journey: Journey) -> Json:
        with self.workspace.work() as work:
            return {one.step_id: one.data for one in journeys.outputs(work, journey)}

    def variables(self, journey: Journey) -> Json:
        with self.workspace.work() as work:
            return run_of(work, journey).variables

    def waiting(self, journey: Journey) -> list[str]:
        with self.workspace.work() as work:
            return [one.step_id for one in waits_of(work, journey)]

    def place(self, journey: Journey) -> JourneyRun:
        with self.workspace.work() as work:
            return run_of(work, journey)

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.workspace.work() as work:
            yield work

    def wait(self, journey: Journey, step_id: str) -> JourneyWait:
        with self.workspace.work() as work:
            return engine.waiting_at(work, work.get(Journey, journey.id), step_id)


FINISHED, FAULTED, WAITS = JourneyState.FINISHED, JourneyState.FAULTED, JourneyState.SUSPENDED
