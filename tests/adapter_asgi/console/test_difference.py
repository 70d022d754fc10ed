"""Two runs beside each other."""

from __future__ import annotations

from office import Office

from adapter_asgi.console.difference import Call, compare


def _session(office: Office, run: str) -> str:
    return next(one.session for one in office.records("session.identity") if one.data["run"] == run)


async def test_the_run_before_is_preselected(busy: Office) -> None:
    page = await (await busy.signed_in("auditor")).get(f"/console/sessions/{_session(busy, '576')}/difference")
    assert page.status_code == 200
    assert _session(busy, "575") in page.text
    assert "the run before of the same job" in page.text
    assert "+ new call" in page.text


async def test_any_other_run_may_be_chosen(busy: Office) -> None:
    browser = await busy.signed_in("operator")
    path = f"/console/sessions/{_session(busy, '576')}/difference"
    page = await browser.get(path, params={"with": _session(busy, "574")})
    assert "ehr/read_notes" in page.text
    assert "The store has no session" in (await browser.get(path, params={"with": "x<y"})).text
    assert (await browser.get("/console/sessions/none/difference")).status_code == 404


async def test_the_first_run_has_none_before(busy: Office) -> None:
    page = await (await busy.signed_in("auditor")).get(f"/console/sessions/{_session(busy, '574')}/difference")
    assert "No run of the same job came before" in page.text


def test_what_differs_is_told() -> None:
    before = [Call("a", "0-1", {"effect": "allow", "masked": "1 name"}), Call("b", "0-2"), Call("c", "0-3")]
    after = [Call("a", "0-9", {"effect": "allow", "masked": "2 name"}), Call("c", "0-10"), Call("d", "0-11")]
    lines = compare(before, after)
    assert [(line.before and line.before.command, line.after and line.after.command) for line in lines] == [
        ("a", "a"),
        ("b", None),
        ("c", "c"),
        (None, "d"),
    ]
    assert lines[0].changed == [("masked", "1 name", "2 name")]
    assert lines[2].changed == []
