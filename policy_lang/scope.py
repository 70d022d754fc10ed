"""The names that a policy declares, over all its files, and where findings about it are collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from policy_lang import nodes
from policy_lang.diagnostic import Diagnostic, did_you_mean, found
from policy_lang.formula import Formula
from policy_lang.kinds import KINDS
from policy_lang.meaning import Effects
from policy_lang.source import Source
from policy_lang.text import differing, look_alike, skeleton

MOST_FINDINGS = 200
_RESERVED = ("all", "none", "unknown", "null", "true", "false", "run")
_EFFECTS = ("allow", "deny", "require", "mask", "record", "retain", "grant", "limit")


@dataclass
class Problems:
    """Findings, gathered while nodes are read. Past a number that nobody would read, further ones are dropped."""

    found: list[Diagnostic] = field(default_factory=list)
    said: int = 0  # how often something was found, dropped or not

    def add(self, source: Source, span: nodes.Span, code: str, message: str, help: str = "") -> None:  # noqa: A002
        self.said += 1
        if len(self.found) < MOST_FINDINGS:
            self.found.append(found(source, span, code, message, help))

    @property
    def full(self) -> bool:
        """Whether further findings would be dropped; then looking for near names is not worth its time."""
        return len(self.found) >= MOST_FINDINGS


@dataclass
class Scope:
    """What the names of all files stand for. `blocks` is keyed by kind ("rule", "given", …) and name."""

    lets: dict[str, tuple[Source, nodes.Let]] = field(default_factory=dict)
    detectors: dict[str, tuple[Source, nodes.Detector]] = field(default_factory=dict)
    blocks: dict[tuple[str, str], tuple[Source, nodes.Block]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    conditions: dict[str, Formula] = field(default_factory=dict)  # by their text: what is said alike means the same
    effects: dict[tuple[str, ...], Effects] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        return KINDS + tuple(sorted(self.detectors)) if self.detectors else KINDS

    def names(self, kind: str) -> list[str]:
        return [name for of, name in self.blocks if of == kind]


def declare(files: Iterable[tuple[Source, nodes.File]], problems: Problems) -> Scope:
    """Collect every declaration; a name that is taken is an error."""
    scope = Scope()
    for source, file in files:
        for declaration in file.declarations:
            _declare(scope, source, declaration, problems)
    _check_look_alikes(scope, problems)
    _check_cycles(scope, problems)
    return scope


def _declare(scope: Scope, source: Source, declaration: nodes.Declaration, problems: Problems) -> None:
    if isinstance(declaration, nodes.Block):
        key = (declaration.kind, declaration.name.value)
        odd = look_alike(str(declaration.name.value))
        if odd:
            problems.add(source, declaration.name.span, "HG004", f"a name with {odd}", "write the name in one script")
        if not str(declaration.name.value).strip():
            message, help_ = (
                f"a {declaration.kind} without a name",
                "the name stands in every record: say what it is for",
            )
            problems.add(source, declaration.name.span, "HG017", message, help_)
        earlier = scope.blocks.setdefault(key, (source, declaration))  # type: ignore[arg-type]
        what = f'{declaration.kind} "{declaration.name.value}"'
    else:
        name = declaration.name
        what = f'"{name.name}"'
        if name.name in KINDS:
            problems.add(source, name.span, "HG017", f"{what} is a kind of the language", "choose another name")
            return
        if name.name in _RESERVED:
            problems.add(source, name.span, "HG017", f"{what} is a word of the language", "choose another name")
            return
        taken = scope.lets.get(name.name) or scope.detectors.get(name.name)
        if isinstance(declaration, nodes.Let):
            earlier = taken or scope.lets.setdefault(name.name, (source, declaration))  # type: ignore[assignment]
        else:
            earlier = taken or scope.detectors.setdefault(name.name, (source, declaration))  # type: ignore[assignment]
    if earlier[1] is not declaration:
        line, _ = earlier[0].position(earlier[1].span[0])
        where = f"{earlier[0].name}:{line}"
        problems.add(
            source,
            declaration.name.span,
            "HG017",
            f"{what} is declared twice",
            f"the first stands at {where}; names are unique over all files",
        )


def _check_look_alikes(scope: Scope, problems: Problems) -> None:
    """Two names that a reader would take for one."""
    if all(name.isascii() for _, name in scope.blocks):
        return
    seen: dict[tuple[str, str], str] = {}
    for (kind, name), (source, block) in scope.blocks.items():
        other = seen.setdefault((kind, skeleton(name)), name)
        if other != name and not (other.isascii() and name.isascii()):
            message = f'this name looks like "{other}": {differing(name, other)}'
            problems.add(source, block.name.span, "HG004", message, "write the name in one script")


def _check_cycles(scope: Scope, problems: Problems) -> None:
    """Every `let` that is made of itself; its items are dropped so that expanding ends.

    Strategy: depth first, each name once; a name that is met again while it is still open closes a circle.
    """
    done: set[str] = set()
    for start in list(scope.lets):
        walk = [] if start in done else [(start, _names_in(scope, start))]
        still_open = {start}
        while walk:
            name, inner = walk[-1]
            following = next(inner, None)
            if following is None:
                walk.pop()
                still_open.discard(name)
                done.add(name)
            elif following in still_open:
                _refuse_circle(scope, following, problems)
            elif following not in done:
                still_open.add(following)
                walk.append((following, _names_in(scope, following)))


def _names_in(scope: Scope, let: str) -> Iterator[str]:
    items = scope.lets[let][1].items
    return (item.name for item in items if isinstance(item, nodes.Name) and item.name in scope.lets)


def _refuse_circle(scope: Scope, name: str, problems: Problems) -> None:
    source, let = scope.lets[name]
    if let.items:
        problems.add(
            source, let.name.span, "HG039", f'"{name}" is made of itself', "a let holds literals and other lets"
        )
        scope.lets[name] = (source, nodes.Let(let.name, (), let.span))


def expand(scope: Scope, source: Source, items: nodes.Items, problems: Problems) -> list[nodes.Item]:
    """The items with every `let` written out, depth first. Spans stay those of the use. Unknown names are errors."""
    out: list[nodes.Item] = []
    for item in items:
        if not isinstance(item, nodes.Name):
            out.append(item)
        elif item.name in scope.lets:
            out += _expanded(scope, item)
        else:
            help_ = did_you_mean(item.name, scope.lets) or 'a text stands in "double quotes"'
            if item.name in _EFFECTS:
                help_ = f"is there a comma too many before {item.name}?"
            problems.add(source, item.span, "HG014", f'"{item.name}" is not declared', help_)
    return out


def _expanded(scope: Scope, use: nodes.Name) -> list[nodes.Item]:
    out: list[nodes.Item] = []
    queue: list[nodes.Item] = [use]
    seen: set[str] = set()
    while queue:
        item = queue.pop()
        if isinstance(item, nodes.Name):
            if item.name in scope.lets and item.name not in seen:
                seen.add(item.name)
                scope.used.add(item.name)
                queue += reversed(scope.lets[item.name][1].items)
            elif item.name not in scope.lets:
                out.append(nodes.Name(item.name, use.span))
        else:
            out.append(_placed(item, use.span))
    return out


def _placed(item: nodes.Item, span: nodes.Span) -> nodes.Item:
    if isinstance(item, nodes.Literal):
        return nodes.Literal(item.value, span)
    if isinstance(item, nodes.Regex):
        return nodes.Regex(item.pattern, span)
    return nodes.Duration(item.text, item.seconds, span) if isinstance(item, nodes.Duration) else item
