"""Where the SQL, prompt and job files are: inside the installed wheel, or in the repository."""

from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """The folder that holds `sql/`, `prompts/` and `jobs/`.

    A wheel carries them as `insights/_assets`; an editable install reads the repository itself.
    """
    packaged = Path(__file__).parent / "_assets"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def path(*parts: str) -> Path:
    """The path of one asset, for example `path("sql", "queries", "sets.sql")`."""
    return root().joinpath(*parts)


@cache
def text(*parts: str) -> str:
    """The text of one asset, read once."""
    return path(*parts).read_text(encoding="utf-8")
