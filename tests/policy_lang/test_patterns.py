"""Globs and regexes: as GitHub's branch filters and as Python's re, but in linear time; and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policy_lang
from policy_lang.automaton import Automaton, Matcher, TooLargeError, shortest
from policy_lang.pattern import Pattern, matcher
from policy_lang.portable import portable
from policy_lang.regular import NotRegularError, glob_tree, regex_tree

GLOBS = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "ab"]), max_size=6).map("".join)
TEXTS = st.text(alphabet="ab/c", max_size=8)
ATOMS = ["a", "b", "c", ".", "[ab]", "[^a]", r"\d", r"\w", r"\.", "a?", "b*", "[a-c]+", "c{2}", "(?:ab){1,2}", "x"]
REGEXES = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        inner.map(lambda part: f"(?:{part})*"),
    ),
    max_leaves=6,
)


def as_re(glob: str) -> str:
    """A glob as a Python regex: another implementation of the same words."""
    parts = re.findall(r"\*+|[^*]+", glob)
    return "".join(re.escape(p) if p[0] != "*" else "[^/]*" if p == "*" else ".*" for p in parts)


@given(GLOBS, TEXTS)
def test_a_glob_matches_what_its_words_say(glob: str, text: str) -> None:
    expected = re.fullmatch(as_re(glob), text, re.DOTALL) is not None
    assert matcher(Pattern("glob", glob))(text) == expected
    assert Matcher(glob_tree(glob))(text) == expected


@given(REGEXES, st.text(alphabet="abcx.1 \n", max_size=8))
def test_a_regex_matches_what_python_says(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern, text, re.DOTALL | re.ASCII) is not None
    assert matcher(Pattern("regex", pattern))(text) == expected
    assert (re.fullmatch(portable(regex_tree(pattern)), text) is not None) == expected


@given(REGEXES, st.text(alphabet="aAbB1", max_size=5))
def test_ignoring_case_is_as_in_python(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern, text, re.DOTALL | re.ASCII | re.IGNORECASE) is not None
    assert matcher(Pattern("regex", f"(?i){pattern}"))(text) == expected


@given(REGEXES, REGEXES)
def test_a_shortest_witness_is_in_the_one_language_and_not_in_the_other(one: str, other: str) -> None:
    automata = [Automaton(regex_tree(one)), Automaton(regex_tree(other))]
    try:
        witness = shortest(automata, lambda met: met[0] and not met[1])
    except TooLargeError:
        return
    if witness is not None:
        assert re.fullmatch(one, witness, re.DOTALL | re.ASCII)
        assert not re.fullmatch(other, witness, re.DOTALL | re.ASCII)


def test_matching_takes_linear_time_and_bounded_memory() -> None:
    test = Matcher(regex_tree("(a|a)*(a|b)*(aa|ab|ba)*c"))
    assert not test("ab" * 50_000)
    assert test("ab" * 50_000 + "c")
    wide = Matcher(regex_tree("(a|b|c|d)*" + "(a|b)(c|d|.)" * 12))
    for start in range(40):
        wide("abcd"[start % 4] * 200 + "abacad" * start)
    assert sum(map(len, wide._tables.values())) <= 20_000


REFUSED = [
    "(?=a)b",
    "(?<!a)b",
    r"(a)\1",
    "^a",
    "a$",
    r"\ba",
    r"\pL",
    "a**",
    "a{2,1}",
    "(",
    "[",
    "[b-a]",
    "*a",
    "a{5000}",
    "(?P<n>a)",
    "(?s)a",
    r"\x1",
    "a*?",
]


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_is_not_regular_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(NotRegularError) as caught:
        regex_tree(pattern)
    assert 0 <= caught.value.at <= len(pattern)
    with pytest.raises(policy_lang.PolicyError):
        policy_lang.compile(f'rule "r" {{ branch /{pattern}/  allow }}')


def test_a_detector_is_a_pattern_that_every_engine_reads_alike() -> None:
    (detector,) = policy_lang.compile(r'detector chart = /CH-\d{2}(\/|.)é?/ near "chart", "record"').detectors
    assert (detector.kind, detector.near) == ("chart", ("chart", "record"))
    assert re.fullmatch(detector.pattern, "CH-12/é")
    assert re.fullmatch(detector.pattern, "CH-12\n")
    assert not re.search(detector.pattern, "CH-\u0661\u0662/")
