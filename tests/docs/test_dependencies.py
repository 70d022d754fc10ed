"""Every distribution that hoopgate asks for is explained."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXPLAINED = (ROOT / "docs" / "explanation" / "dependencies.md").read_text(encoding="utf-8")
STUBS_AND_PLUGINS = {
    "pytest-asyncio": "asyncio",
    "pytest-timeout": "timeout",
    "pytest-xdist": "xdist",
    "opentelemetry-sdk": "-sdk",
    "opentelemetry-exporter-otlp-proto-http": "-exporter-otlp-proto-http",
}
"""Those that stand in the page behind a name that they share."""
ASKED = sorted(
    {
        re.match(r"[A-Za-z0-9_.-]+", asked)[0]  # type: ignore[index]
        for group in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
        for asked in group
    }
    - {"hoopgate"}
)


@pytest.mark.parametrize("name", ASKED)
def test_a_distribution_has_its_reason_and_its_licence(name: str) -> None:
    told = STUBS_AND_PLUGINS.get(name, name)
    assert re.search(rf"(?<![\w-]){re.escape(told)}(?![\w-])" if told == name else re.escape(told), EXPLAINED), name


def test_every_package_that_users_install_has_a_row() -> None:
    extras = [extra for extra in PROJECT["optional-dependencies"] if extra not in ("dev", "bench", "all")]
    rows = re.findall(r"^\| ([^|]+?) \| ([\w, ]+?) \|", EXPLAINED, re.MULTILINE)
    told = {extra.strip() for _, cell in rows for extra in cell.split(",")}
    assert set(extras) <= told


def test_every_package_that_the_suites_install_is_pinned_within_its_range() -> None:
    lines = [line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines()[1:]]
    pinned = {canonicalize_name(name): version for name, version in lines}
    extras = PROJECT["optional-dependencies"]
    left, asked = {"dev"}, [Requirement(text) for text in PROJECT["dependencies"]]
    while left:
        wanted = [Requirement(text) for text in extras[left.pop()]]
        left |= {extra for one in wanted if one.name == "hoopgate" for extra in one.extras}
        asked += [one for one in wanted if one.name != "hoopgate"]
    missed = [str(one) for one in asked if not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0"))]
    assert not missed, "`make pins` writes constraints.txt anew"
