"""What each switch of Secure Share changes: a scenario gives an answer that differs with each value."""

from collections.abc import Callable

from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, Sender, Visitor, a_file, a_recipient, a_share
from tests.world import World


def sender(world: World) -> Sender:
    return Sender(world.server, world)


def after_expiry(world: World) -> object:
    share = sender(world).share()
    world.advance("P7D")
    return sender(world).call("GET", f"/{share['id']}").status_code


def completion(world: World) -> object:
    share = sender(world).share()
    [file, _] = sender(world).upload(share, a_file(), a_file())
    sender(world).does(share, sender(world).invite(share), "download", file=file["id"])
    return sender(world).read(share)["status"]


def file_access_infos(world: World) -> object:
    share = sender(world).share()
    sender(world).upload(share)
    return len(sender(world).invite(share)["fileAccessInfos"])


def identity_providers(world: World) -> object:
    wanted = a_share(recipients=[a_recipient(authentication=[{"identityProvider": "my-own"}])])
    return sender(world).call("POST", "", json=wanted).status_code


def language(world: World) -> object:
    sender(world).invite(sender(world).share(), notification={"sendEmail": True})
    return sender(world).messages()[0].language


def methods(world: World) -> object:
    recipient = sender(world).invite(sender(world).share(), authentication=[BY_EMAIL, BY_BANKID])
    return "BankID" in Visitor(recipient).look().text


def notify(world: World) -> object:
    sender(world).invite(sender(world).share(), notification={"sendEmail": True})
    return len(sender(world).messages())


def nulls(world: World) -> object:
    share = sender(world).share()
    return sender(world).call("PATCH", f"/{share['id']}", json={"title": None}).json()["title"]


def recipient_url(world: World) -> object:
    empty, full = sender(world).share(), sender(world).share()
    sender(world).upload(full)
    return [sender(world).invite(one)["url"] is None for one in (empty, full)]


def templates(world: World) -> object:
    return sorted(sender(world).invite(sender(world).share(), notification={})["notification"])


def unknown_members(world: World) -> object:
    return sender(world).call("POST", "", json=a_share(surprise=1)).status_code


SCENARIOS: dict[str, Callable[[World], object]] = {
    "secure-share.after-expiry": after_expiry,
    "secure-share.completion": completion,
    "secure-share.file-access-infos": file_access_infos,
    "secure-share.identity-providers": identity_providers,
    "secure-share.language": language,
    "secure-share.methods": methods,
    "secure-share.notify": notify,
    "secure-share.nulls": nulls,
    "secure-share.recipient-url": recipient_url,
    "secure-share.templates": templates,
    "secure-share.unknown-members": unknown_members,
}
