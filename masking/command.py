"""The command `mask`: text, JSON, NDJSON or CSV in, masked out; files, pipes and directories."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

    from .masker import Masker

_SUFFIXES = (
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
_PIECE = 1 << 16


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mask` to a command line."""
    parser = subparsers.add_parser(
        "mask",
        help="mask what identifies people in text, JSON or CSV",
        description="Mask what identifies people. Exit 0, or 2 when something cannot be read.",
    )
    parser.add_argument("file", nargs="?", default="-", metavar="FILE|DIR|-", help="- reads standard input")
    parser.add_argument(
        "--kinds",
        default="all",
        metavar="KINDS",
        help="kinds, comma separated; kind=method picks a method: all,date=generalize,name=token (default: all)",
    )
    parser.add_argument("--ner", default="default", metavar="ENGINE", help="default, own, spacy, both or none")
    parser.add_argument("--key-file", metavar="FILE", help="the key of tokens and shifts; without it a fresh one")
    parser.add_argument("-o", "--output", metavar="FILE|DIR", help="where to write; a directory needs one")
    parser.add_argument("--report", metavar="FILE", help="write what was masked (no values) as JSON")
    parser.add_argument("--html", metavar="FILE", help="write original and masked side by side: it holds the originals")
    parser.add_argument("--explain", action="store_true", help="say on stderr which detector proposed what, and where")
    parser.set_defaults(run=mask)


def mask(options: argparse.Namespace) -> int:
    """Mask a file, a pipe or a directory. Exit 0; MaskingError (exit 2) for bad options or unreadable input."""
    from .side_by_side import Pages

    masker = _masker(options)
    pages = Pages() if options.html or options.report else None
    source = Path(options.file)
    if options.file != "-" and source.is_dir():
        _directory(source, options, masker, pages)
    else:
        _single(options, masker, pages)
    if pages is not None:
        if options.report:
            _write(Path(options.report), pages.report(masker.plan))
        if options.html:
            _write(Path(options.html), pages.html())
    return 0


def _masker(options: argparse.Namespace) -> Masker:
    import secrets

    from .masker import Masker

    key = _read(Path(options.key_file)) if options.key_file else secrets.token_bytes(32)
    return Masker(plan_of(options.kinds), key, ner=options.ner)


def _single(options: argparse.Namespace, masker: Masker, pages: object) -> None:
    """One file or the pipe: streamed when nothing needs it whole, else masked at once."""
    from .side_by_side import Pages

    whole = isinstance(pages, Pages) or options.explain or options.output
    if options.file == "-" and not whole:
        _stream(masker)
        return
    data = sys.stdin.buffer.read() if options.file == "-" else _read(Path(options.file))
    text = _text(data, options.file)
    masked = masker.mask_text(text)
    if options.explain:
        _explain(options.file, text, masker)
    if isinstance(pages, Pages):
        pages.add(options.file, text, masked)
    if options.output:
        _write(Path(options.output), masked.value)
    else:
        sys.stdout.write(masked.value)


def _stream(masker: Masker) -> None:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    stream = masker.stream()
    try:
        while piece := os.read(sys.stdin.fileno(), _PIECE):
            sys.stdout.write(stream.feed(decoder.decode(piece)))
            sys.stdout.flush()
        sys.stdout.write(stream.feed(decoder.decode(b"", final=True)) + stream.close())
    except UnicodeDecodeError as error:
        raise _unreadable("standard input", error) from error


def _directory(source: Path, options: argparse.Namespace, masker: Masker, pages: object) -> None:
    from collections import Counter

    from .errors import MaskingError
    from .side_by_side import Pages

    if not options.output:
        raise MaskingError("HM021", f"{source} is a directory, and no output was given", "use --output DIR")
    target = Path(options.output)
    if target.resolve() == source.resolve() or source.resolve() in target.resolve().parents:
        raise MaskingError("HM021", "the output lies inside the directory that is masked", "write somewhere else")
    files = sorted(path for path in source.rglob("*") if path.is_file())
    counts: Counter[str] = Counter()
    for number, path in enumerate(files, 1):
        if path.suffix.lower() not in _SUFFIXES:
            raise MaskingError(
                "HM022", f"{path} is not text that can be masked", f"give only {' '.join(_SUFFIXES)} files"
            )
        text = _text(_read(path), str(path))
        masked = masker.mask_text(text)
        if isinstance(pages, Pages):
            pages.add(str(path.relative_to(source)), text, masked)
        _write(target / path.relative_to(source), masked.value)
        counts.update(masked.counts)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number}/{len(files)} files")
    sys.stderr.write(f"{_summary(counts)} in {len(files)} files\n" if not sys.stderr.isatty() else "\n")


def _summary(counts: Counter[str]) -> str:
    return "masked " + (", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "nothing")


def _explain(name: str, text: str, masker: Masker) -> None:
    """Which detector proposed which stretch, and what came of it; offsets and kinds only, no text."""
    kept = masker.settled(text)
    for span in masker.explain(text):
        masked = any(low <= span.start and span.end <= high for low, high in kept)
        line = f"{name}:{span.start}:{span.end} {span.kind} by {span.detector} ({span.score:.2f})"
        sys.stderr.write(f"{line} {'masked' if masked else 'not masked: its kind is not in the plan'}\n")


def _read(path: Path) -> bytes:
    from .errors import MaskingError

    try:
        return path.read_bytes()
    except OSError as error:
        raise MaskingError("HM020", f"{path} cannot be read: {error.strerror}", "give a readable file, or -") from error


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: UnicodeDecodeError) -> Exception:
    from .errors import MaskingError

    return MaskingError("HM020", f"{name} is not UTF-8 at byte {error.start}", "convert it, or leave it out")


def _write(path: Path, content: str) -> None:
    from .errors import MaskingError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise MaskingError("HM023", f"{path} cannot be written: {error.strerror}") from error


def plan_of(kinds: str) -> dict[str, str]:
    """`all`, `name,ssn` or `all,date=generalize` as a plan. Raises MaskingError for what it does not know."""
    from .errors import MaskingError
    from .kinds import ALL, KINDS

    plan: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in kinds.split(","))):
        kind, _, method = part.partition("=")
        if kind == "all":
            plan.update(dict.fromkeys(ALL, method or "redact"))
        elif kind in KINDS:
            plan[kind] = method or "redact"
        else:
            raise MaskingError("HM001", f"there is no kind {kind!r}", f"kinds are {', '.join(KINDS)}, or all")
    if not plan:
        raise MaskingError("HM001", "no kinds were given", "use --kinds all")
    return plan
