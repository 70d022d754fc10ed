"""The process that builds one export or report for the console: `python -m adapter_asgi.console.building`.

It reads one line of JSON on its standard input: `kind` ("export" or "report"), `store`, `keys` (the directory), `kek`
(as in the configuration), `reason`, `who`, `wanted` or `report`, and where to write (`file`, `status`, `turn`). It runs
at low priority within MEMORY, gives way to the gate when memory is short, and ends when its standard input does: the
gate is gone then.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

__all__ = ["MEMORY", "main"]

MEMORY = 4 << 30
"""Bytes of data of a builder; what needs more fails, and says so."""
_PAUSE = 0.5
"""Seconds between two words on how far it is."""
_VIA = "console"


class _Status:
    """The builder's word to the gate: a small file, replaced whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._last = path, 0.0

    def say(self, **told: str) -> None:
        aside = self._path.with_suffix(".new")
        aside.write_text(json.dumps(told))
        aside.replace(self._path)

    def tell(self, how_far: object) -> None:
        """Progress; most of it is left out."""
        now = time.monotonic()
        if now - self._last >= _PAUSE:
            self._last = now
            self.say(progress=str(how_far)[:200])


def main() -> None:
    """Build what the first line of standard input asks for."""
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_until_closed, daemon=True).start()
    _humble(int(asked.get("memory", MEMORY)))
    status = _Status(Path(asked["status"]))
    with Path(asked["turn"]).open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # one at a time
        status.say(progress="")
        status.say(**_built(asked, status))


def _until_closed() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _humble(memory: int) -> None:
    """The gate goes first: for the processor, and where memory is short."""
    os.umask(0o077)
    os.nice(15)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:  # another system than Linux, or one that does not let us
        return


def _built(asked: dict[str, Any], status: _Status) -> dict[str, str]:
    """What is said last: the file's digest, or what went wrong in words for people."""
    from recorder.errors import RecorderError

    work = {"export": _export, "report": _report}[asked["kind"]]
    try:
        return {"digest": work(asked, status)}
    except RecorderError as error:
        return {"fault": f"{error.message}. {error.help}".strip()}
    except MemoryError:
        return {"fault": "It needs more memory than a build in the console gets: choose less, or use the command line."}
    except OSError as error:
        return {"fault": f"It could not be written: {error.strerror}."}
    except Exception as error:  # noqa: BLE001 - the process's entry point: the gate's page says that it failed
        return {"fault": f"a fault of the gate ({type(error).__name__})"}


def _export(asked: dict[str, Any], status: _Status) -> str:
    from recorder.export import Wanted, export

    return export(
        Path(asked["store"]), Path(asked["file"]), _keys(asked), asked["reason"],
        wanted=Wanted.from_json(asked["wanted"]), who=asked["who"], via=_VIA, progress=status.tell,
    )  # fmt: skip


def _report(asked: dict[str, Any], status: _Status) -> str:
    """Strategy: the record names the digest of the whole file, and is there before the file has its name."""
    import recorder
    from recorder import report

    file, told = Path(asked["file"]), asked["report"]
    keys = _keys(asked)
    made = report.build(
        asked["store"], told["framework"], since=told["since"], until=told["until"],
        facts=[(name, value) for name, value in told["facts"]], verify=told["verify"],
        progress=lambda count: status.tell(f"{count} records"),
    )  # fmt: skip
    data = report.render(made, file.name)
    digest = sha256(data).hexdigest()
    metadata = {"who": asked["who"], "via": _VIA, "action": "report", "count": made.records, "digest": digest}
    with recorder.open(asked["store"], keys=keys, acting=True) as log:
        log.append(recorder.Entry("export", "", metadata, payload=asked["reason"].encode()))
    report.save(data, file)
    return digest


def _keys(asked: dict[str, Any]) -> Any:
    from adapter_asgi.evidence import key_encryption
    from recorder.keys import Keys

    return Keys.in_directory(asked["keys"], create=False, kek=key_encryption(asked["kek"]) if asked["kek"] else None)


if __name__ == "__main__":
    main()
