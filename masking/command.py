"""The command `mask`: text, JSON, NDJSON or CSV in, masked out; files, pipes and directories."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

    from .masker import Masker
    from .side_by_side import Pages


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
    from . import files
    from .side_by_side import Pages

    files.refuse_same(
        [name for name in (options.file, options.key_file) if name and name != "-"],
        [name for name in (options.output, options.report, options.html) if name],
    )
    masker = _masker(options)
    pages = Pages() if options.html or options.report else None
    source = Path(options.file)
    if options.file != "-" and source.is_dir():
        _directory(source, options, masker, pages)
    elif options.file == "-":
        _pipe(options, masker, pages)
    else:
        _file(source, options, masker, pages)
    if pages is not None:
        if options.report:
            files.write(Path(options.report), pages.report(masker.plan))
        if options.html:
            files.write(Path(options.html), pages.html())
    return 0


def _masker(options: argparse.Namespace) -> Masker:
    import secrets

    from . import files
    from .masker import Masker

    key = files.read(Path(options.key_file)) if options.key_file else secrets.token_bytes(32)
    return Masker(plan_of(options.kinds), key, ner=options.ner)


def _pipe(options: argparse.Namespace, masker: Masker, pages: Pages | None) -> None:
    """Standard input: masked as it comes, or at once when all of it is to be told of."""
    from . import files

    if pages is not None or options.explain:
        _whole(sys.stdin.buffer.read(), "standard input", options, masker, pages)
    elif options.output:
        with files.written(Path(options.output)) as put:
            files.stream(sys.stdin.buffer, "standard input", masker, put)
    else:
        files.stream(sys.stdin.buffer, "standard input", masker, files.show)


def _file(path: Path, options: argparse.Namespace, masker: Masker, pages: Pages | None) -> None:
    from . import files
    from .progress import Progress

    if not files.is_long(path):
        _whole(files.read(path), str(path), options, masker, pages)
        return
    _refuse_long(path, options, pages)
    with path.open("rb") as file, Progress(1, path.stat().st_size) as progress:
        if options.output:
            with files.written(Path(options.output)) as put:
                files.stream(file, str(path), masker, put, progress.seen)
        else:
            files.stream(file, str(path), masker, files.show, progress.seen)


def _refuse_long(path: Path, options: argparse.Namespace, pages: Pages | None) -> None:
    from . import files
    from .errors import MaskingError

    if pages is not None or options.explain:
        raise MaskingError(
            "HM024",
            f"{path} is over {files.WHOLE >> 20} MiB, too long for --report, --html and --explain",
            "give a sample of it, or leave them out",
        )


def _whole(data: bytes, name: str, options: argparse.Namespace, masker: Masker, pages: Pages | None) -> None:
    """One text masked at once: what it says late is known early."""
    from . import files
    from .explaining import explain

    text = files.decoded(data, name)
    masked = masker.mask_text(text)
    if options.explain:
        sys.stderr.writelines(f"{line}\n" for line in explain(name, text, masked, masker))
    if pages is not None:
        pages.add(name, text, masked)
    if options.output:
        files.write(Path(options.output), masked.value)
    else:
        files.show(masked.value)


def _directory(source: Path, options: argparse.Namespace, masker: Masker, pages: Pages | None) -> None:
    from collections import Counter

    from . import files
    from .explaining import explain
    from .progress import Progress

    target = _target(source, options)
    paths = _listed(source)
    sizes = {path: path.stat().st_size for path in paths}
    counts: Counter[str] = Counter()
    with Progress(len(paths), sum(sizes.values())) as progress:
        for path in paths:
            name = path.relative_to(source)
            if sizes[path] > files.WHOLE:
                _refuse_long(path, options, pages)
                with path.open("rb") as file, files.written(target / name) as put:
                    counts += files.stream(file, str(path), masker, put, progress.seen)
            else:
                text = files.decoded(files.read(path), str(path))
                masked = masker.mask_text(text)
                files.write(target / name, masked.value)
                counts.update(masked.counts)
                if pages is not None:
                    pages.add(str(name), text, masked)
                if options.explain:
                    sys.stderr.writelines(f"{line}\n" for line in explain(str(name), text, masked, masker))
            progress.file_done(sizes[path])
    sys.stderr.write(f"{_summary(counts)} in {len(paths)} file{'' if len(paths) == 1 else 's'}\n")


def _target(source: Path, options: argparse.Namespace) -> Path:
    from .errors import MaskingError

    if not options.output:
        raise MaskingError("HM021", f"{source} is a directory, and no output was given", "use --output DIR")
    target = Path(options.output)
    if target.is_file():
        raise MaskingError("HM021", f"{target} is a file, and {source} a directory", "give a directory as --output")
    if target.resolve() == source.resolve() or source.resolve() in target.resolve().parents:
        raise MaskingError("HM021", "the output lies inside the directory that is masked", "write somewhere else")
    return target


def _listed(source: Path) -> list[Path]:
    """The files of a directory; one that cannot be masked, or read as text, stops the run before it begins."""
    from collections import deque

    from . import files
    from .errors import MaskingError

    paths = sorted(path for path in source.rglob("*") if path.is_file() or not path.exists())
    for path in paths:
        if path.suffix.lower() not in files.SUFFIXES:
            raise MaskingError(
                "HM022", f"{path} is not text that can be masked", f"give only {' '.join(files.SUFFIXES)} files"
            )
        try:
            with path.open("rb") as file:
                deque(files.pieces(file, str(path)), maxlen=0)
        except OSError as error:
            raise files.unreadable(path, error) from error
    return paths


def _summary(counts: Counter[str]) -> str:
    return "masked " + (", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "nothing")


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
