"""A fake endpoint for tests: a real HTTP server on loopback that speaks `/v1/chat/completions`, faults included.

    with FakeEndpoint(lambda request: answer_text) as fake:
        ask_all(Endpoint(url=fake.url, model="fake"), calls, on_reply)

`respond` is called for each request with its JSON body and returns the answer's text or a `Fault`.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is no answer. The defaults make an empty 200."""

    status: int = 200
    code: str | None = None  # the error's code, e.g. "insufficient_quota"
    retry_after: str | None = None
    delay_s: float = 0.0
    finish_reason: str = "stop"  # "length", "content_filter"
    text: str | None = None
    refusal: str | None = None
    hang_up: bool = False  # close the connection without a word
    raw: str | None = None  # a body of any kind


Respond = Callable[[dict[str, Any]], str | Fault]


@dataclass
class FakeEndpoint:
    """The server. `requests` holds every body that came in, in order of arrival; `most_at_once` the peak."""

    respond: Respond
    model: str = "fake"
    requests: list[dict[str, Any]] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The base URL, as a client wants it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def answer(self, body: dict[str, Any]) -> tuple[Fault, dict[str, Any]]:
        """How to answer a request: the fault (an empty one for a good answer) and the body."""
        with self._lock:
            self.requests.append(body)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            given = self.respond(body)
            fault = given if isinstance(given, Fault) else Fault(text=given)
            time.sleep(fault.delay_s)
        finally:
            with self._lock:
                self._at_once -= 1
        if fault.status != 200:
            return fault, {"error": {"message": f"fault {fault.status}", "type": "fault", "code": fault.code}}
        message = {"role": "assistant", "content": fault.text, "refusal": fault.refusal}
        return fault, {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 0,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": fault.finish_reason}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }


def _handler(fake: FakeEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path != "/v1/models":
                self._send(404, {"error": {"message": "not found"}})
                return
            self._send(
                200,
                {"object": "list", "data": [{"id": fake.model, "object": "model", "created": 0, "owned_by": "fake"}]},
            )

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            fault, payload = fake.answer(body)
            if fault.hang_up:
                self.close_connection = True
                return
            headers = {"retry-after": fault.retry_after} if fault.retry_after else {}
            self._send(fault.status, payload if fault.raw is None else fault.raw, headers)

        def _send(self, status: int, payload: dict[str, Any] | str, headers: dict[str, str] | None = None) -> None:
            data = (payload if isinstance(payload, str) else json.dumps(payload)).encode()
            self.send_response(status)
            for name, value in {
                "content-type": "application/json",
                "content-length": str(len(data)),
                **(headers or {}),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    return Handler
