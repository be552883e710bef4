"""A mail server on loopback that keeps what it is given."""

import socketserver
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast


@dataclass
class Mails:
    """What the server has taken. `refuses`: recipients that it does not know."""

    url: str = ""
    port: int = 0
    refuses: set[str] = field(default_factory=set)
    logins: list[tuple[str, str]] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int = 1) -> list[EmailMessage]:
        with self.came:
            assert self.came.wait_for(lambda: len(self.taken) >= count, 20), f"{len(self.taken)} of {count} mails came"
            return list(self.taken)


class _Handler(socketserver.StreamRequestHandler):
    mails: Mails

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    self.wfile.write(b"250-test\r\n250 AUTH PLAIN\r\n")
                case "AUTH":
                    _, user, password = b64decode(rest.split()[1]).decode().split("\0")
                    self.mails.logins.append((user, password))
                    self.say("235 welcome" if password == "right" else "535 wrong password")
                case "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    self.say("550 nobody of that name" if address in self.mails.refuses else "250 fine")
                case "DATA":
                    self.say("354 go on")
                    self._read_mail()
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def _read_mail(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail: Any = message_from_bytes(b"".join(lines), policy=policy.default)
        with self.mails.came:
            self.mails.taken.append(cast(EmailMessage, mail))
            self.mails.came.notify_all()


@contextmanager
def mail_server() -> Iterator[Mails]:
    """A running server."""
    mails = Mails()
    handler = type("Handler", (_Handler,), {"mails": mails})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        mails.port = int(server.server_address[1])
        mails.url = f"smtp://127.0.0.1:{mails.port}"
        threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01}).start()
        yield mails
        server.shutdown()
