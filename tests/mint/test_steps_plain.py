"""Steps that need nobody: variables, alerts, messages, documents, tokens, look-ups, other journeys."""

import json
from typing import Any

import pytest
from tests.mint.conftest import Inside
from tests.mint.flows import Mint, flow, id_of, link, step
from tests.world import Json

from localsign.core.outbox import Message


def data_of(mint: Mint, *steps: Json, **members: Any) -> Json:
    """The step data of a new journey, which must have finished."""
    journey = mint.run(*steps, **members)
    assert journey["status"] == "finished", [mint.events(journey, one["stepId"]) for one in mint.log(journey)["steps"]]
    return dict(journey["stepData"])


def fault_of(mint: Mint, *steps: Json, **members: Any) -> str:
    """Why a new journey faults."""
    journey = mint.run(*steps, **members)
    assert journey["status"] == "faulted"
    [message] = [one["message"] for step in mint.log(journey)["steps"] for one in step["events"] if one["message"]]
    return str(message)


def file_of(mint: Mint, journey: Json, number: int = -1) -> bytes:
    file = journey["files"][number]
    return mint.api.get(f"/mint/journeys/{id_of(journey)}/files/{file['id']}").content


# ---- variables


def test_variables_are_set_and_read_with_their_types(mint: Mint) -> None:
    steps = [
        step("a", variables={"list": [1, {"b": None}], "text": "{{ Variables.start }}", "flag": True}),
        step("b", variableName="one", value="{{ list }}"),
        step("c", variables=[{"name": "two", "value": "{{ one[1].b | default: 'none' }}"}]),
        step("d", "GetJourneyData"),
        step("n", "SetName", name="{{ list | json }} {{ text }} {{ one | size }} {{ two }}"),
    ]
    journey = mint.run(*steps, variables={"start": 7})
    assert journey["name"] == '[1, {"b": null}] 7 2 none'
    assert journey["stepData"]["d"]["status"] == "running"


def test_lists_grow_and_what_is_no_list_does_not(mint: Mint) -> None:
    add = step("a", "AddToListVariable", variableName="l", value={"x": 1})
    assert mint.run(add, step("n", "SetName", name="{{ l | json }}"))["name"] == '[{"x": 1}]'
    assert "is not a list" in fault_of(mint, add, variables={"l": 1})
    assert "'variableName' is required" in fault_of(mint, step("a", "AddToListVariable", value=1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (step("x", variables="{{ nothing.here }}"), "'nothing' is undefined (line 1, column 4)"),
        (step("x", variables={"a": "one\n{{ two | nofilter }}"}), "unknown filter 'nofilter' (line 2, column 10)"),
        (step("x", variables={"a": "{% for %}"}), "line 1"),
        (step("x", variables=3), "'variables' must be an object"),
        (step("x", "SetName"), "'name' is required"),
        (step("x", "StoreLoopStepData"), "not inside a loop"),
        (step("x", "For", end="many"), "'end' must be a number"),
        (step("x", "For"), "'end' is required"),
        (step("x", "For", end=1, operator="Between"), "'operator' must be one of LessThan"),
        (step("x", "ForEach"), "'items' is required"),
        (step("x", "TriggerAlert"), "'message' is required"),
        (step("x", "TriggerAlert", message="m", severity="Loud"), "'severity' must be one of Info"),
        (step("x", "TriggerAlert", message="m", stepId="nowhere"), "no step 'nowhere'"),
        (step("x", "SendEmail", content="c"), "'to' is required"),
        (step("x", "SendEmail", to="nobody"), "'nobody' is not an e-mail address"),
        (step("x", "StartJourney", workflowId="x"), "is not an id"),
        (step("x", "StartJourney", workflowId="0" * 32), "no published workflow"),
        (step("x", "ResumeJourney", journeyId="0" * 32, stepId="a"), "no journey with the id"),
        (step("x", "GetJourneyData", journeyId="1"), "is not an id"),
        (step("x", "CreateJwt", claims={}), "'signingKey' is required"),
        (step("x", "CreateJwt", signingKey="k" * 32, algorithm="none"), "'algorithm' must be one of"),
        (step("x", "CreateJwt", signingKey="no key", algorithm="RS256"), "cannot be signed with RS256"),
        (step("x", "MergeDocuments"), "'documents' is required"),
        (step("x", "CreatePdfFromTemplate"), "'content' and 'template' is required"),
        (step("x", "CreatePdfFromTemplate", template="no.pdf"), "no file 'no.pdf'"),
        (step("x", "Form", fields=[{"label": "L"}]), "has no name"),
        (step("x", "Form", fields=["a", "a"]), "same name"),
        (step("x", "Form", fields=[{"name": "a", "type": "wheel"}]), "must be one of text"),
        (step("x", "RedirectUser", url="javascript:alert(1)"), "must be an http or https address"),
        (step("x", "RedirectUser", url="https://a.test/\nb"), "must be an http or https address"),
        (step("x", "GetDemReport", recordId="1"), "no evidence record"),
        (step("x", "GetCaptureFlowResultsVideo", processId="1"), "no capture"),
        (step("x", "CreatePersonMonitor"), "'nationalId' is required"),
        (step("x", "Fault", message="mine"), "mine"),
    ],
)
def test_a_wrong_step_faults_with_a_sentence_of_its_own(mint: Mint, wrong: Json, words: str) -> None:
    assert words in fault_of(mint, wrong)


# ---- alerts and messages


def test_alerts_stand_at_the_step_they_are_about(mint: Mint) -> None:
    steps = [step("a"), step("w", "TriggerAlert", step="a", severity="warning", message="{{ 1 | plus: 1 }} left")]
    journey = mint.run(*steps, step("i", "TriggerAlert", message="own"))
    assert [(one["stepId"], one["severity"], one["message"]) for one in journey["alerts"]] == [
        ("a", "warning", "2 left"),
        ("i", "info", "own"),
    ]


def test_messages_go_to_the_outbox_with_the_warning_of_the_sandbox(mint: Mint, inside: Inside) -> None:
    mail = step("m", "SendEmail", to=["a@x.no", "b@x.no"], subject="S", content="See https://x.test/1", html="<b>B</b>")
    journey = mint.run(mail, step("s", "SendSms", to="+4712345678", content="Code"))
    with inside() as work:
        found = [one for one in work.everything(Message) if one.reference == id_of(journey)]
    assert [(one.channel.value, one.recipient, one.kind) for one in found] == [
        ("email", "a@x.no", "workflow.email"),
        ("email", "b@x.no", "workflow.email"),
        ("sms", "+4712345678", "workflow.sms"),
    ]
    assert all("test" in one.text.lower() for one in found)
    assert found[0].links == ["https://x.test/1"]


# ---- documents


def test_a_text_becomes_a_pdf(mint: Mint) -> None:
    template = "<h1>Hei {{ n }}</h1><ul>{% for one in l %}<li>{{ one }}</li>{% endfor %}</ul>"
    journey = mint.run(step("p", "CreatePdfFromTemplate", content=template), variables={"n": "Åse", "l": ["x", "y"]})
    assert (journey["files"][0]["filename"], journey["files"][0]["contentType"]) == ("p.pdf", "application/pdf")
    assert words_of(file_of(mint, journey)) == "Hei Åse • x • y"


def test_a_pdf_form_is_filled_in(mint: Mint) -> None:
    fields = {"name": "Kari (N)"}
    workflow = mint.create(flow(step("p", "CreatePdfFromTemplate", template="form.pdf", fields=fields)))
    upload(mint, workflow, "form.pdf", a_form())
    journey = mint.read(mint.start(workflow))
    assert words_of(file_of(mint, journey)) == "Name: Kari (N)"
    other = mint.create(flow(step("p", "CreatePdfFromTemplate", template="form.pdf", fields={"nobody": "x"})))
    upload(mint, other, "form.pdf", a_form())
    assert "no form field called nobody" in mint.events(mint.start(other), "p")[1][1]


def test_a_template_file_with_expressions(mint: Mint) -> None:
    workflow = mint.create(flow(step("p", "CreatePdfFromTemplate", template="t.html", fields={"who": "Ola"})))
    upload(mint, workflow, "t.html", b"<p>Hello {{ who }}</p>")
    assert words_of(file_of(mint, mint.read(mint.start(workflow)))) == "Hello Ola"


def test_files_of_many_kinds_become_one_pdf(mint: Mint) -> None:
    pdf = step("p", "CreatePdfFromTemplate", content="First", filename="p.pdf")
    merge = step("m", "MergeDocuments", documents=["{{ p.file }}", "d.docx", "t.txt"], filename="all.pdf")
    workflow = mint.create(flow(pdf, merge))
    upload(mint, workflow, "d.docx", a_docx("Second", "Third"))
    upload(mint, workflow, "t.txt", b"Fourth")
    journey = mint.read(mint.start(workflow))
    assert words_of(file_of(mint, journey)) == "First Second Third Fourth"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("x.docx", b"PK not a zip", "whose text can be read"), ("x.pdf", b"%PDF-1.4 broken", "cannot be merged")],
)
def test_what_cannot_be_merged_faults(mint: Mint, name: str, content: bytes, words: str) -> None:
    workflow = mint.create(flow(step("m", "MergeDocuments", documents=[name])))
    upload(mint, workflow, name, content)
    assert words in mint.events(mint.start(workflow), "m")[1][1]


def upload(mint: Mint, workflow: Json, name: str, content: bytes) -> None:
    address = f"/mint/workflows/{workflow['id']}/files"
    assert mint.api.post(address, params={"filename": name}, content=content).status_code == 201


def words_of(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(words.split())


def a_form() -> bytes:
    import io

    from reportlab.pdfgen.canvas import Canvas

    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.drawString(50, 700, "Name:")
    canvas.acroForm.textfield(name="name", x=100, y=690, width=200, height=20)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def a_docx(*paragraphs: str) -> bytes:
    import io
    import zipfile

    made = io.BytesIO()
    text = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="urn:w">{text}</w:document>')
    return made.getvalue()


# ---- tokens


def test_a_token_that_anybody_can_verify(mint: Mint) -> None:
    from joserfc import jwt
    from joserfc.jwk import OctKey, RSAKey

    now = mint.world.freeze()
    secret, pair = "k" * 40, RSAKey.generate_key(2048)
    for name, value in (("hmac", secret), ("rsa", json.dumps(pair.as_dict(private=True)))):
        assert mint.api.post("/mint/secrets", json={"name": name, "value": value}).status_code == 201
    data = data_of(
        mint,
        step("a", "CreateJwt", claims={"sub": "{{ n }}"}, signingKey="{{ Secrets.hmac }}", expiresIn=60),
        step("b", "CreateJwt", claims={}, signingKey="{{ Secrets.rsa }}", algorithm="RS256", header={"kid": "1"}),
        variables={"n": "kari"},
    )
    first = jwt.decode(data["a"]["token"], OctKey.import_key(secret), algorithms=["HS256"])
    assert first.claims == {"sub": "kari", "iat": int(now.timestamp()), "exp": int(now.timestamp()) + 60}
    second = jwt.decode(data["b"]["token"], pair, algorithms=["RS256"])
    assert second.header["kid"] == "1"


def test_an_encrypted_token(mint: Mint) -> None:
    from joserfc import jwe, jwt
    from joserfc.jwk import OctKey, RSAKey

    pair = RSAKey.generate_key(2048)
    encrypt = {"encryptionKey": json.dumps(pair.as_dict(private=False))}
    data = data_of(mint, step("a", "CreateJwt", claims={"a": 1}, signingKey="k" * 40, **encrypt))
    inner = jwe.decrypt_compact(data["a"]["token"], pair, algorithms=["RSA-OAEP-256", "A256GCM"]).plaintext
    assert inner is not None
    assert jwt.decode(inner.decode(), OctKey.import_key("k" * 40)).claims["a"] == 1


# ---- registers


def test_the_register_answers_the_same_each_time(mint: Mint) -> None:
    steps = [
        step("p", "PersonBasicInfoLookup", nationalId="14839010231"),
        step("none", "PersonBasicInfoLookup", nationalId="1"),
        step("match", "PersonIdentificationLookup", nationalId="14839010231", firstName="kari"),
        step("other", "PersonIdentificationLookup", nationalId="14839010231", lastName="Berg"),
        step("find", "OrganisationSearch", query="example"),
        step("roles", "OrganisationRolesLookup", organisationNumber="999 000 001"),
        step("may", "OrganisationAuthorizationLookup", organisationNumber="5560000002"),
        step("pep", "OrganisationPepAndSanction", organisationNumber="12345678"),
        step("ubo", "OrganisationUboLookup", organisationNumber="999000001"),
        step("docs", "OrganisationDocumentLookup", organisationNumber="0"),
    ]
    data = data_of(mint, *steps)
    assert data == data_of(mint, *steps)
    assert (data["p"]["status"], data["p"]["name"]) == ("FOUND", "Kari Nordmann")
    assert [data[name]["status"] for name in ("none", "match", "other", "docs")] == [
        "NOT_FOUND", "MATCH", "MISMATCH", "NOT_FOUND"
    ]  # fmt: skip
    assert data["find"]["organisations"][0]["number"] == "999000001"
    assert data["roles"]["roles"][0] == {"role": "CEO", "person": "Kari Nordmann"}
    assert data["pep"]["screening"]["sanctions"][0]["list"] == "TEST-LIST"
    assert data["ubo"]["owners"][0]["share"] == 60


def test_a_record_of_evidence_and_its_report(mint: Mint) -> None:
    steps = [step("r", "CreateDemRecord", data={"a": [1]}), step("pdf", "GetDemReport", recordId="{{ r.recordId }}")]
    journey = mint.run(*steps, step("m", "CreatePersonMonitor", nationalId="1"))
    assert journey["stepData"]["m"]["status"] == "ACTIVE"
    assert journey["stepData"]["r"]["hash"] in words_of(file_of(mint, journey)).replace(" ", "")


# ---- other journeys


def test_one_journey_starts_and_resumes_another(mint: Mint) -> None:
    inner = mint.create(
        flow(step("wait", "SuspendWorkflow"), step("n", "SetName", name="{{ wait.word }} {{ Input.a }}"))
    )
    outer = flow(
        step("start", "StartJourney", workflowId=inner["id"], input={"a": "{{ n }}"}),
        step("pause", "SuspendWorkflow"),
        step("go", "ResumeJourney", journeyId="{{ start.journeyId }}", stepId="wait", input={"word": "Hi"}),
        step("look", "GetJourneyData", journeyId="{{ start.journeyId }}"),
        variables={"n": 5},
    )
    started = mint.start(mint.create(outer))
    other = mint.read(started)["stepData"]["start"]["journeyId"]
    assert mint.read(other)["status"] == "active"
    look = mint.resume(started, "pause")["stepData"]["look"]
    assert (look["id"], look["status"]) == (other, "running")
    assert (mint.read(other)["status"], mint.read(other)["name"]) == ("finished", "Hi 5")


def test_steps_are_called_by_title_name_or_id(mint: Mint) -> None:
    one = {"id": "s1", "type": "If", "name": "check", "displayName": "Is it so?", "properties": {"condition": True}}
    use = step("n", "SetName", name="{{ ['Is it so?'].Result }} {{ isitso.result }} {{ check.RESULT }} {{ s1.result }}")
    assert mint.run(one, use, links=[link("s1", "n")])["name"] == "true true true true"
