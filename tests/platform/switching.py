"""What each switch of the platform and of the kernel changes: a scenario gives an answer that differs."""

from collections.abc import Callable

from tests.world import World


def invalid_client_status(world: World) -> object:
    return world.token({**world.client, "client_secret": "wrong"}).status_code


def missing_scope(world: World) -> object:
    known = (world.client["client_id"], world.client["client_secret"])
    form = {"grant_type": "client_credentials"}
    return world.anonymous.post("/auth/open/connect/token", data=form, auth=known).status_code


def revoked_tokens(world: World) -> object:
    token = world.token().json()["access_token"]
    known = (world.client["client_id"], world.client["client_secret"])
    bearer = {"Authorization": f"Bearer {token}"}
    assert world.anonymous.get("/sign/signing-sessions", headers=bearer).status_code == 200
    world.anonymous.post("/auth/open/connect/revocation", data={"token": token}, auth=known)
    seen = world.anonymous.post("/auth/open/connect/introspect", data={"token": token}, auth=known).json()
    assert seen == {"active": False}
    return world.anonymous.get("/sign/signing-sessions", headers=bearer).status_code


def token_clock(world: World) -> object:
    world.log_in()
    world.advance("P1D")
    return world.api.get("/sign/signing-sessions").status_code


SCENARIOS: dict[str, Callable[[World], object]] = {
    "platform.invalid-client-status": invalid_client_status,
    "platform.missing-scope": missing_scope,
    "platform.revoked-tokens": revoked_tokens,
    "tokens.clock": token_clock,
}
