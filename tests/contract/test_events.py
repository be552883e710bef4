"""What manifests say of their events: every one has a sender, and no table lists what is never announced."""

from localsign.apis import APIS, events
from localsign.signicat.events import publish


def test_who_publishes_through_the_events_service_has_a_sender() -> None:
    without = [entry.name for entry in APIS if entry.api.publish is publish and not entry.api.sender]
    assert without == [], "Api.sender: nobody could subscribe to their events by name"


def test_every_announcement_of_a_machine_is_listed_as_an_event() -> None:
    listed = {(one.api, one.name) for one in events()}
    announced = {
        (entry.name, row.announces)
        for entry in APIS
        for machine in entry.api.machines
        for row in machine.rows
        if row.announces and entry.api.publish is not None
    }
    assert announced <= listed


def test_an_event_says_how_its_name_is_known_and_what_has_happened() -> None:
    for one in events():
        assert one.source, one.id
        assert one.text, f"{one.id}: Api.events of its manifest says what has happened"


def test_no_two_events_have_one_id() -> None:
    ids = [one.id for one in events()]
    assert sorted(ids) == sorted(set(ids))
