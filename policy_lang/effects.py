"""Effects: from the clauses of a rule to what it says, with kinds, methods and combinations checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from policy_lang import nodes
from policy_lang.decision import Approval, Grant, Level, Limit
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.kinds import LEVELS, METHODS, fits, keeps_least
from policy_lang.literals import described
from policy_lang.meaning import Effects
from policy_lang.scope import Problems, Scope, expand
from policy_lang.source import Source
from policy_lang.text import look_alike

_HOUR = 3600


@dataclass
class EffectReader:
    """Reads effects of one source. Findings go to `problems`."""

    scope: Scope
    source: Source
    problems: Problems

    def _add(self, span: nodes.Span, code: str, message: str, help: str = "") -> None:  # noqa: A002
        self.problems.add(self.source, span, code, message, help)

    def effects(self, rule: nodes.Block, clauses: Sequence[nodes.Effect]) -> Effects:
        """What a rule says, all clauses joined; rules that say it in the same words share it, but for their names."""
        name, said, text = str(rule.name.value), self.problems.said, self.source.text
        words = tuple([text[clause.span[0] : clause.span[1]] for clause in clauses])
        effects = self.scope.effects.get(words)
        if effects is None:
            effects = self._effects(rule, name, clauses)
            if self.problems.said == said:
                self.scope.effects[words] = effects
        elif effects.approvals or effects.limits:
            approvals = tuple([replace(approval, rule=name) for approval in effects.approvals])
            limits = tuple([replace(limit, rule=name) for limit in effects.limits])
            return replace(effects, approvals=approvals, limits=limits)
        return effects

    def _effects(self, rule: nodes.Block, name: str, clauses: Sequence[nodes.Effect]) -> Effects:
        if not clauses:
            self._add(
                rule.name.span,
                "HG030",
                f'the rule "{name}" says nothing',
                'give it an effect: allow, deny because "…", require approval, mask, record, retain, grant or limit',
            )
        self._check_deny(clauses)
        masks = [(clause, self.masked(clause)) for clause in clauses if isinstance(clause, nodes.Mask)]
        self._check_none(masks)
        approvals = [self.approval(c.approval, name) for c in clauses if isinstance(c, nodes.Require)]
        return Effects(
            allow=any(isinstance(clause, nodes.Allow) for clause in clauses),
            deny=self._deny(clauses),
            approvals=tuple(sorted(set(approvals), key=_approval_order)) if approvals else (),
            masks=_united([kinds for _, kinds in masks], self.scope.kinds),
            says_mask=bool(masks),
            record=self._record(clauses),
            retain=max(
                (self.seconds(c.duration, "retain") for c in clauses if isinstance(c, nodes.Retain)), default=None
            ),
            grant=self._grant(clauses),
            limits=self._limits(clauses, name),
        )

    # ---- verdicts

    def _check_deny(self, clauses: Sequence[nodes.Effect]) -> None:
        denies = [clause for clause in clauses if isinstance(clause, nodes.Deny)]
        for extra in denies[1:]:
            self._add(
                extra.span, "HG032", "a second deny in one rule", "one because says it; or make it a rule of its own"
            )
        for clause in clauses if denies else ():
            if not isinstance(clause, (nodes.Deny, nodes.Record, nodes.Retain)):
                word = type(clause).__name__.lower()
                self._add(
                    clause.span,
                    "HG032",
                    f"{word} beside deny",
                    "what is denied has no other effects than record and retain; split the rule",
                )

    def _deny(self, clauses: Sequence[nodes.Effect]) -> str | None:
        for clause in clauses:
            if isinstance(clause, nodes.Deny):
                if clause.because is None or not str(clause.because.value).strip():
                    self._add(
                        clause.span,
                        "HG031",
                        "a deny without a reason",
                        'write deny because "what the reader of the job\'s log should know"',
                    )
                    return ""
                return str(clause.because.value)
        return None

    def approval(self, node: nodes.Approval, rule: str) -> Approval:
        """`count` 1, `once` and `within 1h` unless said."""
        if node.repeated or (node.once and node.window):
            self._add(
                node.span,
                "HG035",
                "a part of the approval is said twice",
                "say from, count, within and for or once at most once each",
            )
        count = node.count.value if node.count else 1
        if type(count) is not int or count < 1:
            self._add(
                node.count.span if node.count else node.span,
                "HG029",
                f"a count is a whole number from 1 on, found {count}",
            )
            count = 1
        groups = []
        for item in expand(self.scope, self.source, node.groups, self.problems):
            if isinstance(item, nodes.Literal) and isinstance(item.value, str) and item.value and "*" not in item.value:
                groups.append(item.value)
                odd = look_alike(item.value)
                if odd:
                    self._add(item.span, "HG004", f"a group with {odd}", "write the name in one script")
            else:
                self._add(item.span, "HG020", f"a group is named by a plain string, found {described(item)}")
        within = self.seconds(node.within, "within") if node.within else _HOUR
        window = self.seconds(node.window, "for") if node.window else None
        return Approval(tuple(sorted(set(groups))), count, within, window, rule)

    def seconds(self, node: nodes.Duration, what: str) -> int:
        if node.seconds == 0:
            self._add(
                node.span,
                "HG029",
                f"{what} {node.text} is no time at all",
                "durations are such as 30s, 15m, 12h, 7d, 2w, 6y",
            )
        return node.seconds

    # ---- masks

    def masked(self, node: nodes.Mask) -> dict[str, str]:
        """The kinds of one `mask` and its method; `all` and lets are written out."""
        if _is_none(node.kinds):
            if node.exceptions or node.method or len(node.kinds) > 1:
                self._add(
                    node.span,
                    "HG035",
                    "mask none stands alone",
                    "write mask none, or mask all except what may be shown",
                )
            return {}
        kinds = self.kinds(node.kinds)
        without = self.kinds(node.exceptions)
        for kind in without:
            if kind not in kinds:
                self._add(
                    node.span,
                    "HG035",
                    f'"{kind}" is excepted from kinds that do not hold it',
                    "leave the exception out",
                )
        method = self.method(node.method)
        left = [kind for kind in kinds if kind not in without]
        if kinds and not left:
            self._add(node.span, "HG035", "a mask of nothing", "showing everything is written mask none")
        if method:
            self._check_method(node, left, method)
        return dict.fromkeys(left, method or "redact")

    def method(self, node: nodes.Name | None) -> str | None:
        if node is None or node.name in METHODS:
            return node.name if node else None
        self._add(
            node.span,
            "HG012",
            f'"{node.name}" is not a method',
            did_you_mean(node.name, METHODS) or f"there are {listing(METHODS)}",
        )
        return None

    def _check_method(self, node: nodes.Mask, kinds: list[str], method: str) -> None:
        wrong = [kind for kind in kinds if not fits(method, kind)]
        if wrong and node.method:
            self._add(
                node.method.span,
                "HG013",
                f"{method} does not fit {listing(wrong[:4])}{' …' if len(wrong) > 4 else ''}",
                "redact and token fit every kind; generalize: date, age, address; shift: date; "
                "partial: phone, fax, ssn, card, mrn, account, email",
            )

    def kinds(self, items: nodes.Items) -> list[str]:
        """Kinds in the order of the language, `all` and lets written out. Unknown kinds are errors."""
        known = self.scope.kinds
        words: set[str] = set()
        queue = list(items)
        while queue:
            item = queue.pop()
            if not isinstance(item, nodes.Name):
                self._add(
                    item.span,
                    "HG011",
                    f"a kind is a word without quotes, found {described(item)}",
                    f"kinds are {listing(known)}",
                )
            elif item.name == "all":
                words |= set(known)
            elif item.name in known:
                words.add(item.name)
            elif item.name in self.scope.lets:
                self.scope.used.add(item.name)
                queue += [_at(inner, item.span) for inner in self.scope.lets[item.name][1].items]
            else:
                near = did_you_mean(item.name, [*known, *self.scope.lets]) or f"kinds are {listing(known)}"
                self._add(item.span, "HG011", f'"{item.name}" is not a kind', near)
        return [kind for kind in known if kind in words]

    def _check_none(self, masks: list[tuple[nodes.Mask, dict[str, str]]]) -> None:
        if len(masks) > 1:
            for clause, _ in masks:
                if _is_none(clause.kinds):
                    self._add(
                        clause.span, "HG035", "mask none beside another mask", "masks are united; leave mask none out"
                    )

    # ---- the rest

    def level(self, node: nodes.Record) -> Level | None:
        name = node.level.name
        if name in LEVELS:
            return name  # type: ignore[return-value]
        self._add(
            node.level.span,
            "HG016",
            f'"{name}" is not a level of record',
            did_you_mean(name, LEVELS) or f"there are {listing(LEVELS)}",
        )
        return None

    def _record(self, clauses: Sequence[nodes.Effect]) -> Level | None:
        levels = [self.level(clause) for clause in clauses if isinstance(clause, nodes.Record)]
        return max((level for level in levels if level), key=LEVELS.index, default=None)

    def _grant(self, clauses: Sequence[nodes.Effect]) -> Grant | None:
        grants = [clause for clause in clauses if isinstance(clause, nodes.Grant)]
        for other in grants[1:]:
            if other.profile.value != grants[0].profile.value:
                self._add(
                    other.span,
                    "HG037",
                    f'"{grants[0].profile.value}" and "{other.profile.value}" are granted for one request',
                    "a call gets one credential; split the rule",
                )
        if not grants:
            return None
        for grant in grants:
            if not str(grant.profile.value).strip():
                self._add(grant.profile.span, "HG020", "a grant without a profile", 'write grant "ehr-reader" for 15m')
        return Grant(str(grants[0].profile.value), min(self.seconds(grant.duration, "for") for grant in grants))

    def limit(self, node: nodes.Limit, rule: str) -> Limit | None:
        count = node.count.value
        if type(count) is not int or count < 0:
            self._add(node.count.span, "HG029", f"a limit is a whole number, found {count}")
            return None
        unit: Literal["calls", "bytes"] = "calls"
        if node.unit is not None:
            if node.unit.name not in nodes.BYTES:
                help_ = "calls need no word: limit 10 per 1h; bytes of results: limit 5 MB per 1h"
                self._add(node.unit.span, "HG016", f"a limit counts calls or {listing([*nodes.BYTES])}", help_)
                return None
            unit, count = "bytes", count * nodes.BYTES[node.unit.name]
        if isinstance(node.per, nodes.Duration):
            return Limit(count, self.seconds(node.per, "per"), rule, unit)
        if node.per.name != "run":
            self._add(
                node.per.span,
                "HG016",
                f'a limit counts per duration or run, not per "{node.per.name}"',
                "write per 1h, per 1d or per run",
            )
            return None
        return Limit(count, "run", rule, unit)

    def _limits(self, clauses: Sequence[nodes.Effect], rule: str) -> tuple[Limit, ...]:
        limits = [self.limit(clause, rule) for clause in clauses if isinstance(clause, nodes.Limit)]
        if not limits:
            return ()
        return tuple(sorted({limit for limit in limits if limit}, key=_limit_order))


def _limit_order(limit: Limit) -> tuple[str, str, int]:
    return str(limit.per), limit.unit, limit.count


def _approval_order(approval: Approval) -> tuple[tuple[str, ...], int, int, int]:
    return approval.from_, approval.count, approval.within, approval.for_ or 0


def _united(masks: list[dict[str, str]], order: tuple[str, ...]) -> Mapping[str, str]:
    out: dict[str, str] = {}
    for kinds in masks:
        for kind, method in kinds.items():
            out[kind] = keeps_least(method, out.get(kind, method))
    ordered = sorted(out, key=order.index) if len(masks) > 1 else out
    return MappingProxyType({kind: out[kind] for kind in ordered})


def _is_none(kinds: nodes.Items) -> bool:
    return any(isinstance(item, nodes.Name) and item.name == "none" for item in kinds)


def _at(item: nodes.Item, span: nodes.Span) -> nodes.Item:
    return nodes.Name(item.name, span) if isinstance(item, nodes.Name) else item
