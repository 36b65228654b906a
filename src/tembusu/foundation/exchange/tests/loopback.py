"""A system as an organisation may have one: it listens on this machine and checks signatures.

It is written as the how-to tells people to write theirs, from the header's definition alone: it shares
no code with what signs.
"""

import hashlib
import hmac
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass
class System:
    """What came in, and how it answers: ``statuses`` in turn, the last one for ever."""

    secret: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    came: list[tuple[dict[str, str], bytes, bool]] = field(default_factory=list)
    url: str = ""

    def is_genuine(self, headers: dict[str, str], body: bytes) -> bool:
        timestamp = headers["Tembusu-Timestamp"]
        if abs(time.time() - int(timestamp)) > 300:
            return False
        expected = hmac.new(
            self.secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256
        ).hexdigest()
        given = headers["Tembusu-Signature"].split(",")
        return any(hmac.compare_digest(f"v1={expected}", one) for one in given)


class _Listening(HTTPServer):
    system: System


class _Handler(BaseHTTPRequestHandler):
    server: _Listening

    def do_POST(self):
        system = self.server.system
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = dict(self.headers.items())
        system.came.append((headers, body, system.is_genuine(headers, body)))
        status = system.statuses[min(len(system.came), len(system.statuses)) - 1]
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", system.url)
        self.end_headers()
        self.wfile.write(b"thank you" if status < 300 else b"not now")

    def log_message(self, *said):
        pass


def listen():
    """Yield a system that listens until the test ends."""
    server = _Listening(("127.0.0.1", 0), _Handler)
    system = server.system = System(url=f"http://127.0.0.1:{server.server_port}/hook?of=tembusu")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
