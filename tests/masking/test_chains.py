"""A brand identifies nobody, until a branch of it is named or somebody works there."""

from __future__ import annotations

import re

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"

BRANCHES = [
    "sent to [[Walgreens #2291]]",
    "refill at [[CVS store 4417]] today",
    "rx to [[Walgreens on 7th Ave]]",
    "rx to [[CVS on Main]].",
    "[[Kroger Pharmacy at Fifth and Vine]] has it",
    "sent to CVS on Monday",
    "sent to CVS at noon",
    "CVS on Oxygen teaching",
    "sent to Walgreens",
    "Publix, Costco or Walmart will do",
]
WORK = [
    "close to her job at [[Costco]]. Auth submitted",
    "she will take off work at [[dollar general]] to bring him",
    "works nights at [[Walmart]] in the deli",
    "her insurance is through Aetna, as before",
]


def _gone(masker: masking.Masker, text: str) -> list[str]:
    return [text[slice(*map(int, found.where.split(":")))] for found in masker.mask_text(text).findings]


@pytest.mark.parametrize("line", BRANCHES)
def test_a_branch_is_masked_by_rule_alone(line: str) -> None:
    """Without the prose engine."""
    text = re.sub(r"\[\[(.*?)\]\]", r"\1", line)
    assert _gone(masking.Masker(None, KEY, ner="none"), text) == re.findall(r"\[\[(.*?)\]\]", line)


@pytest.mark.parametrize("line", WORK)
def test_where_somebody_works_is_masked_though_it_is_a_brand(line: str) -> None:
    text = re.sub(r"\[\[(.*?)\]\]", r"\1", line)
    assert _gone(masking.Masker(None, KEY), text) == re.findall(r"\[\[(.*?)\]\]", line)
