"""Whatever was recorded is shown harmlessly: markup, bidirectional marks, terminal escapes, ten megabytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from office import Office, token_of

import recorder

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)></pre></textarea>'\"><svg/onload=alert(3)>"
BIDI = "\u202egnp.exe\u2066\u200b\u2069\u2028"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b6n\x00\x08"


class _Tags(HTMLParser):
    """Every element of a page, and every handler."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.styled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.styled += [name for name, _ in attrs if name == "style"]


def _harmless(text: str) -> None:
    page = _Tags()
    page.feed(text)
    assert page.tags.count("script") <= 1  # our own
    assert "img" not in page.tags
    assert not page.handlers
    assert not page.styled
    assert all(character.isprintable() or character in "\n\t" for character in text)


@pytest.mark.parametrize("hostile", [SCRIPT, BIDI, ESCAPES])
async def test_what_a_server_says_is_shown_harmlessly(office: Office, hostile: str) -> None:
    office.server.text = hostile
    await office.call("read", {"q": hostile})
    ident = office.records("session.identity")[0].session
    browser = await office.signed_in("auditor")
    page = await browser.get(f"/console/sessions/{ident}")
    form = {"csrf": token_of(page.text), "reason": hostile.replace("\x00", "") or "x"}
    for path in ("payloads", "offline"):
        shown = await browser.post(f"/console/sessions/{ident}/{path}", data=form)
        assert shown.status_code == 200
        _harmless(shown.text)
    if hostile == SCRIPT:
        assert "&lt;script&gt;alert(1)" in shown.text


@pytest.mark.parametrize("hostile", [SCRIPT, BIDI, ESCAPES])
async def test_what_a_caller_is_named_is_shown_harmlessly(office: Office, hostile: str) -> None:
    login = hostile if hostile.isprintable() else "alice"  # a token with the others is no token
    await office.call("read", {"q": "x"}, user_login=login)
    await office.call("read" + hostile, {"q": "x"}, user_login=login)  # the gate refuses what no tool is named
    ident = office.records("session.identity")[0].session
    browser = await office.signed_in("auditor")
    paths = ["", "/charts", "/policy", "/sessions", f"/sessions/{ident}", f"/sessions/{ident}/difference"]
    page = (await browser.get(f"/console/sessions/{ident}")).text
    paths += [link.removeprefix("/console") for link in re.findall(r'href="([^"]+/why)"', page)]
    for path in paths:
        shown = await browser.get(f"/console{path or '/'}")
        assert shown.status_code == 200
        _harmless(shown.text)
    for query in ({"text": hostile}, {"command": hostile}):
        _harmless((await browser.get("/console/sessions", params=query)).text)
    _harmless((await browser.get(f"/console/sessions/{ident}/difference", params={"with": hostile})).text)


async def test_ten_megabytes_are_cut_and_the_size_is_told(office: Office) -> None:
    size = 10_000_000
    office.log.append(recorder.Entry("response", "long", {"call": "1"}, payload=b"0123456789" * (size // 10)))
    browser = await office.signed_in("auditor")
    form = {"csrf": token_of((await browser.get("/console/sessions/long")).text), "reason": "large"}
    for path in ("payloads", "offline"):
        shown = await browser.post(f"/console/sessions/long/{path}", data=form)
        assert f"Cut here: {size} bytes in all" in shown.text
        assert len(shown.text) < 200_000


async def test_many_large_payloads_make_no_endless_page(office: Office) -> None:
    office.server.text = "\u202e" * 120_000
    for _ in range(3):
        await office.call("read", {"q": "x"})
    ident = office.records("session.identity")[0].session
    browser = await office.signed_in("auditor")
    form = {"csrf": token_of((await browser.get(f"/console/sessions/{ident}")).text), "reason": "large"}
    shown = await browser.post(f"/console/sessions/{ident}/payloads", data=form)
    assert len(shown.text) < 12_000_000
