"""A local, offline, stateful emulator of electronic-signing and workflow APIs."""
