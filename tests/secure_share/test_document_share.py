"""The OpenAPI document says of members what the reference says."""

from typing import Any

import httpx
from tests.secure_share.sharing import Sender, a_recipient, problem
from tests.world import NO_TLS, Json


def schemas(sender: Sender) -> dict[str, Any]:
    answer = httpx.get(f"{sender.server.url}/_sandbox/openapi/secure-share.json", verify=NO_TLS)
    found: dict[str, Any] = answer.json()["components"]["schemas"]
    return found


def test_what_a_request_must_have(sender: Sender) -> None:
    found = schemas(sender)
    assert found["CreateShare"]["required"] == ["contactDetails"]
    assert found["CreateRecipient"]["required"] == ["authentication"]
    assert found["CreateRecipient"]["properties"]["authentication"]["minItems"] == 1
    assert "required" not in found["UpdateShare"]
    assert "required" not in found["UpdateRecipient"]
    assert found["CreateRecipient"]["properties"]["email"]["anyOf"][0]["pattern"] == "^[^@]+@[^@]+$"


def test_an_answer_has_all_its_members(sender: Sender) -> None:
    found = schemas(sender)
    for name in ("SharePage", "ShareResponse", "RecipientResponse", "FileAccessInfo", "FileDto"):
        assert found[name]["required"] == list(found[name]["properties"])


def test_a_rule_is_one_in_both_directions(sender: Sender) -> None:
    found = schemas(sender)
    assert not [name for name in found if name.endswith(("-Input", "-Output"))]
    assert "pattern" in found["AuthenticationDto"]["properties"]["identityProvider"]
    share = sender.share()
    for name in ("n b", "", "\x00", "nbid\n"):
        wanted: Json = a_recipient(authentication=[{"identityProvider": name}])
        answer = sender.call("POST", f"/{share['id']}/recipients", json=wanted)
        problem(answer, 400, "authentication[0].identityProvider")
    answer = sender.call(
        "POST",
        f"/{share['id']}/recipients",
        content=b'{"email": "a@b", "authentication": [{"identityProvider": "\\ud800"}]}',
        headers={"Content-Type": "application/json"},
    )
    problem(answer, 400, "authentication[0].identityProvider")
