"""The files and batches of the fake endpoint, with what has been seen to go wrong with real ones.

A batch is answered when it is created and can be fetched after `looks` looks at it. Lines are counted from 0.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]  # a line's body -> status and body of the response


@dataclass(frozen=True, slots=True)
class Response:
    """What a request gets; bytes and text go as they are, all else as JSON."""

    status: int
    payload: Any
    headers: dict[str, str] = field(default_factory=dict)


HANG_UP: Final = Response(0, "")  # the connection is closed without a word


@dataclass
class FakeBatches:
    """Files and batches in memory. The faults hold for every batch that is created while they are set."""

    looks: int = 0  # so many looks find it in progress
    status: str = "completed"  # or failed, expired, cancelled
    expires_at: int | None = None  # this line and those after it are in the error file as batch_expired
    missing: Collection[int] = ()  # in neither file
    status_0: Collection[int] = ()  # a response with status_code 0
    twice: Collection[int] = ()  # in the output twice
    swapped: bool = False  # each answer stands under the custom_id of the line before
    no_output: bool = False  # completed, and without an output file
    empty_ids: bool = False  # a file that is not there has the id "" rather than null
    lost_creates: int = 0  # so many creates are done without an answer
    unheard_creates: int = 0  # so many creates are refused with 503
    refuses: int = 0  # a status for every upload, e.g. 413
    files: dict[str, bytes] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)  # as the server tells of them, newest last
    ask: Answer = lambda _: (500, {})

    def route(
        self, method: str, parts: list[str], query: dict[str, list[str]], content_type: str, data: bytes
    ) -> Response | None:
        """What a request under /v1/files or /v1/batches gets; None where there is no such thing."""
        response: Response | None = None
        match method, parts:
            case "POST", ["files"]:
                response = self._upload(content_type, data)
            case "GET", ["files", file_id, "content"] if file_id in self.files:
                response = Response(200, self.files[file_id])
            case "DELETE", ["files", file_id] if file_id in self.files:
                del self.files[file_id]
                response = Response(200, {"id": file_id, "object": "file", "deleted": True})
            case "POST", ["batches"]:
                response = self._create(json.loads(data))
            case "GET", ["batches"]:
                response = self._list(query)
            case "GET", ["batches", batch_id]:
                response = self._look(batch_id)
        return response

    def _upload(self, content_type: str, data: bytes) -> Response:
        if self.refuses:
            return Response(self.refuses, {"error": {"message": "the file is refused"}})
        boundary = b"--" + content_type.split("boundary=")[1].strip('"').encode()
        parts = [part.partition(b"\r\n\r\n") for part in data.split(boundary)]
        content = next(body.removesuffix(b"\r\n") for head, _, body in parts if b'name="file"' in head)
        file_id = self._keep(content)
        told = {"id": file_id, "object": "file", "bytes": len(content), "created_at": 0, "status": "processed"}
        return Response(200, {**told, "filename": "input.jsonl", "purpose": "batch"})

    def _create(self, asked: dict[str, Any]) -> Response:
        if self.unheard_creates:
            self.unheard_creates -= 1
            return Response(503, {"error": {"message": "not now"}})
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        output, errors = self._results(lines) if self.status != "failed" else ([], [])
        nothing = "" if self.empty_ids else None
        batch = {
            "id": f"batch_{len(self.made) + 1}", "object": "batch", "endpoint": asked["endpoint"], "created_at": 0,
            "input_file_id": asked["input_file_id"], "completion_window": "24h", "status": self.status,
            "metadata": asked.get("metadata"), "looks": self.looks,
            "output_file_id": self._keep(_jsonl(output)) if output and not self.no_output else nothing,
            "error_file_id": self._keep(_jsonl(errors)) if errors else nothing,
        }  # fmt: skip
        self.made.append(batch)
        if self.lost_creates:
            self.lost_creates -= 1
            return HANG_UP
        return Response(200, _told(batch))

    def _results(self, lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        output, errors = [], []
        for number, line in enumerate(lines):
            if self.expires_at is not None and number >= self.expires_at:
                expired = {"code": "batch_expired", "message": "This request could not be executed before the end."}
                errors.append({"id": f"r{number}", "custom_id": line["custom_id"], "response": None, "error": expired})
                continue
            if number in self.missing:
                continue
            status, body = (0, None) if number in self.status_0 else self.ask(line["body"])
            response = {"status_code": status, "request_id": f"req-{number}", "body": body}
            result = {"id": f"r{number}", "custom_id": line["custom_id"], "response": response, "error": None}
            output += [result, result] if number in self.twice else [result]
        if self.swapped:
            ids = [result["custom_id"] for result in output]
            output = [{**result, "custom_id": ids[i - 1]} for i, result in enumerate(output)]
        return output[::-1], errors  # in any order, the documentation says

    def _list(self, query: dict[str, list[str]]) -> Response:
        newest_first = self.made[::-1]
        after, limit = query.get("after", [""])[0], int(query.get("limit", ["20"])[0])
        start = next((i + 1 for i, batch in enumerate(newest_first) if batch["id"] == after), 0)
        page = [_told(batch) for batch in newest_first[start : start + limit]]
        return Response(200, {"object": "list", "data": page, "has_more": start + limit < len(newest_first)})

    def _look(self, batch_id: str) -> Response | None:
        for batch in self.made:
            if batch["id"] == batch_id:
                told = _told(batch)
                batch["looks"] = max(0, batch["looks"] - 1)
                return Response(200, told)
        return None

    def _keep(self, content: bytes) -> str:
        file_id = f"file-{len(self.files) + 1}-{abs(hash(content))}"
        self.files[file_id] = content
        return file_id


def _told(batch: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in batch.items() if name != "looks"}
    if batch["looks"]:
        return shown | {"status": "in_progress", "output_file_id": None, "error_file_id": None}
    return shown


def _jsonl(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
