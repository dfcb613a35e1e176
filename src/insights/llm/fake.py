"""A fake endpoint for tests: a real HTTP server on loopback that speaks chat, files and batches, faults included.

    with FakeEndpoint(lambda request: answer_text) as fake:
        ask_all(Endpoint(url=fake.url, model="fake"), calls, on_reply)

`respond` is called for each question with its JSON body, whether it comes by chat or as a line of a batch, and returns
the answer's text or a `Fault`. `batches=None` makes an endpoint without /v1/files and /v1/batches.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from insights.llm.fake_batches import HANG_UP, FakeBatches, Response

NOT_FOUND: Final = Response(404, {"error": {"message": "not found"}})


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
    usage: tuple[int, int] | None = (100, 20)  # tokens of the prompt and of the completion; None: it does not count


Respond = Callable[[dict[str, Any]], str | Fault]


@dataclass
class FakeEndpoint:
    """The server. `requests` holds every question that came in, in order of arrival; `most_at_once` the peak."""

    respond: Respond
    model: str = "fake"
    batches: FakeBatches | None = field(default_factory=FakeBatches)
    requests: list[dict[str, Any]] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0

    def __enter__(self) -> Self:
        self._lock, self._batch_lock = threading.Lock(), threading.Lock()
        if self.batches is not None:
            self.batches.ask = self.line
        self._server = _Server(("127.0.0.1", 0), _handler(self))
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
        """How to answer a question: the fault (an empty one for a good answer) and the body."""
        with self._lock:
            self.requests.append(body)
            number = len(self.requests)
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
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": 0,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": fault.finish_reason}],
            "usage": _usage(fault.usage),
        }

    def chat(self, body: dict[str, Any]) -> Response:
        """What a chat request gets."""
        fault, payload = self.answer(body)
        headers = {"retry-after": fault.retry_after} if fault.retry_after else {}
        return (
            HANG_UP if fault.hang_up else Response(fault.status, payload if fault.raw is None else fault.raw, headers)
        )

    def line(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What a batch's line gets: status and body."""
        fault, payload = self.answer(body)
        return fault.status, payload

    def route(self, method: str, target: str, content_type: str, data: bytes) -> Response:
        """What any request gets."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if (method, path) == ("POST", "/v1/chat/completions"):
            return self.chat(json.loads(data))
        if (method, path) == ("GET", "/v1/models"):
            model = {"id": self.model, "object": "model", "created": 0, "owned_by": "fake"}
            return Response(200, {"object": "list", "data": [model]})
        if self.batches is not None:
            with self._batch_lock:
                parts = path.removeprefix("/v1/").split("/")
                return self.batches.route(method, parts, query, content_type, data) or NOT_FOUND
        return NOT_FOUND


def _usage(tokens: tuple[int, int] | None) -> dict[str, int] | None:
    if tokens is None:
        return None
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # as many may connect at once


def _handler(fake: FakeEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave together

        def _serve(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length") or 0))
            response = fake.route(self.command, self.path, self.headers.get("content-type") or "", data)
            if response is HANG_UP:
                self.close_connection = True
                return
            self._send(response)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names are http.server's

        def _send(self, response: Response) -> None:
            payload = response.payload
            data = payload if isinstance(payload, bytes) else _text(payload).encode()
            self.send_response(response.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    return Handler


def _text(payload: Any) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload)
