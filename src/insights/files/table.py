"""A CSV file as records with the exact line each begins on; what cannot be read is a problem of its own line.

One bad quote must not swallow the rest of a file: after a record that cannot be read, reading goes on with the
next physical line.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from insights.errors import BadInput

DELIMITERS = ",;\t|"
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file: its first physical line (from 1), its text and fields, and why it cannot be used, if so."""

    line: int
    text: str
    fields: tuple[str, ...]
    column: str = ""  # the column of the problem, as the file spells it
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file with its header; `records` holds every row that is not blank, good or bad, in the file's order."""

    file_name: str
    sha256: str
    delimiter: str
    header: tuple[str, ...]
    records: tuple[Record, ...]


def read_table(path: Path) -> Table:
    """Read a CSV file: any usual delimiter, byte order mark, line ends, and quoted line breaks.

    Raises:
        BadInput: the file cannot be opened, is empty, is not text, or has no row of column names.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    lines = _lines(path, content)
    if not any(line.strip() for line in lines):
        raise BadInput(f"{path} is empty: line 1 should hold the column names of a Hevy, Strong or FitNotes export")
    delimiter = _delimiter(lines)
    first = next(index for index, line in enumerate(lines) if line.strip())
    head = next(_records(lines[first:], delimiter, first, ()))
    if head.problem:
        raise BadInput(f"{path}, line {head.line}: the column names cannot be read: {head.problem}")
    header = tuple(name.strip() for name in head.fields)
    body = first + head.text.count("\n") + (0 if head.text.endswith("\n") else 1)
    records = tuple(_records(lines[body:], delimiter, body, header))
    return Table(path.name, sha256(content).hexdigest(), delimiter, header, records)


def _lines(path: Path, content: bytes) -> list[str]:
    encoding = BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig")
    if encoding == "utf-8-sig" and b"\x00" in content.partition(b"\n")[0]:
        raise BadInput(f"{path} is not a text file: line 1 holds a NUL byte")
    # bytes that are no text become lone surrogates, so that the record that holds them can be named
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    text = content.decode(encoding, errors=errors)
    return list(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="\n"))


def _delimiter(lines: list[str]) -> str:
    """The delimiter that cuts the header into the most fields."""
    head = next(line for line in lines if line.strip())
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([head], delimiter=mark), [])))


def _records(lines: list[str], delimiter: str, before: int, header: tuple[str, ...]) -> Iterator[Record]:
    """The records of `lines`, which follow `before` physical lines; without a header only the first that is not blank.

    A line that the CSV rules cannot read, or whose stray quote has joined the lines after it, is a bad record by itself
    and reading starts anew after it.
    """
    position = 0
    while position < len(lines):
        reader = csv.reader((lines[i] for i in range(position, len(lines))), delimiter=delimiter, strict=True)
        begin = position
        try:
            for fields in reader:
                end = position + reader.line_num
                record = _checked(Record(before + begin + 1, "".join(lines[begin:end]), tuple(fields)), header)
                if record.problem and end - begin > 1:
                    first_line = (lines[begin].rstrip("\n"),)
                    yield replace(record, text=lines[begin], fields=first_line)
                    break
                begin = end
                if any(field.strip() for field in fields):
                    yield record
                    if not header:
                        return
            else:
                return
        except csv.Error as error:
            yield _unreadable(lines[begin], delimiter, before + begin + 1, header, str(error))
        position = begin + 1


def _checked(record: Record, header: tuple[str, ...]) -> Record:
    for index, field in enumerate(record.fields):
        bad = next((c for c in field if c == "\x00" or "\ud800" <= c <= "\udfff"), None)
        if bad is not None:
            name = header[index] if index < len(header) else f"column {index + 1}"
            what = "a NUL character" if bad == "\x00" else "bytes that are not UTF-8 text"
            return _with_problem(record, name, f"holds {what}")
    if not header or not any(field.strip() for field in record.fields):
        return record
    count, expected = len(record.fields), len(header)
    if count < expected:
        return _with_problem(
            record, header[count], f"is missing: the row ends after {count} of {expected} columns; is the file cut off?"
        )
    if any(field.strip() for field in record.fields[expected:]):
        return _with_problem(record, header[-1], f"is followed by more: the row has {count} columns, not {expected}")
    return record


def _with_problem(record: Record, column: str, problem: str) -> Record:
    text = record.text.encode("utf-8", errors="backslashreplace").decode().replace("\x00", "\\x00")
    return replace(record, text=text, column=column, problem=problem)


def _unreadable(text: str, delimiter: str, line: int, header: tuple[str, ...], reason: str) -> Record:
    """A line that the CSV rules cannot cut into fields, with the column where they fail."""
    at = _bad_field(text, delimiter)
    column = header[min(at, len(header) - 1)] if header else f"column {at + 1}"
    if "end of data" in reason:
        problem = "opens a quote that is never closed; is the file cut off?"
    elif "field larger" in reason:
        problem = "is too long; is a quote missing?"
    else:
        problem = "has text after its closing quote"
    return _with_problem(Record(line, text, (text.rstrip("\n"),)), column, problem)


def _bad_field(text: str, delimiter: str) -> int:
    """The index of the first field that is neither plain nor closed by its quote."""
    end = f"(?:{re.escape(delimiter)}|\n|$)"
    good = re.compile(f'(?:"(?:[^"]|"")*"|(?!")[^{re.escape(delimiter)}\n]*){end}')
    index = position = 0
    while position < len(text) and (match := good.match(text, position)) is not None:
        position = match.end()
        index += 1
    return index
