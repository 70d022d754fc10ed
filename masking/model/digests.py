"""SHA-256 of the data files beside this module; `record` rewrites the table when a file is made anew."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from masking.errors import MaskingError

DIGESTS = {
    "lexicon.bin": "1a5536a7b00bf1cd1ad6daf8214b64489b620e7bc74fc766859a652bcf48eb65",
    "prose.npz": "19b08630c69a1bc96ebf65500b80c8c047d5076bf9895c1edd33efbdbf88cd77",
    "vectors.npz": "b459abf663b6ebcc7a44e05d3f8c82fdf714e4870faab0b207ebd3e0cfa8280a",
}


_HELP = "reinstall hoopgate[masking], or make the model anew with `make model`"


def shipped(path: Path, name: str, what: str) -> bytes:
    """The bytes at `path`, which are those of the data file `name`.

    Raises MaskingError HM010 where there are none, HM011 where they are not the ones that were shipped.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MaskingError("HM010", f"{what} are missing", _HELP) from error
    if hashlib.sha256(content).hexdigest() != DIGESTS[name]:
        raise MaskingError("HM011", f"{what} are not the ones that were shipped", _HELP)
    return content


def record(path: Path) -> None:
    """Put the digest of `path` into this module's table."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Path(__file__)
    pattern = rf'("{re.escape(path.name)}": )"[0-9a-f]*"'
    source.write_text(
        re.sub(pattern, rf'\g<1>"{digest}"', source.read_text(encoding="utf-8"), count=1), encoding="utf-8"
    )
