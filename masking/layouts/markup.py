"""XML and HTML: element and attribute names say what their text and values hold (C-CDA R2.1, FHIR XML, any other).

Strategy: a tolerant tokenizer over tags, not a parser: nothing is resolved or fetched, so there are no entity attacks
and no well-formedness to fail on. The element path gives the rule: the innermost element whose name tells something.
In C-CDA and FHIR the value stands in an attribute (`value`, `extension`), so those inherit the element's rule.
"""

from __future__ import annotations

import re

from masking.fields import CODE, SCAN, Role, Rule, rule_for
from masking.values import is_date_text, is_person
from masking.wordset import word_set

from .cell import Cell, Layout

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
}
_ONLY_INLINE = re.compile(
    r"(?i)(?:\s|</?(?:a|b|i|u|em|strong|span|sub|sup|small|font|content|mark|s|tt|code)(?:\s[^<>]{0,200})?>){0,24}"
)
_SIBLING = re.compile(r"\s{0,8}</([\w:.-]{1,80})>\s{0,200}<\1(?:\s[^<>]{0,200})?>\s{0,8}")
_PIECE = 25
_INLINE = word_set("""
    b i u em strong span a br hr p div td th tr table tbody thead li ul ol sub sup font small big code pre
    blockquote h1 h2 h3 h4 caption col colgroup html body head title text paragraph content item list section
    component
""")


def read(text: str) -> Layout | None:
    """Cells of an XML or HTML text; None for anything else."""
    if not _START.match(text):
        return None
    cells: list[Cell] = []
    prose: list[tuple[int, int]] = []
    stack: list[tuple[str, Rule]] = []
    at = found = 0
    for match in _TAG.finditer(text):
        found += 1
        _content(text, at, match.start(), stack, cells, prose)
        at = match.end()
        name = match[2].rpartition(":")[2].lower()
        if match[1]:
            _close(stack, name)
            continue
        rule = _rule(name, match[2].rpartition(":")[2], stack)
        _attributes(match, name, rule, cells)
        if not match[4] and len(stack) < 200:
            stack.append((name, rule))
    _content(text, at, len(text), stack, cells, prose)
    cells += _split_names(text, prose)
    return Layout(cells, _joined(text, prose)) if found else None


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
        if not value.strip() or key in _KEPT_ATTRIBUTES or attribute[1].startswith("xmlns"):
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


def _content(
    text: str, start: int, end: int, stack: list[tuple[str, Rule]], cells: list[Cell], prose: list[tuple[int, int]]
) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return
    rule = stack[-1][1] if stack else SCAN
    if rule.role == Role.VALUE and rule.kind is not None:
        cells.append(Cell(start, end, rule.kind))
    elif rule.role == Role.DATEISH and is_date_text(text[start:end]):
        cells.append(Cell(start, end, "date"))
    elif rule.role != Role.CODE:
        prose.append((start, end))
