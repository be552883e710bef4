"""The command line. `program` knows its verbs, and a verb is imported when it is asked for."""


def main() -> None:
    """The entry point of `localsign`."""
    import gc

    gc.disable()  # while everything is imported there is nothing to collect; serving turns it on again
    from localsign.cli.program import run

    run()
