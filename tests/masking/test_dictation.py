"""The foot of a dictated note: who dictated it, who typed it, and when."""

from __future__ import annotations

import re

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"

FEET = [
    "the attending, MD   /[[tws]]   typed: [[dgaddis]] on request",
    "Dict. [[jw]] / written today [[]]",
    "dict [[7-11]] [[sb]] / typ [[7-12]] [[mo]] / done",
    "t: [[9/21/24]] / [[AV]]:mmodal",
    "seen, signed.\nLast line, MD\n[[jh/mlp]]     Dictated but not read",
    "seen, signed.\nLast line, MD\n[[ro/bt]]",
    "TRANSCRIBED [[12/31/2023]] 01:15 [[IH/NTS]] JOB# pending",
    "the attending, MD, FACC\n[[RM: ljt]]\nlast line",
    "the attending, MD\n[[GA/cmt]]",
    "all well, MD\npo/iv",
    "by the attending MD, [[81-472]]",
    "T: [[06/05/2018 19:52:40]]  [[nnj]]",
    "typed [[4/13]] [[kk]]",
    "by the attending, M.D. [[HL41]]",
    "by the attending MD [[63-204]] [[3/4/2017]] @ 1433",
    "the nephrologist, first initial [[T]].",
    "SSN [[000-41-7726]]   ([[K7726]])   SC 40%",
    "Diet: po/iv as tolerated\nn/v none",
    "no pain, MD\nn/v none",
    "all well, RN\npt/ot     eval",
    "a line that nobody signed\nab/cd",
    "typed: yes",
    "transcribed: verbatim",
    "T 98.6 po",
    "T 37.2 ax",
    "to do 10-15",
    "typed 2-3 units",
    "trans 5-7 days",
    "dict 45-50 / done",
    "D 5/5 strength",
    "Dictated [[4 May]]     Typed [[9 May 2023]] by [[LMR]]",
    "the attending, M.D.\n\n[[IC]]:ROUSE:9124\nend",
    "the attending, M.D.\n[[CQ]]/transcription",
    "Will call pt. [[AF]] [[5/29]]",
    "Will do. CT [[5/29]]",
    "first initial visit",
]


@pytest.mark.parametrize("foot", FEET)
def test_a_foot_tells_who_and_when_by_rule_alone(foot: str) -> None:
    """Without the prose engine."""
    text = re.sub(r"\[\[(.*?)\]\]", r"\1", foot)
    gone = [text[slice(*map(int, found.where.split(":")))] for found in _masked(text).findings]
    assert gone == [part for part in re.findall(r"\[\[(.*?)\]\]", foot) if part]


def _masked(text: str) -> masking.Result:
    return masking.Masker(None, KEY, ner="none").mask_text(text)


def test_initials_below_a_credential_leave_it() -> None:
    assert "M.D." in masking.Masker(None, KEY).mask_text("Eamon Prendergast, M.D.\nEP:smh\nD 7/19  T 7/20").value
