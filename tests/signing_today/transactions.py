"""DSTs in a test: builders named like data, which arrange through the API."""

from typing import Any

import httpx
from tests.signing_today.people import ANNA, BRUNO, People
from tests.world import Json, World, agreement

from localsign.core.outbox import Message

EVE = {"name": "Eve", "surname": "External", "email": "eve@example.com"}


def account(user_id: str, number: int = 1, **but: Any) -> Json:
    """A signer with an account."""
    return {"id": number, "userUUID": user_id, **but}


def external(number: int = 1, **but: Any) -> Json:
    """A signer without an account."""
    return {"id": number, **EVE, **but}


def a_request(number: int = 1, signer: int = 1, **but: Any) -> Json:
    """A signature request that can be declined."""
    return {"id": number, "signerId": signer, "declinable": True, "reason": "As the buyer", **but}


def a_place(number: int = 1, request: int = 1, **but: Any) -> Json:
    """Where a signature stands."""
    return {
        "id": number,
        "type": "SignatureForm",
        "positionX": 10,
        "positionY": "80.5",
        "width": 30,
        "height": 6,
        "page": 1,
        "extraData": {"signatureRequestId": request},
        **but,
    }


def a_text(number: int = 11, signer: int = 1, **but: Any) -> Json:
    """A text to be filled in before anybody signs."""
    return {
        "id": number,
        "type": "TextForm",
        "positionX": 10,
        "positionY": 60,
        "width": 30,
        "height": 3,
        "page": 1,
        "signerId": signer,
        "toFill": True,
        **but,
    }


def a_plan(*groups: list[Json], forms: list[Json] | None = None, **but: Any) -> Json:
    """A plan of groups of signers, by default Anna alone; each signs once."""
    groups = groups or ([account(ANNA)],)
    signers = [one["id"] for group in groups for one in group]
    return {
        "signerGroups": [{"signers": group} for group in groups],
        "signatureRequests": [a_request(one, one) for one in signers],
        "forms": forms or [],
        **but,
    }


def one_after_the_other() -> Json:
    """Anna signs, then Bruno."""
    return a_plan([account(ANNA, 1)], [account(BRUNO, 2)])


class Desk:
    """Somebody at work on DSTs: by default the instructor of the demo organisation."""

    def __init__(self, people: People, client: httpx.Client | None = None) -> None:
        self.people = people
        self.world: World = people.world
        self.client = client or people.instructor

    def by(self, client: httpx.Client) -> "Desk":
        """The same desk with somebody else at it."""
        return Desk(self.people, client)

    def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """What a call answers that must succeed."""
        answer = self.client.request(method, path, **more)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def choose(self, switch: str, value: str) -> None:
        """How this world has a switch from now on."""
        with self.people.workspace.work() as work:
            work.choose(f"switch.signing-today.{switch}", value)

    def create(self, **members: Any) -> Json:
        """A new draft."""
        dst: Json = self.call("POST", "/DSTs", 201, json={"title": "Sales contract", **members})
        return dst

    def upload(self, dst: Json, content: bytes | None = None, filename: str = "contract.pdf", **but: Any) -> Json:
        """The draft with one document more."""
        found: Json = self.call("PATCH", f"/DST/{dst['id']}/resources", **an_upload(content, filename, **but))
        return found

    def put(self, dst: Json, **members: Any) -> Json:
        """The draft, changed."""
        found: Json = self.call("PUT", f"/DST/{dst['id']}", json={**dst, **members})
        return found

    def draft(self, *plans: Json, **members: Any) -> Json:
        """A draft that can be published: a document for each plan, by default one that Anna signs."""
        dst = self.create(**members)
        for number in range(len(plans or (1,))):
            dst = self.upload(dst, filename=f"contract {number + 1}.pdf")
        documents = [
            {**document, **plan} for document, plan in zip(dst["documents"], plans or (a_plan(),), strict=True)
        ]
        return self.put(dst, documents=documents)

    def publish(self, dst: Json) -> Json:
        found: Json = self.call("POST", f"/DST/{dst['id']}/publish")
        return found

    def published(self, *plans: Json, **members: Any) -> Json:
        """A published DST."""
        return self.publish(self.draft(*plans, **members))

    def template(self, *plans: Json, **members: Any) -> Json:
        """A published template."""
        return self.published(*(plans or (a_template_plan(),)), template=True, **members)

    def read(self, dst: Json | str) -> Json:
        found: Json = self.call("GET", f"/DST/{dst if isinstance(dst, str) else dst['id']}")
        return found

    def audit(self, dst: Json) -> list[Json]:
        found: list[Json] = self.call("GET", f"/DST/{dst['id']}/audit")
        return found

    def events(self, dst: Json) -> list[str]:
        """The names in the audit."""
        return [one["event"] for one in self.audit(dst)]

    def try_act(self, dst: Json, action: str, **more: Any) -> httpx.Response:
        """Do what a person does, and return the bare answer."""
        return self.world.control("POST", f"signing-today/dsts/{dst['id']}/act", {"action": action, **more})

    def act(self, dst: Json, action: str, **more: Any) -> Json:
        """The DST after somebody did something, which must succeed."""
        answer = self.try_act(dst, action, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["dst"])

    def automatic(self) -> str:
        """The id of an account that signs by itself."""
        wanted = {"username": "stamp@demo", "name": "Stamp", "automatic": True}
        return str(self.world.control("POST", "signing-today/accounts", wanted).json()["id"])

    def signed(self, *plans: Json, **members: Any) -> Json:
        """A DST that everybody has signed."""
        dst = self.published(*plans, **members)
        while dst["status"] == "toSign":
            dst = self.act(dst, "sign")
        return dst

    def rejected(self) -> Json:
        return self.act(self.published(), "decline", reason="Too dear")

    def mails(self, recipient: str) -> list[Message]:
        """What was sent to an address, oldest first."""
        with self.people.workspace.work() as work:
            return [one for one in work.everything(Message) if one.recipient == recipient]

    def download(self, resource_id: str) -> bytes:
        answer = self.client.get(f"/resource/{resource_id}")
        assert answer.status_code == 200, answer.text
        return answer.content


def an_upload(content: bytes | None = None, filename: str = "contract.pdf", **but: Any) -> Json:
    """The arguments of a call that uploads a PDF; a field that is None is left out."""
    fields = {"filename": filename, "resourceType": "PDF_Document", "title": "Contract", **but}
    file = ("x.pdf", agreement() if content is None else content, "application/pdf")
    return {"files": {"file": file}, "data": {name: value for name, value in fields.items() if value is not None}}


def a_template_plan() -> Json:
    """A plan with placeholders for a buyer and a seller."""
    return a_plan(
        [{"id": 1, "role": "buyer", "templateLabel": "Buyer"}], [{"id": 2, "role": "seller", "templateLabel": "Seller"}]
    )
