"""What several verbs have in common: where a server is unless somebody says otherwise, and how one is started."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_URL = "http://127.0.0.1:8480"

Host = Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")]
Port = Annotated[int | None, typer.Option(help="Port; 0 picks a free one. [default: 8480]")]
DataDir = Annotated[
    Path | None, typer.Option(help="Folder in which workspaces are kept. Without it they live in memory.")
]
Workers = Annotated[int | None, typer.Option(help="Server processes. [default: 1]")]
Tls = Annotated[
    str | None,
    typer.Option(help="self-signed: serve https with a certificate made now.", autocompletion=lambda: ["self-signed"]),
]
TlsName = Annotated[
    list[str] | None, typer.Option(help="A name or address for that certificate, besides those of this machine.")
]
TlsCert = Annotated[Path | None, typer.Option(help="Serve https with this certificate (PEM, with chain).")]
TlsKey = Annotated[Path | None, typer.Option(help="The private key of --tls-cert (PEM).")]
