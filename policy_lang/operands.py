"""What lines and expressions have in common: attributes, arguments, patterns, networks and windows, checked."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from policy_lang import formula as f
from policy_lang import nodes
from policy_lang.attributes import ATTRIBUTES, CALL, CALLER_KINDS
from policy_lang.automaton import TooLargeError, glob_automaton, shortest
from policy_lang.calendar import NotAWindowError, known_zone, windows_of
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.literals import described, plain
from policy_lang.pattern import Pattern
from policy_lang.regular import LIMIT, NotRegularError, size
from policy_lang.scope import Problems, Scope, expand
from policy_lang.source import Source

MOST_PATTERNED = 20_000  # character positions of all patterns in one line
_DEEPEST = 100
BROKEN = f.Constant(f.UNSURE)  # stands where an error was reported; such a policy is not loaded
_WORDS = (
    "when", "during", "unless", "allow", "deny", "because", "require", "approval", "from", "count", "within", "for",
    "once", "mask", "except", "with", "record", "retain", "grant", "limit", "per", "asserted", "claim", "expect",
    "allowed",
)  # fmt: skip
_COMMENTED = {
    "args": "write args.name in a `when`: when args.limit <= 10",
    "time": 'write during "Mon-Fri 09:00-17:00" in "Europe/Berlin"',
    "tool": 'write command "server/tool"',
    "env": "the attribute is called environment",
    "repo": "the attribute is called repository",
    "ref": "the attributes are called branch and tag",
    "user": "the attribute is called actor",
    "groups": "the attribute is called group",
}


@dataclass
class Operands:
    """Reads operands of one source. Findings go to `problems`."""

    scope: Scope
    source: Source
    problems: Problems

    def add(self, span: nodes.Span, code: str, message: str, help: str = "") -> f.Formula:  # noqa: A002
        self.problems.add(self.source, span, code, message, help)
        return BROKEN

    def known(self, attribute: nodes.Attribute) -> bool:
        """Whether the attribute exists (and may be called asserted); says so if not."""
        name = attribute.name
        if name not in ATTRIBUTES and self.problems.full:
            return False
        if name not in ATTRIBUTES:
            near = did_you_mean(name, ATTRIBUTES) or _COMMENTED.get(name, "") or did_you_mean(name, _WORDS)
            self.add(
                attribute.span, "HG010", f'"{name}" is not an attribute', near or f"there are {listing(ATTRIBUTES)}"
            )
            return False
        if attribute.asserted and name in CALL:
            self.add(attribute.span, "HG033", f'"{name}" is what is asked for; nobody asserts it', "leave asserted out")
            return False
        return True

    def patterns(self, items: list[nodes.Item], what: str) -> f.OneOf | None:
        """Strings, globs and regexes as one predicate; None after an error."""
        exact: set[str] = set()
        found: set[Pattern] = set()
        for item in items:
            if isinstance(item, nodes.Literal) and isinstance(item.value, str):
                if "*" in item.value:
                    if not self._bounded(item, item.value):
                        return None
                    found.add(Pattern("glob", item.value))
                else:
                    exact.add(item.value)
            elif isinstance(item, nodes.Regex):
                if not self.regular(item):
                    return None
                found.add(Pattern("regex", item.pattern))
            else:
                self.add(
                    item.span,
                    "HG020",
                    f"{what} takes strings and /regexes/, found {described(item)}",
                    'a text stands in "double quotes"',
                )
                return None
        if len(found) > 1 and sum(size(pattern.tree()) for pattern in found) > MOST_PATTERNED:
            message = f"the patterns of {what} have more than {MOST_PATTERNED:,} character positions together"
            self.add(items[-1].span, "HG005", message, "split the rule, or name whole values")
            return None
        return f.OneOf(frozenset(exact), tuple(sorted(found)))

    def _bounded(self, item: nodes.Item, glob: str) -> bool:
        if len(glob) > LIMIT:
            self.add(item.span, "HG005", f"a glob of more than {LIMIT:,} characters", "write a shorter one")
        return len(glob) <= LIMIT

    def regular(self, item: nodes.Regex) -> bool:
        """Whether a regex lies in the regular subset; says why if not."""
        try:
            Pattern("regex", item.pattern).tree()
        except NotRegularError as error:
            start = item.span[0] + 1 + error.at
            inside = (start, max(start + 1, min(item.span[1] - 1, start + 1)))
            self.add(inside, "HG023", error.message, error.help)
            return False
        return True

    def networks(self, field: f.Field, items: list[nodes.Item]) -> f.Formula:
        texts: list[str] = []
        for item in items:
            text = item.value if isinstance(item, nodes.Literal) else None
            try:
                if not isinstance(text, str):
                    raise ValueError("it is not a string")
                texts.append(str(network(text)))
            except ValueError as error:
                return self.add(
                    item.span,
                    "HG028",
                    f"{described(item)} is not a network: {error}",
                    'write an address or a network such as "10.0.0.0/8" or "2001:db8::/32"',
                )
        return f.Test(field, f.Within(tuple(sorted(set(texts)))))

    def check_words(self, name: str, texts: f.OneOf, items: Sequence[nodes.Item]) -> None:
        """Say which of the texts that are written in `items` the attribute cannot be."""
        if name == "caller":
            for word in sorted(texts.exact - set(CALLER_KINDS)):
                span = next((item.span for item in items if word in _written(item)), items[0].span)
                near = did_you_mean(word, CALLER_KINDS)
                self.add(span, "HG016", f'a caller is {listing(CALLER_KINDS)}, not "{word}"', near)
        if name == "command":
            self._check_commands(texts, items)
        if name == "server":
            written = (*texts.exact, *(pattern.text for pattern in texts.patterns if pattern.kind == "glob"))
            for text in sorted(one for one in written if "/" in one):
                span = next((item.span for item in items if text in _written(item)), items[0].span)
                message = f'a server\'s name has no slash; "{text}" is no server'
                self.add(span, "HG024", message, f'for a tool of a server write command "{text}"')

    def _check_commands(self, wanted: f.OneOf, items: Sequence[nodes.Item]) -> None:
        """Say which of the commands that are written in `items` are none."""
        words = [text for text in wanted.exact if "/" not in text]
        for text in sorted([*words, *(p.text for p in wanted.patterns if not _may_hold_slash(p))]):
            span = next((item.span for item in items if text in _written(item)), items[0].span)
            self.add(
                span,
                "HG024",
                f'a command is "server/tool"; "{text}" has no slash',
                f'write server "{text}" for a whole server, or "{text}/*" for its tools',
            )

    def during(self, node: nodes.During) -> f.Formula:
        windows: list[tuple[int, int]] = []
        for item in expand(self.scope, self.source, node.windows, self.problems):
            text = item.value if isinstance(item, nodes.Literal) else None
            try:
                windows += windows_of(text if isinstance(text, str) else "")
            except NotAWindowError as error:
                return self.add(
                    item.span,
                    "HG027",
                    f"{described(item)} is not a window: {error}",
                    'write days and times such as "Mon-Fri 09:00-17:00" or "22:00-06:00"',
                )
        zone = str(node.zone.value)
        if not known_zone(zone):
            return self.add(
                node.zone.span,
                "HG027",
                f'"{zone}" is not a time zone of this machine',
                'write a name such as "Europe/Berlin" or "UTC"',
            )
        formula = f.Clock(tuple(sorted(set(windows))), zone)
        return f.Opposite(formula) if node.negated else formula

    def shallow(self, operand: nodes.Argument) -> bool:
        """Whether a path is no deeper than can be read; says so if not."""
        if len(operand.steps) > _DEEPEST:
            message = f"an argument's path has more than {_DEEPEST} steps"
            self.add(operand.span, "HG005", message, "no call is nested as deep")
        return len(operand.steps) <= _DEEPEST

    def subject(self, operand: nodes.Operand) -> f.Subject | None:
        if isinstance(operand, nodes.Attribute):
            return f.Field(operand.name, operand.asserted) if self.known(operand) else None
        if isinstance(operand, nodes.Claim):
            return f.RawClaim(operand.name, operand.asserted)
        if not self.shallow(operand):
            return None
        if operand.default is None:
            return f.Arg(operand.steps)
        if isinstance(operand.default, nodes.Literal) and operand.default.value is not None:
            return f.Arg(operand.steps, (plain(operand.default.value),))
        self.add(operand.default.span, "HG025", "a default is a string, a number, true or false")
        return None


def _may_hold_slash(pattern: Pattern) -> bool:
    """Whether a pattern says where the slash of a command is: a glob shows it, a regex must be able to match one."""
    if pattern.kind == "glob":
        return "/" in pattern.text
    try:
        return shortest([pattern.automaton(), glob_automaton("**/**")], all) is not None
    except TooLargeError:
        return True


def _written(item: nodes.Item) -> tuple[object, ...]:
    return (
        (item.value,) if isinstance(item, nodes.Literal) else (item.pattern,) if isinstance(item, nodes.Regex) else ()
    )


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The network; one of mapped addresses is its IPv4 network, as the addresses count as IPv4. Raises ValueError."""
    whole = ipaddress.ip_network(text, strict=True)
    mapped = getattr(whole.network_address, "ipv4_mapped", None)
    if mapped is None or whole.prefixlen < 96:
        return whole
    return ipaddress.IPv4Network((mapped, whole.prefixlen - 96))
