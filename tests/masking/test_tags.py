"""Tags inside what is masked: a well-formed text stays well-formed, with the elements that it had."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

import masking
from masking.tags import shown, within

KEY = b"k" * 32
NAMES = st.sampled_from(["w", "given", "family", "text", "td", "x:note", "patient", "value", "telecom", "p", "b"])
TEXTS = st.sampled_from([
    "", " ", "123-45-", "6789", "SSN 123-45-6789", "MRN 0048291", "617-555-", "0142", "John", "Smith", "seen today",
    "Dr. Maria Diaz", "a &amp; b", "617&#45;555&#45;0142", "<![CDATA[-6789]]>", "<![CDATA[SSN 123-45-6789 <b>]]>",
    "<!-- 123-45-6789 -->", "a@b.co", "4111 1111 ", "1111 1111", "2345-7 mg/dL", "]", "&lt;b&gt;123&lt;/b&gt;-45-6789",
    "O&apos;Brien", "1961-03-05", "QWxhZGRpbjpvcGVuIHNlc2FtZSBqb2huQHguY28=",
])  # fmt: skip
VALUES = st.sampled_from(["", "a", "123-45-6789", "John Smith", "x>y", "617-555-0142", "PQ", "2345-7", "O&apos;Brien"])
ATTRIBUTES = st.dictionaries(st.sampled_from(["class", "title", "value", "extension", "x:type"]), VALUES, max_size=2)


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def built(name: str, attributes: dict[str, str], quote: str, content: list[str]) -> str:
        told = "".join(f" {key}={quote}{value}{quote}" for key, value in attributes.items())
        return f"<{name}{told}>{' '.join(content)}</{name}>" if content else f"<{name}{told}/>"

    return st.builds(built, NAMES, ATTRIBUTES, st.sampled_from(['"', "'"]), st.lists(inner, max_size=4))


DOCUMENTS = st.recursive(TEXTS, _element, max_leaves=12).map(lambda inner: f'<r xmlns:x="urn:x">{inner}</r>')


def elements(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(element.tag, tuple(element.attrib)) for element in ElementTree.fromstring(text).iter()]


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.sampled_from(["redact", "token", "partial", "generalize"]))
def test_a_well_formed_document_keeps_its_elements(text: str, method: str) -> None:
    plan = {kind: method if method in masking.CATALOGUE[kind].methods else "redact" for kind in masking.KINDS}
    masked = masking.Masker(plan, KEY, ner="none").mask_text(text).value
    assert elements(masked) == elements(text)
    assert "123-45-6789" not in masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("<r><w>123-45-</w>\n <w>6789</w></r>", "<r><w>[SSN]</w>\n <w></w></r>"),
        ("<r><w a='9'>123-45-</w><w class=\"x\">6789</w></r>", "<r><w a='9'>[SSN]</w><w class=\"x\"></w></r>"),
        ("<r>SSN 123-<i title='123-45-6789'>45-6789</i></r>", "<r>SSN [SSN]<i title=''></i></r>"),
        ("<r><phone>617-</phone><phone>555-0142</phone></r>", "<r><phone>[PHONE]</phone><phone>[PHONE]</phone></r>"),
        ("<td nowrap>SSN 123-<br>45-6789</td>", "<td nowrap>SSN [SSN]<br></td>"),
    ],
)
def test_a_number_over_several_elements(text: str, masked: str) -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    assert masker.mask_text(text).value == masked
    assert masker.mask_text(masked).value == masked


def test_a_stretch_that_begins_in_an_attribute_keeps_the_tag() -> None:
    text = '<a b="123-45-6789">John Smith</a>'
    assert within(text, 6, 29, "[X]") == '[X]">'
    assert within(text, 13, 24, "[X]") == '[X]">'


def test_a_value_that_looks_like_a_tag_is_masked_with_the_rest() -> None:
    assert within("x <a123-45-6789> y", 0, 18, "[X]") == "[X]"
    assert within("Smith <john@x.org>", 0, 18, "[X]") == "[X]"
    assert shown('<a b="John">x</a>') == "Johnx"
