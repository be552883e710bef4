"""What a seed document may say of the platform: API clients."""

from localsign.core.seeding import Seed, Seeder, Seeding
from localsign.signicat import clients
from localsign.signicat.schemas import ClientRequest


class ClientSeed(ClientRequest, Seed):
    """An API client; what is not given is drawn."""


def seed_client(seeding: Seeding, entry: ClientSeed) -> None:
    made = seeding.perform(lambda work: clients.create(work, entry).client_id)
    seeding.keep("platform.clients", entry.client_id, made)


SEEDS = {"clients": Seeder(ClientSeed, seed_client)}
