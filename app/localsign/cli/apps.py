"""Typer applications of one verb each."""

import typer


def single() -> typer.Typer:
    """For a verb that is one command."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def group(text: str) -> typer.Typer:
    """For a verb that has commands below it, also if it is only one."""
    made = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True, help=text
    )

    @made.callback()
    def _group() -> None: ...

    return made
