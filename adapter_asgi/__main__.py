"""`python -m adapter_asgi` is `hoopgate`."""

import sys

from adapter_asgi.cli import run

if __name__ == "__main__":
    sys.exit(run())
