"""Every page that a person can reach by links, one address of each kind."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import Page

from adapter_asgi.console.table import PAGES

_KINDS = {
    page.path: re.compile(re.sub(r"\{[^}]*\}", "[^/]+", f"/console{page.path}"))
    for page in PAGES
    if page.method == "GET"
}


def kind_of(address: str) -> str | None:
    """The path in the table that this address is of."""
    path = urlsplit(address).path
    exact = [kind for kind in _KINDS if f"/console{kind}" == path]
    return next(iter(exact + [kind for kind, pattern in _KINDS.items() if pattern.fullmatch(path)]), None)


def reachable(page: Page, start: str) -> dict[str, str]:
    """Kind → one address of it that answers with a page of HTML; downloads are left out."""
    found: dict[str, str] = {}
    seen, ahead = {start}, [start]
    while ahead:
        address = ahead.pop(0)
        kind = kind_of(address)
        if kind is None or kind in found:
            continue
        answer = page.request.get(address)
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        if "content-disposition" in answer.headers:
            continue
        found[kind] = address
        for link in re.findall(r'href="([^"]+)"', answer.text()):
            target = urldefrag(urljoin(address, link.replace("&amp;", "&"))).url
            if target not in seen and urlsplit(target).netloc == urlsplit(start).netloc:
                seen.add(target)
                ahead.append(target)
    return found
