"""Imports go down only; the pure rooms do no I/O."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import insights

ROOT = Path(insights.__file__).parent
SOURCES = sorted(path for path in ROOT.rglob("*.py") if "_assets" not in path.parts)
# A room may import its own and the rooms below it.
ABOVE = {
    "cli": {"pipeline", "audit", "simulate", "report", "db", "llm", "files", "science", "narrative"},
    "pipeline": {"db", "llm", "files", "science", "narrative"},
    "audit": {"db", "science", "narrative"},
    "simulate": {"db", "science"},
    "report": {"science", "narrative"},
    "db": set(),
    "llm": set(),
    "files": set(),
    "science": set(),
    "narrative": set(),
}
LEVEL_OF_FRAMES = {"frames", "ids", "rounding", "data_types", "errors", "lifts", "lift_names", "catalogue", "zones"}
FOR_ALL_BUT_PURE = {"assets", "settings"}
SETTINGS_ONLY_AS_A_TYPE = {"db"}
PURE = ("science", "narrative", "frames", "ids", "rounding", "data_types", "lifts", "lift_names", "catalogue")
IMPURE = {
    "os", "io", "sys", "pathlib", "time", "random", "secrets", "uuid.uuid4", "subprocess", "socket", "logging",
    "shutil", "tempfile", "psycopg", "adbc_driver_postgresql", "duckdb", "openai", "httpx2", "jinja2", "typer",
    "rich", "asyncio",
}  # fmt: skip


def room(path: Path) -> str:
    part = path.relative_to(ROOT).parts[0]
    return part.removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_there_is_something_to_check() -> None:
    assert {room(path) for path in SOURCES} >= set(ABOVE) - {"audit"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    own = room(path)
    allowed = ABOVE.get(own, set()) | {own, "__version__"} | LEVEL_OF_FRAMES
    if own not in PURE:
        allowed |= FOR_ALL_BUT_PURE
    used = {name.split(".")[1] for name in imports(path) if name.startswith("insights.")}
    assert used <= allowed


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if room(path) in PURE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_pure_rooms_import_no_io_no_clock_no_chance(path: Path) -> None:
    found = {name for name in imports(path) if name.split(".")[0] in IMPURE or name in IMPURE}
    assert not found


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if room(path) in PURE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_pure_rooms_read_no_clock_and_open_no_file(path: Path) -> None:
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {
        "now",
        "utcnow",
        "today",
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "default_rng",
        "print",
    }
