"""People sign in to the console, and each sees what their role may."""

from __future__ import annotations

import pytest
from office import Office


@pytest.mark.parametrize(("role", "name"), [("reviewer", "dana"), ("auditor", "aud"), ("operator", "opal")])
async def test_each_role_signs_in(busy: Office, role: str, name: str) -> None:
    page = await (await busy.signed_in(role)).get("/console/")
    assert page.status_code == 200
    assert f"{name}@clinic.example ({role})" in page.text


async def test_who_has_no_role_sees_nothing(office: Office) -> None:
    page = await (await office.signed_in("nobody")).get("/console/")
    assert page.status_code == 403
