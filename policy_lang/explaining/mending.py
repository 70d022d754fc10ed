"""The least change of a policy that turns a refusal: written, read again and confirmed by deciding the request.

Where nothing permits, the permit that lacks least is widened: a value is added to a line, a bound moved (widening.py),
or the line left out; where none is about such a call, it takes a rule of its own. Where rules deny, each is given a
line that leaves out the call. Whether the change is wanted is for people to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policy_lang import nodes
from policy_lang.attributes import index
from policy_lang.decision import Decision
from policy_lang.errors import PolicyError
from policy_lang.explaining.truths import truth_of
from policy_lang.explaining.widening import widened
from policy_lang.formula import CALL_SIDE, FALSE, TRUE, sides
from policy_lang.meaning import Rule
from policy_lang.request import Request
from policy_lang.spell import entry_text, scalar
from policy_lang.variant import Workbench

_MOST = 4  # edits that still count as a small change
_ANSWERS = 2
_ADDRESSES = ("command", "resource", "prompt", "method")


@dataclass(frozen=True)
class Edit:
    """One line of a rule: `old` is "" for one that is added, `new` "" for one that is left out."""

    rule: str
    file: str
    line: int
    old: str
    new: str


@dataclass(frozen=True)
class Mend:
    """Edits that together turn the refusal, and the decision then."""

    edits: tuple[Edit, ...]
    decision: Decision


def nearest_policies(bench: Workbench, request: Request, decision: Decision) -> list[Mend]:
    """The least changes of the policy that turn a refusal of this request, the fewest edits first."""
    lifted, edits = _lifted(bench, request, decision)
    if lifted is None:
        return []
    found = [_confirmed(bench, request, lifted, edits)] if edits else []
    for rule in _near(bench, request):
        for small in (True, False):
            entries, more = _widened(bench, rule, request, small)
            mend = _confirmed(bench, request, {**lifted, rule.name: entries}, [*edits, *more]) if more else None
            if mend is not None:
                found.append(mend)
                break
    mends = sorted((mend for mend in found if mend is not None), key=lambda mend: len(mend.edits))
    least = [
        mend for at, mend in enumerate(mends) if not any(set(less.edits) <= set(mend.edits) for less in mends[:at])
    ]
    own = None if least or edits else _own_rule(bench, request)
    return [own] if own else least[:_ANSWERS]


def _own_rule(bench: Workbench, request: Request) -> Mend | None:
    """A rule that permits this call to this caller, where no rule about such calls could be widened."""
    known = {name: request.values[index(name)] for name in ("repository", "branch", *_ADDRESSES, "server")}
    said = {name: value for name, value in known.items() if isinstance(value, str) and "*" not in value}
    called = next((name for name in _ADDRESSES if name in said), None)
    if called is None:
        return None
    if called == "command":
        said.pop("server", None)
    lines = "  ".join(f"{name} {scalar(value)}" for name, value in said.items())
    name = f"permits {said[called]}"
    text = f"rule {scalar(name)} {{ {lines}  allow }}"
    try:
        decision = bench.with_text(text).policy.decide(request)
    except PolicyError:
        return None
    source = bench.sources[-1]
    edit = Edit(name, source.name, source.text.count("\n") + 1, "", text)
    return None if decision.effect == "deny" else Mend((edit,), decision)


_Changed = dict[str, Sequence[nodes.Entry]]


def _confirmed(bench: Workbench, request: Request, changed: _Changed, edits: Sequence[Edit]) -> Mend | None:
    policy = bench.varied(changed)
    decision = policy.decide(request) if policy else None
    if decision is None or decision.effect == "deny" or not edits or len(edits) > _MOST:
        return None
    return Mend(tuple(edits), decision)


def _lifted(bench: Workbench, request: Request, decision: Decision) -> tuple[_Changed | None, list[Edit]]:
    """The denying rules, each with a line that leaves out the call; None where the address itself is refused."""
    changed: _Changed = {}
    edits: list[Edit] = []
    if decision.reason is None:
        return changed, edits
    for name in decision.rules:
        line = _leaving_out(request)
        if line is None:
            return None, []
        source, block = bench.block(name)
        changed[name] = (line, *block.entries)
        edits.append(Edit(name, source.name, source.position(block.span[0])[0], "", entry_text(line)))
    return (changed, edits) if edits else (None, [])


def _leaving_out(request: Request) -> nodes.Line | None:
    for name in _ADDRESSES:
        value = request.values[index(name)]
        if isinstance(value, str) and "*" not in value:
            return nodes.Line(nodes.Attribute(name), (nodes.Literal(value),), True)
    return None


def _says_what(entry: nodes.Entry) -> bool:
    """Whether a line says which calls its rule is about."""
    return isinstance(entry, nodes.Line) and entry.subject.name in _ADDRESSES


def _near(bench: Workbench, request: Request) -> list[Rule]:
    permits = [rule for rule in bench.meaning.rules if rule.effects.allow and not rule.observe]
    lacking = {rule.name: sum(truth_of(f, request) != TRUE for f in rule.formulas()) for rule in permits}
    near = [rule for rule in permits if 0 < lacking[rule.name] <= _MOST]
    near = [rule for rule in near if _about(rule, request)] or near  # a permit of another call is the last resort
    return sorted(near, key=lambda rule: (lacking[rule.name], rule.name))[:5]


def _about(rule: Rule, request: Request) -> bool:
    address = [c.formula for c in rule.conditions if sides(c.formula) == {CALL_SIDE}]
    return all(truth_of(formula, request) == TRUE for formula in address)


def _widened(bench: Workbench, rule: Rule, request: Request, small: bool) -> tuple[list[nodes.Entry], list[Edit]]:
    """A permit's entries with those that do not hold widened (`small`) or left out."""
    source, block = bench.block(rule.name)
    formulas = {condition.span: condition.formula for condition in rule.conditions}
    exceptions = {other.name for other in rule.unless if truth_of(other.formula(), request) != FALSE}
    entries: list[nodes.Entry] = []
    edits: list[Edit] = []
    for entry in block.entries:
        new: nodes.Entry | None = entry
        if isinstance(entry, nodes.Unless):
            named = {getattr(item, "value", None) for item in entry.rules}
            new = None if named & exceptions else entry
        elif (formula := formulas.get(entry.span)) is not None and truth_of(formula, request) != TRUE:
            new = widened(entry, formula, request) if small or _says_what(entry) else None
            if new is None and _says_what(entry):
                return [], []  # it would permit what nobody asked for
        if new is not entry:
            place = source.position(entry.span[0])[0]
            edits.append(Edit(rule.name, source.name, place, entry_text(entry), entry_text(new) if new else ""))
        if new is not None:
            entries.append(new)
    return entries, edits
