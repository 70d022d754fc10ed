"""The console at `/console/`: what people look at every day, rendered on the server.

No build step, no third-party host: Jinja2 templates, one style sheet, a little script that every page works without.
Everything that was recorded is hostile text: templates escape it, `spelled` shows what hides in it, and the content
security policy lets nothing run that is not ours.
"""

from __future__ import annotations

from adapter_asgi.console.app import Console
from adapter_asgi.console.parts import Parts

__all__ = ["Console", "Parts"]
