"""Recorded text on a page: nothing runs, nothing hides, nothing is too long."""

from __future__ import annotations

import json
import time
import unicodedata
from decimal import Decimal
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from adapter_asgi.console.rendering import Renderer, pretty, spelled


class Tags(HTMLParser):
    """What a browser would make elements of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


@given(st.text())
def test_no_text_makes_an_element_or_hides_a_character(text: str) -> None:
    shown = str(spelled(text))
    parser = Tags()
    parser.feed(shown)
    assert parser.tags <= {"span", "em"}
    for character in shown:
        assert character in "\n " or unicodedata.category(character)[0] not in "CZ"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
def test_json_is_shown_as_it_is(value: object) -> None:
    class Text(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    parser = Text()
    parser.feed(str(pretty(value)))
    if "U+" not in parser.said:
        assert json.loads(parser.said) == value


def test_numbers_keep_their_spelling() -> None:
    assert (
        str(pretty({"a": Decimal("1.10"), "b": 9007199254740993}))
        == "{\n  &#34;a&#34;: 1.10,\n  &#34;b&#34;: 9007199254740993\n}"
    )


def test_what_is_nested_too_deep_or_too_long_says_so() -> None:
    deep: object = 1
    for _ in range(600):
        deep = [deep]
    assert "not shown" in str(pretty(deep))
    began = time.process_time()
    long = str(spelled("\u202e" * 10_000_000))
    assert "10000000 characters in all" in long
    assert time.process_time() - began < 5


def test_a_name_that_cannot_be_encoded_does_not_fail_the_page() -> None:
    page = Renderer().render("plain.html", title="\ud800", words="\udfff")
    page.encode("utf-8")
    assert "\ud800" not in page
