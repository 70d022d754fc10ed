"""The language in an editor: what a language server answers, and the server itself (extra `lsp`).

`project.py`, `occurrences.py`, `words.py` and the answers need nothing but the language; only `server.py` knows pygls.
"""

from __future__ import annotations
