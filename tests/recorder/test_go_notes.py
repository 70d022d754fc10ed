"""Go's own packages, from which C2SP's formats come, open our checkpoints and receipts and agree with our proofs.

`golang.org/x/mod/sumdb/note` and `tlog` are taken from Debian (`golang-go`, `golang-golang-x-mod-dev`), so that the
test needs no network. Nothing of ours is in `c2sp_check.go`.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import recorder
from recorder import layout
from recorder.errors import VerificationError
from recorder.note import Checkpoint, parse_checkpoint, parse_note, parse_notes, verifier_key
from recorder.proof import Tiles
from recorder.reader import Store
from recorder.receipt import find_receipts
from recorder.rfc6962 import leaf_hash
from tests.recorder.conftest import call

pytestmark = pytest.mark.slow
SOURCES = "/usr/share/gocode"
PACKAGES = ("golang-go", "golang-golang-x-mod-dev")


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled checker; Go is installed with apt where that is possible. There is no run without it."""
    there = shutil.which("go") and Path(SOURCES, "src/golang.org/x/mod/sumdb/note").is_dir()
    if not there and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES]
        subprocess.run(install, check=False, stdout=subprocess.DEVNULL)
    go = shutil.which("go")
    if go is None:
        pytest.fail(f"this test asks Go's own packages: install them (apt-get install {' '.join(PACKAGES)})")
    place = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": SOURCES,
        "GOCACHE": str(place / "cache"),
        "GOFLAGS": "",
    }
    source = Path(__file__).with_name("c2sp_check.go")
    subprocess.run([go, "build", "-o", place / "check", source], check=True, env=environment)
    return place / "check"


def told(checker: Path, requests: list[dict[str, Any]]) -> list[str]:
    """What Go says of each."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    ran = subprocess.run([checker], input=lines, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    """A store with checkpoints of many sizes; its verifier key; the texts of its checkpoints and receipts."""
    store = tmp_path_factory.mktemp("written") / "evidence"
    receipts = []
    with recorder.open(store) as log:
        for number in range(300):
            made = log.submit(call(number))
            if number % 9 == 0:
                receipts.append(log.signed_receipt(made.result()))
                log.checkpoint()
        origin = layout.origin(log.store, 0)
    public = bytes.fromhex(next((store / "keys").glob("signer-*.pub")).read_text())
    notes = [note.render() for note in parse_notes((store / layout.checkpoints(0)).read_bytes())]
    job = "\n".join(f"hoopgate-receipt: {receipt}" for receipt in receipts)
    return store, verifier_key(origin, public), [*notes, *(item.note.render() for item in find_receipts(job))]


def test_go_opens_every_checkpoint_and_every_receipt(checker: Path, written: tuple[Path, str, list[str]]) -> None:
    _, key, texts = written
    assert len(texts) > 60
    answers = told(checker, [{"Vkey": key, "Note": text} for text in texts])
    assert answers == [f"{json.dumps(text.split(chr(10) * 2)[0] + chr(10))} yes" for text in texts]


def same_signature(text: str, other: str) -> bool:
    """Whether only bits that base64 leaves unused differ: Go takes both for one signature, we take the first."""
    ends = [one.rsplit(" ", 1) for one in (text.rstrip("\n"), other.rstrip("\n"))]
    try:
        (body, value), (body_of_other, value_of_other) = ends
        return body == body_of_other and base64.b64decode(value) == base64.b64decode(value_of_other, validate=True)
    except ValueError:
        return False


def opened_by_us(text: str, key: str) -> bool:
    name, _, public = key.split("+", 2)
    try:
        return parse_note(text).signed_by(name, base64.b64decode(public)[1:])
    except VerificationError:
        return False


def test_go_refuses_a_checkpoint_of_which_a_character_was_changed_and_so_do_we(
    checker: Path, written: tuple[Path, str, list[str]]
) -> None:
    _, key, texts = written
    assert all(opened_by_us(text, key) for text in texts)
    changes = [
        (text, text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :])
        for text in texts[-20:]
        for at in range(len(text) - 1)
    ]
    answers = told(checker, [{"Vkey": key, "Note": changed} for _, changed in changes])
    for (text, changed), answer in zip(changes, answers, strict=True):
        assert answer.startswith("no: ") or same_signature(text, changed)
    assert not any(opened_by_us(changed, key) for _, changed in changes)


def checkpoints(written: tuple[Path, str, list[str]]) -> list[Checkpoint]:
    """Those in the store, the larger ones last."""
    data = (written[0] / layout.checkpoints(0)).read_bytes()
    return [parse_checkpoint(note.text) for note in parse_notes(data)]


def test_go_finds_every_record_in_the_signed_tree_and_none_by_a_proof_that_was_changed(
    checker: Path, written: tuple[Path, str, list[str]]
) -> None:
    store, last = written[0], checkpoints(written)[-1]
    records = list(Store(store).records())
    good, bad = [], []
    for record in records[: last.size]:
        path = [b64(value) for value in Tiles(store, 0).inclusion(record.seq, last.size)]
        whole = {"Size": last.size, "Index": record.seq, "Root": b64(last.root), "Leaf": b64(leaf_hash(record.raw))}
        good.append({**whole, "Path": path})
        bad += [{**whole, "Path": [*path[:at], b64(bytes(32)), *path[at + 1 :]]} for at in range(len(path))]
    assert set(told(checker, good)) == {"yes"}
    assert all(answer.startswith("no: ") for answer in told(checker, bad))


def test_go_finds_that_each_checkpoint_continues_the_ones_before(
    checker: Path, written: tuple[Path, str, list[str]]
) -> None:
    found = checkpoints(written)
    last, tiles = found[-1], Tiles(written[0], 0)
    requests = []
    for before in found[:-1]:
        path = [b64(value) for value in tiles.consistency(before.size, last.size)]
        whole = {"Size": last.size, "Root": b64(last.root), "Older": before.size, "Before": b64(before.root)}
        requests += [{**whole, "Path": path}, {**whole, "Path": path, "Before": b64(bytes(32))}]
    answers = told(checker, requests)
    assert set(answers[::2]) == {"yes"}
    assert all(answer.startswith("no: ") for answer in answers[1::2])
