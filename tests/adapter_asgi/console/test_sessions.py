"""Sessions are found by what is known of them, a page at a time, by addresses that can be kept."""

from __future__ import annotations

import re

import pytest
from office import Office

from adapter_asgi.console import sessions


def _listed(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/console/sessions/([0-9a-f]+)"', text)


async def test_the_newest_session_stands_first(busy: Office) -> None:
    page = await (await busy.signed_in("auditor")).get("/console/sessions")
    assert page.status_code == 200
    assert len(_listed(page.text)) == 3
    assert page.text.index("run 576") < page.text.index("run 575") < page.text.index("run 574")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"effect": "deny"}, 2),
        ({"command": "ehr/read*"}, 2),
        ({"command": "ehr/delete", "run": "576"}, 1),
        ({"rule": "nobody deletes"}, 2),
        ({"repository": "acme/etl"}, 3),
        ({"text": "run 576"}, 1),
        ({"run": "none"}, 0),
        ({"since": "2000-01-01", "until": "2000-01-02"}, 0),
    ],
)
async def test_filters_are_an_address(busy: Office, query: dict[str, str], count: int) -> None:
    page = await (await busy.signed_in("operator")).get("/console/sessions", params=query)
    assert page.status_code == 200
    assert len(_listed(page.text)) == count
    assert ("No session fits" in page.text) == (count == 0)
    for name, value in query.items():
        assert f'name="{name}"' in page.text
        assert value in page.text


async def test_an_empty_store_says_so(office: Office) -> None:
    page = await (await office.signed_in("auditor")).get("/console/sessions")
    assert "nothing is recorded yet" in page.text


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"older": "x"}, {"newer": '["a", 1]'}])
async def test_a_search_that_cannot_be_is_told(busy: Office, query: dict[str, str]) -> None:
    page = await (await busy.signed_in("auditor")).get("/console/sessions", params=query)
    assert page.status_code == 400
    assert "That search cannot be" in page.text


async def test_one_walks_to_the_oldest_and_back(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_SHOWN", 1)
    browser = await busy.signed_in("auditor")
    text, seen = (await browser.get("/console/sessions?repository=acme/etl")).text, []
    while True:
        seen += _listed(text)
        older = re.search(r'href="([^"]+)" rel="next"', text)
        if older is None:
            break
        text = (await browser.get(older[1].replace("&amp;", "&"))).text
    assert len(seen) == len(set(seen)) == 3
    back = [seen[-1]]
    while (newer := re.search(r'href="([^"]+)" rel="prev"', text)) is not None:
        text = (await browser.get(newer[1].replace("&amp;", "&"))).text
        back += _listed(text)
    assert back == seen[::-1]


async def test_who_searched_is_on_record(busy: Office) -> None:
    await (await busy.signed_in("auditor")).get("/console/sessions?effect=deny")
    looked = busy.records("read")[-1].data
    assert (looked["who"], looked["via"], looked["action"]) == ("aud@clinic.example", "console", "list")
    assert looked["count"] == 2
