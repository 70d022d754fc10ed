"""One process of many that try to spend the same approval: `python consumer.py FILE ID DIGEST KEY TRIES`."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapter_asgi.approvals.store import ApprovalStore

if __name__ == "__main__":
    path, id_, digest, key, tries = sys.argv[1:]
    store = ApprovalStore(Path(path), bytes.fromhex(key))
    print("ready", flush=True)
    sys.stdin.readline()  # all processes begin at once

    def consume(_: int) -> bool:
        own = ApprovalStore(Path(path), bytes.fromhex(key))
        try:
            return own.consume(id_, digest, time.time())
        finally:
            own.close()

    with ThreadPoolExecutor(20) as pool:
        print(sum(pool.map(consume, range(int(tries)))), flush=True)
    store.close()
