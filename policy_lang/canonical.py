"""The canonical form of a policy and its digest: same meaning, same digest.

What does not count: comments, layout, the order of rules, lines and alternatives, the names of `let`s, and `test`,
`given` and `never`. What counts: the language's version, and every rule's name, conditions and effects.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from policy_lang import formula as f
from policy_lang.decision import Limit
from policy_lang.meaning import Effects, Meaning, Rule

VERSION = 1
_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def digest(meaning: Meaning) -> str:
    """`"sha256:…"` of the canonical form."""
    sha = hashlib.sha256(f"hoop {VERSION}\n".encode())
    for detector in meaning.detectors:
        _feed(sha, ["detector", detector.kind, detector.pattern, sorted(set(detector.near))])
    texts = _Texts()
    for rule in meaning.rules:
        _feed(sha, canonical_rule(rule, texts))
    return f"sha256:{sha.hexdigest()}"


def _feed(sha: Any, form: Any) -> None:
    sha.update(_text(form).encode("utf-8", "surrogatepass"))
    sha.update(b"\n")


def _text(form: Any) -> str:
    return _ENCODER.encode(form)


class _Texts:
    """The canonical texts of what many rules share: found by identity, as hashing a formula costs as much as spelling
    it. What is kept keeps its identity for as long as it is known here."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, formula: f.Formula) -> str:
        known = self._known.get(id(formula))
        if known is None:
            known = self._known[id(formula)] = formula, _text(canonical(formula))
        return known[1]


def canonical_rule(rule: Rule, texts: _Texts) -> Any:
    """A rule as JSON whose lists are sorted wherever order means nothing. `texts` keeps what many rules say alike."""
    return [
        "observe" if rule.observe else "rule",
        rule.name,
        sorted({texts.of(condition.formula) for condition in rule.conditions}),
        sorted({other.name for other in rule.unless}),
        _effects(rule.effects),
    ]


def _effects(effects: Effects) -> Any:
    approvals = {_text([sorted(set(a.from_)), a.count, a.within, a.for_]) for a in effects.approvals}
    return [
        effects.allow,
        effects.deny,
        sorted(approvals),
        sorted(effects.masks.items()),
        effects.says_mask,
        effects.record,
        effects.retain,
        [effects.grant.profile, effects.grant.seconds] if effects.grant else None,
        sorted(_text([limit.count, limit.per, *_unit(limit)]) for limit in effects.limits),
    ]


def _unit(limit: Limit) -> list[str]:
    return [] if limit.unit == "calls" else [limit.unit]


def canonical(formula: f.Formula) -> Any:
    """A formula as JSON. Alternatives are sorted; the operands of `and` and `or` keep their order."""
    if isinstance(formula, f.Test):
        return ["test", _subject(formula.subject), _predicate(formula.predicate)]
    if isinstance(formula, f.Opposite):
        return ["not", canonical(formula.part)]
    if isinstance(formula, (f.Every, f.Some)):
        return ["and" if isinstance(formula, f.Every) else "or", *(canonical(part) for part in formula.parts)]
    if isinstance(formula, f.Clock):
        return ["during", sorted(set(formula.windows)), formula.zone]
    if isinstance(formula, f.SqlTest):
        tables = sorted(set(formula.tables))
        return [
            "sql",
            _subject(formula.subject),
            formula.dialect,
            formula.test,
            tables,
            formula.operator,
            formula.number,
        ]
    return ["constant", formula.truth]


def _subject(subject: f.Subject) -> Any:
    if isinstance(subject, f.Arg):
        return ["args", list(subject.steps), [_plain(value) for value in subject.default]]
    word = "asserted" if subject.asserted else "believed"
    return ["claim" if isinstance(subject, f.RawClaim) else "attribute", subject.name, word]


def _predicate(predicate: f.Predicate) -> Any:
    if isinstance(predicate, f.OneOf):
        return ["in", sorted(predicate.exact), sorted([p.kind, p.text] for p in set(predicate.patterns))]
    if isinstance(predicate, f.Number):
        return [predicate.operator, _plain(predicate.value)]
    if isinstance(predicate, f.EachOf):
        return [predicate.quantifier, _predicate(predicate.element), predicate.opposite]
    if isinstance(predicate, f.Within):
        return ["networks", *sorted(set(predicate.networks))]
    if isinstance(predicate, f.Affix):
        return [predicate.where, predicate.text]
    if isinstance(predicate, (f.Contains, f.Is)):
        return ["contains" if isinstance(predicate, f.Contains) else "is", _plain(predicate.value)]
    return ["exists"]


def _plain(value: f.Plain) -> Any:
    return ["number", str(value)] if isinstance(value, Decimal) else value
