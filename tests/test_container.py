"""The container file and compose.yaml agree with the project: what they name is real."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import yaml

from adapter_asgi import settings

ROOT = Path(__file__).parent.parent
CONTAINER = (ROOT / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


def _copied() -> set[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.MULTILINE)
    return {name for line in lines for name in line.split()[:-1]}


def _environment() -> dict[str, str]:
    inside = dict(re.findall(r"(HOOPGATE_\w+)=(\S+)", CONTAINER))
    return inside | COMPOSE["services"]["gate"]["environment"]


def test_every_package_of_the_wheel_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {*wheel["packages"], *(name.split("/")[0] for name in wheel["force-include"])}
    assert wanted <= _copied()
    assert all((ROOT / name).exists() for name in _copied())


def test_what_is_copied_is_not_kept_out_of_the_build() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert _copied() <= let_in


def test_the_variables_are_settings_that_load_with_the_mounted_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _environment().items():
        monkeypatch.setenv(name, value)
    loaded = settings.load(ROOT / "examples/clinic/hoopgate.toml")
    assert loaded.listen == "0.0.0.0:8080"
    assert loaded.public_url == "http://127.0.0.1:8080"
    assert not loaded.keys.is_relative_to(loaded.store)


def test_evidence_and_keys_are_volumes_of_their_own() -> None:
    variables = _environment()
    places = [volume.split(":")[1] for volume in COMPOSE["services"]["gate"]["volumes"]]
    assert variables["HOOPGATE_KEYS"] in places
    assert str(Path(variables["HOOPGATE_STORE"]).parent) in places
    assert all(place in CONTAINER for place in places)


def test_nothing_runs_as_root_and_the_image_stops_by_the_signal_that_drains() -> None:
    assert re.findall(r"^USER (\d+)$", CONTAINER, re.MULTILINE) == ["10001"]
    assert "STOPSIGNAL SIGTERM" in CONTAINER
    assert int(COMPOSE["services"]["gate"]["stop_grace_period"].rstrip("s")) > 20


def test_what_is_published_is_on_loopback_alone_and_the_issuer_has_one_address_for_gate_and_browser() -> None:
    published = COMPOSE["services"]["gate"]["ports"]
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in published)
    identity = tomllib.loads((ROOT / "examples/clinic/hoopgate.toml").read_text())["identity"]
    for table in identity.values():
        address = urlsplit(table["issuer"])
        assert f"127.0.0.1:{address.port}:{address.port}" in published
        assert address.hostname == "127.0.0.1"
    assert COMPOSE["services"]["issuer"]["entrypoint"][2:] == ["--host", "0.0.0.0"]
    assert COMPOSE["services"]["ehr"]["entrypoint"][2:] == ["--http", "9000"]


async def test_the_issuer_answers_those_alone_who_call_it_by_a_name_of_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples/clinic"))
    made = importlib.import_module("issuer").Issuer("http://127.0.0.1:9400")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=made.app())) as client:
        for host, status in (("127.0.0.1:9400", 200), ("localhost:9400", 200), ("evil.example:9400", 400)):
            answer = await client.get("http://127.0.0.1:9400/jwks", headers={"Host": host})
            assert answer.status_code == status


@pytest.mark.parametrize("name", ["ehr", "issuer"])
def test_services_share_the_gates_network_and_publish_nothing_themselves(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["network_mode"] == "service:gate"
    assert "ports" not in service
    assert (ROOT / "examples/clinic" / service["entrypoint"][1]).is_file()
