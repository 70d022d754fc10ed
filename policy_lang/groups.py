"""The groups that a policy names: which of them look like a slip, and which nobody is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from policy_lang import nodes
from policy_lang.diagnostic import Diagnostic, did_you_mean, found, listing, nearest
from policy_lang.scope import Problems, Scope, expand
from policy_lang.source import Source

_Place = tuple[Source, nodes.Span]
_SHORTEST = 6  # letters of a name in which one letter more or less is likely a slip


def doubtful(scope: Scope) -> Iterator[Diagnostic]:
    """A warning for each group that is likely another's name misspelled, or that no rule asks."""
    asked: dict[str, list[_Place]] = defaultdict(list)
    hoped: list[tuple[str, _Place]] = []
    for source, block in scope.blocks.values():
        for entry in block.entries:
            for name, span, is_demand in _named(scope, source, entry):
                if is_demand:
                    asked[name].append((source, span))
                else:
                    hoped.append((name, (source, span)))
    for name, places in asked.items():
        near = _slip(name, places, asked)
        if near:
            yield found(*places[0], "HG113", f'no other rule knows the group "{name}"', f'did you mean "{near}"?')
    for name, place in hoped:
        if name not in asked:
            help_ = did_you_mean(name, asked) or (f"the rules ask {listing(sorted(asked))}" if asked else "")
            yield found(*place, "HG113", f'no rule requires approval from "{name}"', help_)


def _named(scope: Scope, source: Source, entry: nodes.Entry) -> Iterator[tuple[str, nodes.Span, bool]]:
    """The groups in an entry, each with whether it is asked there, or only expected to be."""
    if isinstance(entry, nodes.Require):
        lists, is_demand = [entry.approval.groups], True
    elif isinstance(entry, nodes.Expect) and isinstance(entry.outcome, nodes.Approval):
        lists, is_demand = [entry.outcome.groups], False
    elif isinstance(entry, nodes.Allowed):
        lists, is_demand = [without.items for without in entry.without if without.what == "approval"], False
    else:
        return
    for items in lists:
        for item in expand(scope, source, items, Problems()):
            if isinstance(item, nodes.Literal) and isinstance(item.value, str):
                yield item.value, item.span, is_demand


def _slip(name: str, places: list[_Place], asked: dict[str, list[_Place]]) -> str:
    """The group that was likely meant by a name that stands only once; "" where there is none."""
    if len(places) > 1:
        return ""
    more = [other for other in asked if len(asked[other]) > 1]
    near = nearest(name, more)
    earlier = list(asked)[: list(asked).index(name)]
    return near or next((other for other in earlier if _one_letter(name, other)), "")


def _one_letter(one: str, other: str) -> bool:
    """Whether two names differ by one letter more or two letters swapped."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    if len(short) < _SHORTEST or short == long:
        return False
    if len(long) == len(short) + 1:
        return any(_dropped(long, at) == short and long[at].isalpha() for at in range(len(long)))
    return len(long) == len(short) and any(
        short[:at] + short[at + 1] + short[at] + short[at + 2 :] == long for at in range(len(short) - 1)
    )


def _dropped(text: str, at: int) -> str:
    return text[:at] + text[at + 1 :]
