"""A real browser for pages: headless Chromium over the DevTools protocol on a pipe, without any further package."""

import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
COMMANDS_FD, ANSWERS_FD = 3, 4  # the protocol's own choice


def program() -> str | None:
    """The browser of this machine, if it has one."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Page:
    """One page. `complaints` are the errors of its console and what it tried to fetch from elsewhere."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._buffer, self._sent = b"", 0
        self._session: str | None = None
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, file: Path, *, width: int) -> None:
        """Show a file in a viewport of this width."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        self._call("Page.navigate", url=file.as_uri())
        self._await("Page.loadEventFired")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        told = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def picture(self, file: Path) -> None:
        """Save the whole page as a PNG."""
        told = self._call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(b64decode(told["data"]))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._sent:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _await(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._answers, 1 << 16)
            assert part, "the browser has ended"
            self._buffer += part
        raw, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(raw)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, event: str | None, told: dict[str, Any]) -> None:
        if event == "Runtime.exceptionThrown" or (
            event == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning")
        ):
            self.complaints.append(json.dumps(told))
        if event == "Network.requestWillBeSent" and not told["request"]["url"].startswith(("file:", "data:", "about:")):
            self.complaints.append(f"fetches {told['request']['url']}")


@contextmanager
def browsing(chromium: str, profile: Path) -> Iterator[Page]:
    """A page in a browser with a profile of its own, ended afterwards."""
    commands_in, commands = os.pipe()
    answers, answers_out = os.pipe()

    def place_pipes() -> None:
        first, second = os.dup(commands_in), os.dup(answers_out)
        os.dup2(first, COMMANDS_FD)
        os.dup2(second, ANSWERS_FD)

    process = subprocess.Popen(
        [chromium, *FLAGS, f"--user-data-dir={profile}"],
        preexec_fn=place_pipes,  # noqa: PLW1509 - no thread runs here, and nothing else can place two pipes
        pass_fds=(COMMANDS_FD, ANSWERS_FD),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(commands_in)
    os.close(answers_out)
    try:
        yield Page(commands, answers)
    finally:
        process.terminate()
        process.wait()
        os.close(commands)
        os.close(answers)
