"""Every link in the documentation leads somewhere, down to the heading; every page can be reached from the map."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]*)\)")


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.*?) *$", _prose(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        again = sum(1 for one in found if one == anchor or re.fullmatch(re.escape(anchor) + r"-\d+", one))
        found.add(f"{anchor}-{again}" if again else anchor)
    return found


def _targets(page: Path) -> list[tuple[Path, str]]:
    """Where a page's own links lead: the file, and the heading in it or nothing."""
    links = _LINK.findall(_CODE.sub("`", _prose(page)))
    found = [link.partition("#") for link in links if not re.match(r"[a-z]+:", link)]
    return [((page.parent / place).resolve() if place else page, heading) for place, _, heading in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, heading in _targets(page):
        assert target.exists(), f"{page.name} links to {target.name}, which is not there"
        assert target.is_relative_to(ROOT)
        if heading:
            assert heading in _anchors(target), f"{page.name} links to #{heading} of {target.name}"


def test_every_page_is_on_the_map() -> None:
    here = ROOT / "docs" / "README.md"
    linked = {target for target, _ in _targets(here)}
    assert {page.name for page in ROOT.glob("docs/*/*.md") if page not in linked} == set()


def test_an_anchor_is_what_github_makes_of_a_heading(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One call\n\n## `hoop` and [links](x.md), dots.\n\n## One call\n\n```text\n# no heading\n```\n")
    assert _anchors(page) == {"one-call", "one-call-1", "hoop-and-links-dots"}
