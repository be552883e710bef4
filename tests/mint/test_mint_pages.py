"""The end user's pages: who may come in, for how long, and what they see."""

import pytest
from tests.mint.flows import Mint, flow, id_of, link, step
from tests.signer import Signer, shows
from tests.world import Json

FORM = step("form", "Form", title="A form", fields=[{"name": "a", "label": "Letter", "required": True}])
WAIT = step("wait", "SuspendWorkflow", message="Hold on, please")
ANSWER = {"action": "complete", "step": "form", "field:a": "x"}


def visitor(mint: Mint, *steps: Json, links: list[Json] | None = None) -> tuple[Signer, Json]:
    """A person in a new journey, and the journey."""
    started = mint.start(mint.create(flow(*steps, links=links)))
    person = Signer(started["journeyUrl"])
    person.link = person.get().headers["location"]
    return person, started


def test_a_public_address_starts_a_journey_each_time(mint: Mint) -> None:
    workflow = mint.create(flow(WAIT, inputParameters=[{"name": "a"}]))
    for _ in range(2):
        answer = Signer(f"{workflow['workflowUrl']}?a=1&b=2").get()
        assert (answer.status_code, "/mint/visit/" in answer.headers["location"]) == (303, True)
    journeys = mint.api.get("/mint/journeys").json()["data"]
    assert [one["status"] for one in journeys] == ["active", "active"]


def test_query_parameters_that_are_declared_are_input(mint: Mint) -> None:
    show = step("n", "SetName", name="{{ Input | json }}")
    workflow = mint.create(flow(show, inputParameters=[{"name": "name"}, {"name": "email"}]))
    Signer(f"{workflow['workflowUrl']}?name=%C3%85se&x=1&name=Last").get()
    [journey] = mint.api.get("/mint/journeys").json()["data"]
    assert journey["name"] in ('{"name": "Åse"}', '{"name": "Last"}')


def test_addresses_that_lead_nowhere(mint: Mint) -> None:
    base = mint.world.url
    shows(Signer(f"{base}/mint/01234567").get(), 404, "Nothing starts here")
    for path in ("go/x", "visit/x", f"approval/{'x' * 400}"):
        shows(Signer(f"{base}/mint/{path}").get(), 404, "This link leads nowhere")
    assert Signer(f"{base}/mint/nothing").get().headers["content-type"] == "application/problem+json"


def test_an_address_that_has_expired(mint: Mint) -> None:
    started = mint.start(mint.create(flow(FORM)))
    mint.world.advance("PT60S")
    shows(Signer(started["journeyUrl"]).get(), 410, "This link has expired", "timeToLive")


def test_who_came_in_in_time_may_stay(mint: Mint) -> None:
    person, started = visitor(mint, FORM)
    mint.world.advance("PT2H")
    shows(person.get(), 200, "A form", "Letter")
    assert person.post(ANSWER).status_code == 303
    shows(person.get(), 200, "You are done")
    assert mint.read(started)["stepData"]["form"] == {"a": "x"}


def test_a_click_that_comes_too_late_changes_nothing(mint: Mint) -> None:
    person, started = visitor(mint, FORM, WAIT)
    mint.resume(started, "form", {"a": "first"})
    answer = person.post(ANSWER)
    late = person.request("GET", answer.headers["location"])
    shows(late, 200, "The journey had gone on before you clicked", "Hold on, please")
    assert mint.read(started)["stepData"]["form"] == {"a": "first"}


def test_other_sites_cannot_click(mint: Mint) -> None:
    person, started = visitor(mint, FORM)
    shows(person.post(ANSWER, **{"Sec-Fetch-Site": "cross-site"}), 403, "This came from another site")
    assert mint.read(started)["status"] == "active"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"a" * 10, "multipart/form-data"),
        (b"a" * 10, "multipart/form-data; boundary=b"),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b"),
        (b"&".join(b"a=1" for _ in range(500)), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
    ],
)
def test_odd_forms_change_nothing(mint: Mint, content: bytes, kind: str) -> None:
    person, started = visitor(mint, FORM)
    answer = person.request("POST", person.link, content=content, headers={"Content-Type": kind})
    assert answer.status_code in (303, 400)
    assert mint.read(started)["status"] == "active"


def test_what_the_integrator_wrote_is_text(mint: Mint) -> None:
    evil = "<script>alert(1)</script>{{ '{{' }} 7 | times: 6 }}"
    person, _ = visitor(mint, step("form", "Form", title=evil, fields=[{"name": "a", "label": evil, "value": evil}]))
    page = person.get().text
    assert "<script>alert" not in page
    assert "42" not in page


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([step("a")], "You are done"),
        ([step("a", "Fault", message="why")], "why"),
        ([WAIT], "Hold on, please"),
        ([step("w", "GetMobileIdRegistrationResult", registrationId="r")], "It succeeds"),
    ],
)
def test_where_a_journey_is(mint: Mint, steps: list[Json], words: str) -> None:
    person, _ = visitor(mint, *steps)
    shows(person.get(), 200, words)


def test_a_cancelled_journey(mint: Mint) -> None:
    person, started = visitor(mint, FORM)
    mint.act(started, "cancel")
    shows(person.get(), 200, "This was cancelled")


def test_the_end_user_s_step_is_shown_before_what_others_do(mint: Mint) -> None:
    steps = [step("a"), WAIT, FORM]
    person, _ = visitor(mint, *steps, links=[link("a", "form"), link("a", "wait")])
    shows(person.get(), 200, "A form")


def test_a_redirect_waits_until_nothing_is_left_to_fill_in(mint: Mint) -> None:
    person, _ = visitor(mint, step("r", "RedirectUser", url="https://app.test/x?a=1"), FORM)
    shows(person.get(), 200, "A form")
    person.post(ANSWER)
    answer = person.get()
    assert (answer.status_code, answer.headers["location"]) == (303, "https://app.test/x?a=1")


def test_pages_of_another_workspace_are_not_here(mint: Mint) -> None:
    person, started = visitor(mint, FORM)
    other = person.link.replace(mint.world.url, mint.world.url.partition("/w/")[0])
    assert Signer(other).get().status_code == 404
    assert id_of(started)


def test_fields_may_be_called_anything(mint: Mint) -> None:
    """Their labels and flaws still belong to them, and what is filled in arrives under the name."""
    odd = 'First name "x" <y> & #'
    fields = [{"name": odd, "required": True}, {"name": "n", "type": "number", "hint": "in months"}]
    started = mint.start(mint.create(flow(step("form", "Form", description="One\nTwo", fields=fields))))
    person = mint.world.anonymous
    page = person.get(started["journeyUrl"], follow_redirects=True)
    assert '<label for="field-2" dir="auto">n (optional)</label>' in page.text
    assert 'aria-describedby="field-2-hint"' in page.text
    sent = {"step": "form", "action": "complete", "field:n": "x"}
    flawed = person.post(str(page.url), data=sent)
    assert flawed.status_code == 422
    assert '<a href="#field-1">' in flawed.text
    assert 'id="field-1" name="field:First name' in flawed.text
    assert 'aria-invalid="true" aria-describedby="field-2-hint field-2-flaw"' in flawed.text
    assert person.post(str(page.url), data={**sent, "field:n": "4", f"field:{odd}": "Kari"}).status_code == 303
    assert mint.read(started)["stepData"]["form"] == {odd: "Kari", "n": 4}


def test_a_choice_without_options_faults(mint: Mint) -> None:
    journey = mint.read(mint.start(mint.create(flow(step("form", "Form", fields=[{"name": "x", "type": "choice"}])))))
    assert journey["status"] == "faulted"
