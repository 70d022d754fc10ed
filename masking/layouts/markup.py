"""XML and HTML: element and attribute names say what their text and values hold (C-CDA R2.1, FHIR XML, any other).

Strategy: a tolerant tokenizer over tags, not a parser: nothing is resolved or fetched, so there are no entity attacks
and no well-formedness to fail on. The element path gives the rule: the innermost element whose name tells something.
In C-CDA and FHIR the value stands in an attribute (`value`, `extension`), so those inherit the element's rule.
"""

from __future__ import annotations

import html
import re

from masking.fields import CODE, SCAN, Role, Rule, rule_for
from masking.refinements import PERSON_FIELDS
from masking.values import is_date_text, is_person
from masking.wordset import word_set

from .cell import Cell, Layout, rest
from .delimited import Found, column_rule, put

_TAG = re.compile(
    r"<(/?)([A-Za-z_][\w:.-]{0,80})((?:\s+[\w:.-]{1,80}\s*=\s*(?:\"[^\"<]{0,4000}\"|"
    r"'[^'<]{0,4000}'))*)\s*(/?)>"
)
_ATTRIBUTE = re.compile(r"([\w:.-]{1,80})\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
_START = re.compile(r"\s*(?:\ufeff)?<(?:\?xml|!DOCTYPE|[A-Za-z_][\w:.-]*[\s/>])")
_VALUE_ATTRIBUTES = frozenset({"value", "extension", "content"})
_DATES = word_set("""
    birthtime effectivetime time low high center signaturetime authortime onset abatement instant datetime
    birthdate
""")
_KEPT_ATTRIBUTES = word_set("""
    code codesystem codesystemname displayname root typecode classcode moodcode unit xsi:type xmlns nullflavor
    use type class style id href lang
""")
_OWN = {
    "streetaddressline": "address",
    "city": "address",
    "postalcode": "address",
    "county": "address",
    "given": "name",
    "family": "name",
    "birthplace": "address",
    "precinct": "address",
    "censustract": "address",
    "housenumber": "address",
    "streetname": "address",
    "additionallocator": "address",
    "signaturetext": "biometric",
}
_ONLY_INLINE = re.compile(
    r"(?i)(?:\s|</?(?:a|b|i|u|em|strong|span|sub|sup|small|font|content|mark|s|tt|code)(?:\s[^<>]{0,200})?>){0,24}"
)
_SIBLING = re.compile(r"\s{0,8}</([\w:.-]{1,80})>\s{0,200}<\1(?:\s[^<>]{0,200})?>\s{0,8}")
_PIECE = 25
_HEADING = re.compile(r"\s{0,40}(?:<[a-z]{1,6}>)?([^<>]{1,60})<")
_FIELD_NAME = re.compile(
    r"(?i)\s(?:name|column|field|data-label|data-field|url)\s*=\s*[\"']([A-Za-z_][\w .:/-]{0,160})[\"']"
)
_INLINE_TAGS = word_set("a b i u em strong span font sub sup small content mark s tt code")
_FORMS = frozenset({"input", "meta", "param", "property"})
_INLINE = word_set("""
    b i u em strong span a br hr p div td th tr table tbody thead li ul ol sub sup font small big code pre
    blockquote h1 h2 h3 h4 caption col colgroup html body head title text paragraph content item list section
    component
""")


def read(text: str) -> Layout | None:
    """Cells of an XML or HTML text; None for anything else."""
    if not _START.match(text):
        return None
    out = Found([], [], [], [])
    stack: list[tuple[str, Rule]] = []
    table = _Table()
    at = found = 0
    for match in _TAG.finditer(text):
        found += 1
        _content(text, at, match.start(), stack, out)
        at = match.end()
        name = match[2].rpartition(":")[2].lower()
        if name not in _INLINE_TAGS:
            out.gaps.extend(_around_values(match))
        if match[1]:
            _close(stack, name)
            continue
        rule = table.rule(name, text, at) or _rule(name, match[2].rpartition(":")[2], stack)
        named = _FIELD_NAME.search(match[3])
        if named is not None:
            if rule.role == Role.SCAN or name in _FORMS:
                rule = rule_for(named[1].rpartition("/")[2].rpartition("-")[2])
            out.kept.append((match.start(3) + named.start(1), match.start(3) + named.end(1)))
        _attributes(match, name, rule, out.cells)
        if not match[4] and name not in _FORMS and len(stack) < 200:
            stack.append((name, rule))
    _content(text, at, len(text), stack, out)
    out.cells.extend(_split_names(text, out.prose))
    return Layout(out.cells, _joined(text, out.prose), out.gaps, sorted(out.kept)) if found else None


def _around_values(tag: re.Match[str]) -> list[tuple[int, int]]:
    """A tag without the values of its attributes, which may be part of what is masked."""
    values = [
        (tag.start(3) + value.start(group), tag.start(3) + value.end(group))
        for value in _ATTRIBUTE.finditer(tag[3])
        for group in (2 if value[2] is not None else 3,)
    ]
    return rest(tag.start(), tag.end(), values)


class _Table:
    """What the headings of a table, and the terms of a list of definitions, say of the cells that follow."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._column = 0

    def rule(self, name: str, text: str, at: int) -> Rule | None:
        """The rule of an element `name` whose content begins at `at`; None where no heading says any."""
        if name == "table":
            self._names, self._column = [], 0
        elif name == "tr":
            self._column = 0
        elif name in ("th", "dt"):
            if self._column == 0:
                self._names = []
            heading = _HEADING.match(text, at)
            self._names.append(html.unescape(heading[1]).strip(" :*") if heading else "")
            self._column = 0 if name == "dt" else self._column + 1
            return CODE
        elif name in ("td", "dd"):
            self._column += name == "td"
            index = self._column - 1 if name == "td" else 0
            if index < len(self._names):
                return column_rule(self._names[index], frozenset(self._names))
        return None


def _split_names(text: str, prose: list[tuple[int, int]]) -> list[Cell]:
    """A name in pieces, one an element: `<w>John</w><w>Smith</w>`, or one letter each."""
    cells: list[Cell] = []
    run: list[tuple[int, int]] = []
    for start, end in (*prose, (len(text), len(text))):
        if run and not (_SIBLING.fullmatch(text, run[-1][1], start) and 0 < end - start <= _PIECE):
            cells += _name_of(text, run)
            run = []
        if 0 < end - start <= _PIECE and " " not in text[start:end]:
            run.append((start, end))
    return cells


def _name_of(text: str, run: list[tuple[int, int]]) -> list[Cell]:
    """The pieces that are a person's name: two words beside each other, or four letters and more."""
    words = [text[start:end] for start, end in run]
    if len(run) >= 4 and all(len(word) == 1 and word.isalpha() for word in words):
        return [Cell(start, end, "name") for start, end in run]
    named = {at for at in range(len(run) - 1) if is_person(f"{words[at]} {words[at + 1]}")}
    return [Cell(*piece, "name") for at, piece in enumerate(run) if at in named or at - 1 in named]


def _joined(text: str, prose: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches with nothing but inline tags between are one: `<b>John</b> <i>Smith</i>`."""
    out: list[tuple[int, int]] = []
    for start, end in prose:
        if out and _ONLY_INLINE.fullmatch(text, out[-1][1], start):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _close(stack: list[tuple[str, Rule]], name: str) -> None:
    for index in range(len(stack) - 1, max(-1, len(stack) - 12), -1):
        if stack[index][0] == name:
            del stack[index:]
            return


def _rule(name: str, raw: str, stack: list[tuple[str, Rule]]) -> Rule:
    parent = stack[-1] if stack else ("", SCAN)
    if name in _OWN:
        return Rule(Role.VALUE, _OWN[name])
    if name in _DATES:
        return Rule(Role.DATEISH, "date")
    if name == "id":
        return Rule(Role.VALUE, "id")
    if name == "name":
        return _name_rule(parent[0])
    if name in ("prefix", "suffix", "state", "country"):
        return CODE
    if name == "telecom":
        return Rule(Role.VALUE, "phone")
    if name in _INLINE:
        return parent[1]
    if name == "display" and parent[0] in PERSON_FIELDS:
        return Rule(Role.VALUE, "name")
    if name in ("value", "valuestring", "valuedate", "valuedatetime") and parent[1].role == Role.VALUE:
        return parent[1]
    rule = rule_for(raw)
    if rule.role == Role.SCAN and parent[1].role == Role.VALUE:
        return parent[1]
    return rule


def _name_rule(parent: str) -> Rule:
    if "organization" in parent or parent in ("location", "playingentity", "place", "facility", "healthcarefacility"):
        return Rule(Role.VALUE, "address")
    if parent in ("manufacturedmaterial", "material", "device", "playingdevice", "code", "organizer", "observation"):
        return CODE
    return Rule(Role.VALUE, "name")


def _attributes(match: re.Match[str], name: str, rule: Rule, cells: list[Cell]) -> None:
    for attribute in _ATTRIBUTE.finditer(match[3]):
        key = attribute[1].rpartition(":")[2].lower()
        value, group = (attribute[2], 2) if attribute[2] is not None else (attribute[3], 3)
        start, end = match.start(3) + attribute.start(group), match.start(3) + attribute.end(group)
        if name == "templateid" or not value.strip() or key in _KEPT_ATTRIBUTES or attribute[1].startswith("xmlns"):
            continue
        own = rule if key in _VALUE_ATTRIBUTES else rule_for(attribute[1].rpartition(":")[2])
        if own.role == Role.VALUE and own.kind is not None:
            kind = own.kind
            if name == "telecom" or kind == "phone":
                kind = (
                    "email"
                    if value.startswith("mailto:")
                    else "fax"
                    if value.startswith("fax:")
                    else "url"
                    if value.startswith("http")
                    else "phone"
                )
                lead = (
                    len(value) - len(value.partition(":")[2])
                    if value[:7].lower().startswith(("tel:", "mailto:", "fax:"))
                    else 0
                )
                start += lead
            cells.append(Cell(start, end, kind))
        elif own.role == Role.DATEISH and is_date_text(value):
            cells.append(Cell(start, end, "date"))


def _content(text: str, start: int, end: int, stack: list[tuple[str, Rule]], out: Found) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    put(text, start, end, stack[-1][1] if stack else SCAN, out)
