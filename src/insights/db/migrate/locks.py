"""What a statement locks and changes, read from its text.

PostgreSQL's manual, "Explicit Locking" and the pages of the commands, says which statement takes which lock. Only locks
on tables that stood before count: nobody waits for a table that the same migration makes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MODES = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)  # weakest first

_DECLARED = re.compile(r"^-- locks: (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_BODY = re.compile(r"\$(\w*)\$(?P<body>.*?)\$\1\$", re.DOTALL)
_NAME = r'(?:\w+\.)?"?(\w++)"?'  # a schema is left out: no name stands in two of them here
_WORDS_AFTER_FROM = {"select", "lateral", "unnest", "jsonb_each", "only", "pg_constraint", "pg_class", "new", "old"}


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a table, by the name that PostgreSQL gives the mode."""

    table: str
    mode: str

    @property
    def strength(self) -> int:
        """Its place among the modes: 0 is the weakest."""
        return MODES.index(self.mode)

    @property
    def stops(self) -> str:
        """Which of the app's statements wait while it is held."""
        if self.mode == "ACCESS EXCLUSIVE":
            return "reads and writes"
        return "writes" if self.strength >= MODES.index("SHARE") else "nothing"


_Rule = tuple[re.Pattern[str], tuple[tuple[int, str], ...]]


def _rule(pattern: str, *locks: tuple[int, str]) -> _Rule:
    return re.compile(pattern.replace("NAME", _NAME), re.IGNORECASE | re.DOTALL), locks


# The first rule that fits a statement decides; each gives the groups of its pattern and the modes on them.
_RULES: tuple[_Rule, ...] = (
    _rule(r"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?NAME\s+VALIDATE CONSTRAINT", (1, "SHARE UPDATE EXCLUSIVE")),
    _rule(
        r"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?NAME\s+ADD (?:CONSTRAINT \w+ )?FOREIGN KEY", (1, "SHARE ROW EXCLUSIVE")
    ),
    _rule(
        r"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?NAME\s+(?:ENABLE|DISABLE) (?:REPLICA |ALWAYS )?TRIGGER",
        (1, "SHARE ROW EXCLUSIVE"),
    ),
    _rule(r"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?NAME", (1, "ACCESS EXCLUSIVE")),
    _rule(r"^CREATE (?:UNIQUE )?INDEX CONCURRENTLY .*? ON (?:ONLY )?NAME", (1, "SHARE UPDATE EXCLUSIVE")),
    _rule(r"^CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?NAME", (1, "SHARE")),
    _rule(r"^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER .*? ON NAME", (1, "SHARE ROW EXCLUSIVE")),
    _rule(r"^DROP TRIGGER .*? ON NAME", (1, "ACCESS EXCLUSIVE")),
    _rule(r"^DROP TABLE (?:IF EXISTS )?NAME", (1, "ACCESS EXCLUSIVE")),
    _rule(r"^LOCK TABLE (?:ONLY )?NAME", (1, "ACCESS EXCLUSIVE")),
)
_REFERENCE = re.compile(rf"REFERENCES {_NAME}", re.IGNORECASE)
_WRITTEN = re.compile(rf"\b(?:INSERT INTO|UPDATE(?! OF| SET)|DELETE FROM) {_NAME}", re.IGNORECASE)
_READ = re.compile(rf"\b(?:FROM|JOIN) {_NAME}(?!\s*\()", re.IGNORECASE)
_ROW_LOCK = re.compile(r"\bFOR (?:NO KEY UPDATE|KEY SHARE|UPDATE|SHARE)\b", re.IGNORECASE)
_ALTERED = re.compile(rf"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_NAME}(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_MADE = re.compile(
    rf"\bCREATE (?:OR REPLACE )?(?P<kind>TABLE|VIEW|TYPE|FUNCTION) (?:IF NOT EXISTS )?{_NAME}", re.IGNORECASE
)


def declared(text: str) -> tuple[Lock, ...]:
    """What the `-- locks: TABLE MODE, TABLE MODE` line of a migration declares; `none` declares that there are none."""
    found = []
    for line in _DECLARED.findall(text):
        for part in line.split(","):
            table, _, mode = part.strip().partition(" ")
            if mode:
                found.append(Lock(table, mode))
    return tuple(found)


def statements(text: str) -> Iterator[str]:
    """The statements of some SQL without comments and literals; those inside a DO block stand for the block.

    The body of a function takes no lock when the function is made, so it is left out.
    """
    text = _COMMENT.sub("", text)
    inside: list[str] = []

    def replace(match: re.Match[str]) -> str:
        before = text[: match.start()].rstrip().rsplit(";", 1)[-1].split()
        if before and before[-1].upper() == "DO":
            inside.append(re.sub(r"\b(?:BEGIN|THEN|ELSE|LOOP|DECLARE)\b", ";", match["body"], flags=re.IGNORECASE))
        return "''"

    outside = _BODY.sub(replace, text)
    for part in [outside, *inside]:
        for statement in _LITERAL.sub("''", part).split(";"):
            words = " ".join(statement.split())
            if words and words.upper() not in ("END", "END IF", "END LOOP", "DO ''"):
                yield words


def derive(text: str, standing: Iterable[str]) -> tuple[Lock, ...]:
    """The strongest lock that some SQL takes on each of the tables in `standing`, strongest first."""
    known = set(standing)
    strongest: dict[str, Lock] = {}
    for statement in statements(text):
        for lock in _of_statement(statement):
            held = strongest.get(lock.table)
            if lock.table in known and (held is None or lock.strength > held.strength):
                strongest[lock.table] = lock
    return tuple(sorted(strongest.values(), key=lambda lock: (-lock.strength, lock.table)))


def _of_statement(statement: str) -> Iterator[Lock]:
    for pattern, locks in _RULES:
        if match := pattern.search(statement):
            yield from (Lock(match[group].lower(), mode) for group, mode in locks)
            break
    for match in _REFERENCE.finditer(statement):
        yield Lock(match[1].lower(), "SHARE ROW EXCLUSIVE")
    for match in _WRITTEN.finditer(statement):
        yield Lock(match[1].lower(), "ROW EXCLUSIVE")
    read = "ROW SHARE" if _ROW_LOCK.search(statement) else "ACCESS SHARE"
    for table in sources(statement):
        yield Lock(table, read)


def sources(text: str) -> tuple[str, ...]:
    """The tables that some SQL reads."""
    found = (match[1].lower() for statement in statements(text) for match in _READ.finditer(statement))
    return tuple(dict.fromkeys(name for name in found if name not in _WORDS_AFTER_FROM))


def moves_rows(text: str) -> bool:
    """Whether some SQL writes rows that it reads from tables."""
    return any(_WRITTEN.search(statement) for statement in statements(text))


def changed_columns(text: str) -> dict[str, str]:
    """Tables whose columns some SQL changes: "added" breaks a prepared `SELECT *`, "retyped" any prepared statement."""
    found: dict[str, str] = {}
    for statement in statements(text):
        if not (match := _ALTERED.match(statement)):
            continue
        table, rest = match[1].lower(), match["rest"].upper()
        if re.search(r"ALTER (COLUMN )?\S+ (SET DATA )?TYPE|DROP COLUMN", rest):
            found[table] = "retyped"
        elif "ADD COLUMN" in rest:
            found.setdefault(table, "added")
    return found


def referenced(text: str) -> tuple[str, ...]:
    """The tables that foreign keys of some SQL refer to: from then on a TRUNCATE of one needs CASCADE."""
    found = (match[1].lower() for statement in statements(text) for match in _REFERENCE.finditer(statement))
    return tuple(dict.fromkeys(found))


def made(text: str, *kinds: str) -> tuple[str, ...]:
    """Names of the objects that some SQL makes; `kinds` are table, view, type, function."""
    found = (match for statement in statements(text) for match in _MADE.finditer(statement))
    return tuple(dict.fromkeys(m[2].lower() for m in found if m["kind"].lower() in kinds))
