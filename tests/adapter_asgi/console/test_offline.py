"""A session as one file: nothing in it runs, nothing is fetched, and it says what it is."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from html.parser import HTMLParser

from office import SSN, Office, token_of


class _Addresses(HTMLParser):
    """Every address and handler of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action") or name[:2] == "on"]


async def test_the_file_stands_alone(busy: Office) -> None:
    ident = busy.records("session.identity")[0].session
    answer = await (await busy.signed_in("operator")).get(f"/console/sessions/{ident}/offline.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    page = _Addresses()
    page.feed(answer.text)
    assert all(address.startswith("#") for address in page.found)
    assert not page.tags & {"script", "link", "img", "iframe", "form"}
    assert "default-src &#39;none&#39;" in answer.text
    assert "metadata only" in answer.text
    assert "[SSN]" not in answer.text
    assert busy.records("read")[-1].data["action"] == "offline"


async def test_with_payloads_it_names_who_took_it_and_why(busy: Office) -> None:
    ident = busy.records("session.identity")[0].session
    browser = await busy.signed_in("auditor")
    form = {"csrf": token_of((await browser.get(f"/console/sessions/{ident}/offline")).text), "reason": "Case <7>"}
    answer = await browser.post(f"/console/sessions/{ident}/offline", data=form)
    assert "[SSN]" in answer.text
    assert SSN not in answer.text
    assert "Case &lt;7&gt;" in answer.text
    assert "aud@clinic.example" in answer.text
    export = busy.records("export")[-1].data
    assert (export["who"], export["targets"], export["digest"]) == (
        "aud@clinic.example",
        [ident],
        sha256(answer.content).hexdigest(),
    )


async def test_the_style_is_the_one_that_its_policy_allows(busy: Office) -> None:
    ident = busy.records("session.identity")[0].session
    text = (await (await busy.signed_in("auditor")).get(f"/console/sessions/{ident}/offline.html")).text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    allowed = re.search(r"sha256-([A-Za-z0-9+/=]+)", text)
    assert style is not None
    assert allowed is not None
    assert base64.b64encode(sha256(style[1].encode()).digest()).decode() == allowed[1].replace("&#43;", "+")
