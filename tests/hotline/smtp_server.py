"""A mail server for tests: takes letters on a loopback port, or refuses and falls silent as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """`answers` are given in place of the usual, by the command's first word; "DATA END" is the letter's end.

    "hang up" closes the connection without an answer.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    conversations: list[list[str]] = field(default_factory=list)

    def answer(self, command: str, usual: str) -> str | None:
        said = self.answers.get(command, usual)
        return None if said == "hang up" else said


class _Conversation(socketserver.StreamRequestHandler):
    told: MailServer

    def handle(self) -> None:
        heard: list[str] = []
        self.told.conversations.append(heard)
        if not self._say("CONNECT", "220 here"):
            return
        while line := self.rfile.readline().decode().strip():
            heard.append(line)
            word = line.split()[0].upper()
            usual = {"DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250 here"}.get(word, "250 fine")
            if not self._say(word, usual) or word == "QUIT":
                return
            if word == "DATA" and "DATA" not in self.told.answers and not self._take_letter():
                return

    def _take_letter(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        if not self.told.answers.get("DATA END", "").startswith(("4", "5")):
            self.told.letters.append(letter)
        return self._say("DATA END", "250 taken")

    def _say(self, command: str, usual: str) -> bool:
        answer = self.told.answer(command, usual)
        if answer is not None:
            self.wfile.write(f"{answer}\r\n".encode())
        return answer is not None


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    conversation = type("Conversation", (_Conversation,), {"told": server})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), conversation) as listening:
        listening.daemon_threads = True
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        listening.shutdown()
        thread.join()
