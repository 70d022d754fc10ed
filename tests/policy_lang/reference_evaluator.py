"""A second implementation of the language's meaning: slow, naive, and written from language.md alone.

It walks the parsed nodes for every request and shares with the engine nothing but the parser and the names of
attributes and kinds. The differential test (test_reference_differential.py) holds the two against each other.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from policy_lang import KINDS, METHODS, nodes
from policy_lang.parse import parse
from policy_lang.source import Source

NO, MAYBE, YES = 0, 1, 2
ADDRESSES = ("command", "resource", "prompt", "method")
LEVELS = ("off", "digest", "masked", "full")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNKNOWN, ABSENT, STRANGE = object(), object(), object()
Json = dict[str, Any]


def sure(truth: bool) -> int:
    return YES if truth else NO


class Caller:
    """A request in JSON as conditions look at it: every attribute a value, None or UNKNOWN."""

    def __init__(self, data: Json) -> None:
        self.data = data
        self.args = data.get("args") or {}
        self.time = datetime.fromisoformat(data["time"]) if data.get("time") else None
        said = [name for name in ADDRESSES if data.get(name) is not None]
        self.address: Json = {name: data.get(name, UNKNOWN) for name in ("server", *ADDRESSES)}
        if said:
            server = data.get("server")
            server = data["command"].split("/")[0] if said == ["command"] else UNKNOWN if server is None else server
            self.address = {"server": server} | {name: data.get(name) for name in ADDRESSES}

    def believed(self, name: str) -> bool:
        words = self.data.get("provenance", "asserted")
        return (words if isinstance(words, str) else words.get(name, words.get("default", "asserted"))) != "asserted"

    def value(self, operand: nodes.Attribute | nodes.Claim) -> Any:
        if operand.name in self.address and isinstance(operand, nodes.Attribute):
            return self.address[operand.name]
        field = operand.name if isinstance(operand, nodes.Attribute) else "claims"
        if field not in self.data or not (operand.asserted or self.believed(field)):
            return UNKNOWN
        if field != "claims":
            return [self.data["group"]] if isinstance(self.data[field], str) and field == "group" else self.data[field]
        found = (self.data["claims"] or {}).get(operand.name)
        return UNKNOWN if found is None else found


class Reference:
    """A policy text without errors; `decide` gives what `Decision.to_json` gives, without the digest."""

    def __init__(self, text: str) -> None:
        file, problems = parse(Source("reference", text))
        assert not problems, problems
        self.lets = {d.name.name: d.items for d in file.declarations if isinstance(d, nodes.Let)}
        detectors = [d.name.name for d in file.declarations if isinstance(d, nodes.Detector)]
        self.kinds = (*KINDS, *detectors)
        blocks = [d for d in file.declarations if isinstance(d, nodes.Block)]
        self.rules = {str(b.name.value): b for b in sorted(blocks, key=lambda b: str(b.name.value)) if b.kind == "rule"}
        self.nevers = {str(b.name.value): b for b in blocks if b.kind == "never"}

    # ---- conditions

    def items(self, items: Iterable[nodes.Item]) -> list[nodes.Item]:
        out: list[nodes.Item] = []
        for item in items:
            out += self.items(self.lets[item.name]) if isinstance(item, nodes.Name) else [item]
        return out

    def holds(self, block: nodes.Block, caller: Caller) -> int:
        return min([YES, *(self.entry(entry, caller) for entry in block.entries)])

    def entry(self, entry: nodes.Entry, caller: Caller) -> int:
        if isinstance(entry, nodes.Line):
            value = caller.value(entry.subject)
            truth = self.one_of(value, self.items(entry.items), entry.subject)
            needed = isinstance(entry.subject, nodes.Attribute) and entry.subject.name in ADDRESSES
            if entry.negated and needed and value is None:
                return NO
            return YES - truth if entry.negated else truth
        if isinstance(entry, nodes.Unless):
            return min(YES - self.holds(self.rules[written(name)], caller) for name in self.items(entry.rules))
        if isinstance(entry, nodes.When):
            return self.expression(entry.expression, caller)
        return self.during(entry, caller) if isinstance(entry, nodes.During) else YES

    def expression(self, node: nodes.Expression, caller: Caller) -> int:
        if isinstance(node, nodes.And):
            return min(self.expression(part, caller) for part in node.parts)
        if isinstance(node, nodes.Or):
            return max(self.expression(part, caller) for part in node.parts)
        if isinstance(node, nodes.Not):
            return YES - self.expression(node.part, caller)
        if isinstance(node, nodes.During):
            return self.during(node, caller)
        if isinstance(node, nodes.Exists):
            return self.exists(node.operand, caller)
        if isinstance(node, nodes.Each):
            return self.each(node, caller)
        assert isinstance(node, (nodes.Compare, nodes.In, nodes.Matches)), node
        return self.comparison(node, caller)

    def comparison(self, node: nodes.Compare | nodes.In | nodes.Matches, caller: Caller) -> int:
        if isinstance(node.operand, nodes.Argument):
            value = at_path(caller.args, node.operand.steps)
            if value is ABSENT and node.operand.default:
                value = node.operand.default.value  # type: ignore[union-attr]
            return MAYBE if value in (ABSENT, STRANGE) else self.compared(node, value)
        value = caller.value(node.operand)
        if value is UNKNOWN:
            return MAYBE
        operator = node.operator if isinstance(node, nodes.Compare) else ""
        if value is None:
            return sure(operator == "!=")
        name = node.operand.name if isinstance(node.operand, nodes.Attribute) else ""
        if name not in ("group", "source_ip"):
            return self.compared(node, value)
        if name == "source_ip":
            items = self.items(node.items) if isinstance(node, nodes.In) else [node.value]  # type: ignore[union-attr]
            truth = self.one_of(value, items, node.operand)
        else:
            if isinstance(node, nodes.Compare) and operator in ("!=", "contains"):
                node = nodes.Compare(node.operand, "==", node.value)
            truth = max([NO, *(self.compared(node, one) for one in value)])
        return YES - truth if operator == "!=" else truth

    def exists(self, operand: nodes.Operand, caller: Caller) -> int:
        if isinstance(operand, nodes.Argument):
            value = at_path(caller.args, operand.steps)
            return MAYBE if value is STRANGE else sure(value is not ABSENT)
        value = caller.value(operand)
        return MAYBE if value is UNKNOWN else sure(value is not None)

    def each(self, node: nodes.Each, caller: Caller) -> int:
        assert isinstance(node.comparison.operand, nodes.Argument)
        values = elements(caller.args, node.comparison.operand.steps, node.quantifier)
        if values is None:
            return MAYBE
        truths = [MAYBE if v in (ABSENT, STRANGE) else self.compared(node.comparison, v) for v in values]
        if node.quantifier == "any":
            return max(truths, default=NO)
        return min(truths, default=MAYBE)

    def compared(self, node: nodes.Compare | nodes.In | nodes.Matches, value: Any) -> int:
        """A value that is there with the right side."""
        if isinstance(node, nodes.In):
            return max(equal(value, item) for item in self.items(node.items))
        if isinstance(node, nodes.Matches):
            return max(matched(value, item) for item in self.items([node.pattern]))
        wanted = node.value.value  # type: ignore[union-attr]
        if node.operator in ("==", "!="):
            truth = equal(value, node.value)
            return truth if node.operator == "==" else YES - truth
        if node.operator == "contains" and isinstance(value, list):
            return max([NO, *(equal(one, node.value) for one in value)])
        if node.operator in ("startswith", "endswith", "contains"):
            if not isinstance(value, str) or not isinstance(wanted, str):
                return MAYBE
            tests = {"startswith": value.startswith, "endswith": value.endswith, "contains": value.__contains__}
            return sure(tests[node.operator](wanted))
        if not is_number(value):
            return MAYBE
        one, other = exact(value), exact(wanted)
        return sure({"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[node.operator])

    def one_of(self, value: Any, items: list[nodes.Item], subject: nodes.Attribute | nodes.Claim) -> int:
        """A line's alternatives."""
        if value is UNKNOWN:
            return MAYBE
        if value is None:
            return NO
        name = subject.name if isinstance(subject, nodes.Attribute) else ""
        if name == "group":
            return max([NO, *(matched(one, item) for one in value for item in items)])
        if name == "source_ip":
            return sure(any(inside(value, written(item)) for item in items))
        if isinstance(items[0], nodes.Literal) and isinstance(items[0].value, bool):
            return max(equal(value, item) for item in items)
        return max(matched(value, item) for item in items)

    def during(self, node: nodes.During, caller: Caller) -> int:
        if caller.time is None:
            return MAYBE
        try:
            local = caller.time.astimezone(ZoneInfo(str(node.zone.value)))
        except OverflowError:
            return MAYBE
        windows = [written(item) for item in self.items(node.windows)]
        truth = sure(any(in_window(window, local.weekday(), local.hour * 60 + local.minute) for window in windows))
        return YES - truth if node.negated else truth

    # ---- decisions

    def decide(self, data: Json) -> Json:
        caller = Caller(data)
        if any(isinstance(name, str) and hidden(name) for name in caller.address.values()):
            return {"effect": "deny"}
        truths = {name: self.holds(rule, caller) for name, rule in self.rules.items()}
        decision = self.joined({n: t for n, t in truths.items() if not self.rules[n].observe})
        tried = [n for n, t in truths.items() if self.rules[n].observe and self.applies(n, t)]
        if tried:
            decision |= {"observed": tried, "would": self.joined(truths)["effect"]}
        return decision

    def said(self, name: str, kind: Any) -> list[Any]:
        return [entry for entry in self.rules[name].entries if isinstance(entry, kind)]

    def applies(self, name: str, truth: int) -> bool:
        """Whether a clause of the rule applies: what permits only where certain, what restricts unless false."""
        restricts = (nodes.Deny, nodes.Require, nodes.Limit, nodes.Record, nodes.Retain)
        masks = any(self.masked(mask) for mask in self.said(name, nodes.Mask))
        return truth == YES or (truth == MAYBE and (masks or bool(self.said(name, restricts))))

    def joined(self, truths: Mapping[str, int]) -> Json:
        live = {name: truth for name, truth in truths.items() if self.applies(name, truth)}
        permits = [name for name, truth in live.items() if truth == YES and self.said(name, nodes.Allow)]
        denies = [name for name in live if self.said(name, nodes.Deny)]
        grants = [g for n, t in live.items() if t == YES for g in self.said(n, nodes.Grant)]
        levels = [record.level.name for name in live for record in self.said(name, nodes.Record)]
        retains = [retain.duration.seconds for name in live for retain in self.said(name, nodes.Retain)]
        out: Json = {"retain": max(retains, default=None)}
        if denies or not permits or len({g.profile.value for g in grants}) > 1:
            reason = " ".join(str(d.because.value) for n in denies for d in self.said(n, nodes.Deny))
            out |= {"effect": "deny", "rules": denies or list(live), "mask": {}, "approvals": [], "grant": None}
            return out | {"record": most(["digest", *levels]), "limits": [], "reason": reason if denies else None}
        approvals = [a for name in live for a in self.approvals(name)]
        least = "off" if any(self.said(name, nodes.Record) for name in permits) else "masked"
        grant = min(grants, key=lambda g: g.duration.seconds, default=None)
        seconds = grant and {"profile": grant.profile.value, "seconds": grant.duration.seconds}
        out |= {"effect": "approval" if approvals else "allow", "rules": list(live), "mask": self.masks(live, permits)}
        out |= {"approvals": approvals, "grant": seconds, "record": most([least, *levels]), "reason": None}
        return out | {"limits": [limit for name in live for limit in self.limits(name)]}

    def masks(self, live: Mapping[str, int], permits: list[str]) -> Json:
        silent = not any(self.said(name, nodes.Mask) for name in permits)
        asked = [dict.fromkeys(self.kinds, "redact")] if silent else []
        asked += [self.masked(mask) for name in live for mask in self.said(name, nodes.Mask)]
        out = {}
        for kind in self.kinds:
            methods = [kinds[kind] for kinds in asked if kind in kinds]
            if methods:
                out[kind] = min(methods, key=METHODS.index)
        return out

    def masked(self, mask: nodes.Mask) -> dict[str, str]:
        kinds = self.named(mask.kinds) - self.named(mask.exceptions)
        return dict.fromkeys(kinds, mask.method.name if mask.method else "redact")

    def named(self, items: Iterable[nodes.Item]) -> set[str]:
        out: set[str] = set()
        for item in items:
            assert isinstance(item, nodes.Name)
            if item.name == "all":
                out |= set(self.kinds)
            elif item.name != "none":
                out |= {item.name} if item.name in self.kinds else self.named(self.lets[item.name])
        return out

    def approvals(self, name: str) -> list[Json]:
        out = []
        for require in self.said(name, nodes.Require):
            approval = require.approval
            one: Json = {"from": sorted({written(item) for item in self.items(approval.groups)})}
            one["count"] = approval.count.value if approval.count else 1
            one["within"] = approval.within.seconds if approval.within else 3600
            if approval.window:
                one["for"] = approval.window.seconds
            out.append(one | {"rule": name})
        return unique(out)

    def limits(self, name: str) -> list[Json]:
        out = []
        for limit in self.said(name, nodes.Limit):
            per = limit.per.seconds if isinstance(limit.per, nodes.Duration) else limit.per.name
            size = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}[limit.unit.name] if limit.unit else 1
            one = {"count": limit.count.value * size, "per": per, "rule": name}
            out.append(one | {"unit": "bytes"} if limit.unit else one)
        return unique(out)

    # ---- never

    def breaks(self, name: str, data: Json) -> bool:
        """Whether a request shows that a `never` does not hold."""
        block, decision = self.nevers[name], self.decide(data)
        (allowed,) = [entry for entry in block.entries if isinstance(entry, nodes.Allowed)]
        if decision["effect"] == "deny" or self.holds(block, Caller(data)) == NO:
            return False
        return all(self.lacks(without, decision) for without in allowed.without)

    def lacks(self, without: nodes.Without, decision: Json) -> bool:
        if without.what == "approval":
            groups = {written(item) for item in self.items(without.items)}
            words = decision["approvals"]
            return not any(not groups or (a["from"] and set(a["from"]) <= groups) for a in words)
        method = without.method.name if without.method else None
        mask = decision["mask"]
        return any(kind not in mask or method not in (None, mask[kind]) for kind in self.named(without.items))


# ---- values ---------------------------------------------------------------------------------------------------------


def written(item: nodes.Item) -> str:
    """The text of a string."""
    assert isinstance(item, nodes.Literal), item
    return str(item.value)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def exact(value: Any) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def equal(value: Any, item: nodes.Item) -> int:
    wanted = item.value  # type: ignore[union-attr]
    if is_number(value) and is_number(wanted):
        return sure(exact(value) == exact(wanted))
    same = any(isinstance(value, kind) and isinstance(wanted, kind) for kind in (str, bool))
    return sure(value == wanted) if same else MAYBE


def matched(value: Any, item: nodes.Item) -> int:
    if not isinstance(value, str):
        return MAYBE
    if isinstance(item, nodes.Regex):
        return sure(re.fullmatch(item.pattern.replace("\\/", "/"), value, re.DOTALL | re.ASCII) is not None)
    parts = re.split(r"(\*+)", written(item))
    pattern = "".join("[^/]*" if p == "*" else ".*" if p and not p.strip("*") else re.escape(p) for p in parts)
    return sure(re.fullmatch(pattern, value, re.DOTALL) is not None)


def inside(text: str, network: str) -> bool:
    address: Any = ipaddress.ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    wide = ipaddress.ip_network(network)
    if address.version == 4 and network.startswith("::ffff:"):
        return ipaddress.ip_address(f"::ffff:{address}") in wide
    return address.version == wide.version and address in wide


def in_window(window: str, day: int, minute: int) -> bool:
    days, _, times = window.rpartition(" ")
    if "-" not in times or ":" not in times:
        days, times = window, "00:00-24:00"
    on = set()
    for part in days.split(",") if days else ["Mon-Sun"]:
        first, _, last = part.strip().partition("-")
        at = DAYS.index(first)
        on.add(at)
        while DAYS[at] != (last or first):
            at = (at + 1) % 7
            on.add(at)
    start, end = (int(t[:-3]) * 60 + int(t[-2:]) for t in times.split("-"))
    if start < end:
        return day in on and start <= minute < end
    return (day in on and minute >= start) or ((day - 1) % 7 in on and minute < end)


def at_path(value: Any, steps: Iterable[str | int | None]) -> Any:
    for step in steps:
        if not isinstance(value, dict if isinstance(step, str) else list):
            return STRANGE
        try:
            value = value[step]  # type: ignore[index]
        except (KeyError, IndexError):
            return ABSENT
    return value


def elements(value: Any, steps: tuple[str | int | None, ...], quantifier: str) -> list[Any] | None:
    """What a path with `[*]` names; None where there is no list. Of an empty list inside, nobody knows "all"."""
    at = steps.index(None)
    many = at_path(value, steps[:at])
    if not isinstance(many, list):
        return None
    out: list[Any] = []
    for one in many:
        if None in steps[at + 1 :]:
            inner = elements(one, steps[at + 1 :], quantifier)
            out += [STRANGE] if inner is None or (not inner and quantifier == "all") else inner
        else:
            out.append(at_path(one, steps[at + 1 :]))
    return out


def hidden(name: str) -> bool:
    """Dot segments, encoded or not."""
    for _ in range(5):
        name = unquote(name)
    return any(part in (".", "..") for part in re.split(r"[/\\?#]", name))


def most(levels: list[str]) -> str:
    return max(levels, key=LEVELS.index)


def unique(many: list[Json]) -> list[Json]:
    """Without repetitions, in one order."""
    return [json.loads(text) for text in sorted({json.dumps(one, sort_keys=True) for one in many})]
