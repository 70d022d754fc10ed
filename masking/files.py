"""Files and pipes that are masked: read as UTF-8, streamed when they are long, written whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .errors import MaskingError

if TYPE_CHECKING:
    from .masker import Masker

WHOLE = 4 << 20  # bytes: a longer file is masked as a stream
_PIECE = 1 << 16
_BOM = b"\xef\xbb\xbf"
SUFFIXES = (
    ".txt",
    ".json",
    ".ndjson",
    ".jsonl",
    ".csv",
    ".tsv",
    ".xml",
    ".hl7",
    ".md",
    ".log",
    ".html",
    ".x12",
    ".edi",
)


def read(path: Path) -> bytes:
    """The bytes of a file. Raises MaskingError HM020 when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def is_long(path: Path) -> bool:
    """Whether a file is to be streamed. Raises MaskingError HM020 when it cannot be looked at."""
    try:
        return path.stat().st_size > WHOLE
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> MaskingError:
    return MaskingError("HM020", f"{path} cannot be read: {error.strerror}", "give a readable file, or -")


def decoded(data: bytes, name: str) -> str:
    """The text of a file. Raises MaskingError HM020 with the first byte that is no UTF-8."""
    try:
        return data.decode("utf-8-sig" if data.startswith(_BOM) else "utf-8")
    except UnicodeDecodeError as error:
        raise _no_text(name, error.start) from error


def _no_text(name: str, byte: int) -> MaskingError:
    return MaskingError("HM020", f"{name} is not UTF-8 at byte {byte}", "convert it, or leave it out")


def pieces(file: IO[bytes], name: str, seen: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """The text of a file in pieces, as they come; `seen` is told how many bytes were read."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    while True:
        piece = os.read(file.fileno(), _PIECE)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise _no_text(name, done - pending + error.start) from error
        yield text.removeprefix("\ufeff") if done == 0 else text
        if not piece:
            return
        done += len(piece)
        seen(done)


def stream(
    file: IO[bytes], name: str, masker: Masker, put: Callable[[str], None], seen: Callable[[int], None] = lambda _: None
) -> Counter[str]:
    """Mask a file as it comes; how many values of each kind were masked."""
    masking = masker.stream()
    for piece in pieces(file, name, seen):
        put(masking.feed(piece))
    put(masking.close())
    return masking.counts


def show(text: str) -> None:
    """Write to standard output, in UTF-8 whatever the locale, line ends as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def written(path: Path) -> Iterator[Callable[[str], None]]:
    """A file that is there when all of it is written, and not before. Raises MaskingError HM023.

    A device or a pipe is written to as it is; of a link, the file that it stands for.
    """
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file() and not path.is_dir()):
        with _into(path) as put:
            yield put
        return
    path = path.resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    draft = Path(name)
    try:
        os.close(handle)
        with draft.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:

            def put(text: str) -> None:
                file.write(text)

            try:
                yield put
                file.flush()
            except OSError as error:
                raise _unwritable(path, error) from error
        _settle(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _into(path: Path) -> Iterator[Callable[[str], None]]:
    """A device or a pipe to write to."""
    try:
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:

            def put(text: str) -> None:
                file.write(text)

            yield put
    except OSError as error:
        raise _unwritable(path, error) from error


def refuse_same(reads: Iterable[str], writes: Iterable[str]) -> None:
    """Raise MaskingError HM021 when a file that is read would be written, or one file twice."""
    taken = [Path(name) for name in reads]
    for name in writes:
        path = Path(name)
        if path.exists() and not path.is_file():
            continue
        if any(_is_same(path, other) for other in taken):
            raise MaskingError("HM021", f"{path} would be overwritten", "write somewhere else")
        taken.append(path)


def _is_same(one: Path, two: Path) -> bool:
    if one.exists() and two.exists():
        return two.samefile(one) or (two.is_dir() and two.resolve() in one.resolve().parents)
    return one.resolve() == two.resolve()


def _settle(draft: Path, path: Path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    try:
        draft.chmod(0o666 & ~mask)
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> MaskingError:
    return MaskingError("HM023", f"{path} cannot be written: {error.strerror}", "give another --output")


def write(path: Path, content: str) -> None:
    """Write a file, all of it or nothing. Raises MaskingError HM023."""
    with written(path) as put:
        put(content)
