"""Charts of the newest records, each with a table that says the same."""

from __future__ import annotations

import pytest
from office import Office

from adapter_asgi.console import recent
from adapter_asgi.console.charts import charts
from adapter_asgi.console.recent import Item, Recent
from recorder.index import Index


async def test_the_page_has_a_table_beside_each_chart(busy: Office) -> None:
    page = await (await busy.signed_in("operator")).get("/console/charts")
    assert page.status_code == 200
    assert page.text.count("<svg") == page.text.count("As a table") == 3
    assert "Nothing of this is on record." in page.text
    assert '<th scope="row">ssn</th><td>3</td>' in page.text


def test_counts_are_those_of_the_records() -> None:
    second = 10**9
    items = [Item(n * second, "decision", ("allow", "deny")[n % 3 == 0], level="masked") for n in range(100)]
    items += [
        Item(100 * second, "approval.requested", approval="a"),
        Item(200 * second, "approval.given", approval="a"),
    ]
    items += [
        Item(201 * second, "masking", masked=(("name", 2), ("ssn", 1))),
        Item(202 * second, "masking", masked=(("name", 1),)),
    ]
    found = {chart.ident: {name: list(counts) for name, counts, _ in chart.rows} for chart in charts(items)}
    assert [sum(column) for column in zip(*found["decisions"].values(), strict=True)] == [66, 34, 0]
    assert found["masks"] == {"name": [3], "ssn": [1]}
    assert found["waiting"]["1 to 5 min"] == [1]
    assert found["coverage"] == {"masked": [100]}


def test_nothing_recorded_gives_empty_charts() -> None:
    assert all(not chart.rows for chart in charts([]))


async def test_the_window_is_bounded_and_goes_on(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "WINDOW", 5)
    window = Recent()
    with Index.open(busy.settings.store) as index:
        first = window.items(index)
        assert len(first) == 5
        assert window.items(index) == first
    await busy.call("read", run="577")
    with Index.open(busy.settings.store) as index:
        later = window.items(index)
    assert len(later) == 5
    assert later != first
