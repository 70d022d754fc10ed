"""Warnings: what is allowed and probably not meant."""

from __future__ import annotations

from collections.abc import Iterator

from policy_lang import nodes
from policy_lang.attributes import ATTESTS, IMMUTABLE, JOB_ENRICHED
from policy_lang.coverage import coverage
from policy_lang.diagnostic import Diagnostic, did_you_mean, found, listing, nearest
from policy_lang.formula import Every, Field, Formula, OneOf, Opposite, Present, RawClaim, Some, Test, leaves
from policy_lang.groups import doubtful
from policy_lang.meaning import Condition, Meaning, Rule
from policy_lang.pattern import Pattern
from policy_lang.repetition import of_block, of_list
from policy_lang.scope import Scope
from policy_lang.unreal import ATTESTABLE, why_not

_UNANCHORED = (
    "branch", "tag", "repository", "environment", "actor", "provider", "issuer", "tenant", "job", "workflow", "server",
    "group",
)  # fmt: skip


def warnings_of(meaning: Meaning, scope: Scope) -> list[Diagnostic]:
    """Every warning about a policy without errors."""
    out: list[Diagnostic] = []
    for rule in meaning.rules:
        out += _rule(rule)
    out += _text(scope)
    out += _tests(meaning, scope)
    return out


def _rule(rule: Rule) -> Iterator[Diagnostic]:
    yield from _open_permit(rule)
    yield from _provenance(rule)
    yield from _deny_reach(rule)
    for condition in rule.conditions:
        yield from _condition(rule, condition)


def _at(rule: Rule, span: nodes.Span, code: str, message: str, help_: str) -> Iterator[Diagnostic]:
    if rule.source:
        yield found(rule.source, span, code, message, help_)


def _name_span(rule: Rule) -> nodes.Span:
    """The first line of a rule's text."""
    start, end = rule.span
    line_end = rule.source.text.find("{", start, end) if rule.source else end
    return (start, line_end if line_end > 0 else end)


# ---- one rule --------------------------------------------------------------------------------------------------------


def _open_permit(rule: Rule) -> Iterator[Diagnostic]:
    effects, formulas = rule.effects, rule.formulas()
    if not effects.allow:
        return
    shows = effects.says_mask and not effects.masks
    if shows and all(map(_is_open, formulas)):
        message = f'"{rule.name}" permits everything and masks nothing'
        yield from _at(rule, _name_span(rule), "HG103", message, "narrow it with lines, or say what is masked")
    elif formulas and all(map(_is_negative, formulas)):
        message = f'"{rule.name}" permits whatever its lines do not exclude'
        help_ = "say with at least one line what it is for: new servers, branches and callers fall under it unseen"
        yield from _at(rule, _name_span(rule), "HG109", message, help_)


def _is_open(formula: Formula) -> bool:
    """Whether a line names a server or tool by stars alone."""
    if not isinstance(formula, Test) or formula.subject not in (Field("server"), Field("command")):
        return False
    wanted = formula.predicate
    return isinstance(wanted, OneOf) and any(p.kind == "glob" and not p.text.strip("*/") for p in wanted.patterns)


def _is_negative(formula: Formula) -> bool:
    if isinstance(formula, Some):
        return all(map(_is_negative, formula.parts))
    if isinstance(formula, Every):
        return any(map(_is_negative, formula.parts)) and all(
            _is_negative(part) or (isinstance(part, Test) and isinstance(part.predicate, Present))
            for part in formula.parts
        )
    return isinstance(formula, Opposite)


_ON_HIS_WORD = "whoever runs a job can assert anything; drop asserted unless nothing depends on it"


def _provenance(rule: Rule) -> Iterator[Diagnostic]:
    """Attributes that the rule's providers do not attest."""
    providers = _providers(rule)
    for condition in rule.conditions:
        for leaf in leaves(condition.formula):
            if isinstance(leaf, Test) and isinstance(leaf.subject, RawClaim) and leaf.subject.asserted:
                message = f'claim("{leaf.subject.name}") is taken on the caller\'s word'
                yield from _at(rule, condition.span, "HG104", message, _ON_HIS_WORD)
            if not isinstance(leaf, Test) or not isinstance(leaf.subject, Field):
                continue
            field = leaf.subject
            if field.asserted:
                message = f"{field.name} is taken on the caller's word"
                yield from _at(rule, condition.span, "HG104", message, _ON_HIS_WORD)
            elif field.name == "job" and (not providers or set(providers) & set(JOB_ENRICHED)):
                named = [p for p in providers if p in JOB_ENRICHED] or ["github", "gitlab"]
                verb = "does" if len(named) == 1 else "do"
                message = f"{listing(named)} {verb} not attest the job's name; the gate asks the provider's API"
                help_ = f"where the gate cannot ask, job is unknown and {_on_unknown(rule)}"
                yield from _at(rule, condition.span, "HG104", message, help_)
            elif providers and not any(field.name in ATTESTS[p] for p in providers) and field.name in ATTESTABLE:
                message = f"{listing(providers)} cannot say {field.name}"
                yield from _at(rule, condition.span, "HG104", message, f"it is unknown there, and {_on_unknown(rule)}")


def _on_unknown(rule: Rule) -> str:
    return "this line does not hold" if rule.effects.allow else "the rule restricts whatever its other lines match"


def _providers(rule: Rule) -> list[str]:
    """The known providers that the rule's lines name, if they name them."""
    for condition in rule.conditions:
        formula = condition.formula
        if isinstance(formula, Test) and formula.subject == Field("provider") and isinstance(formula.predicate, OneOf):
            return sorted(formula.predicate.exact & ATTESTS.keys())
    return []


def _deny_reach(rule: Rule) -> Iterator[Diagnostic]:
    """A deny on tools alone leaves other ways to the same data; a single star stops at a slash."""
    if rule.effects.deny is None:
        return
    for condition in rule.conditions:
        formula = condition.formula
        if (
            not isinstance(formula, Test)
            or formula.subject != Field("command")
            or not isinstance(formula.predicate, OneOf)
        ):
            continue
        for pattern in formula.predicate.patterns:
            server = _whole_server(pattern)
            if server:
                message = f"the deny on {pattern} leaves the resources, prompts and other methods of {server} open"
                help_ = f"to close a whole server write server {server}"
                yield from _at(rule, condition.span, "HG110", message, help_)
            if pattern.kind == "glob" and pattern.text.endswith("*") and not pattern.text.endswith("**"):
                message = f'"{pattern.text}" does not cover deeper names such as "{pattern.text[:-1]}a/b"'
                yield from _at(
                    rule, condition.span, "HG111", message, f'write "{pattern.text}*": ** does not stop at a slash'
                )


def _whole_server(pattern: Pattern) -> str:
    """The server all whose tools a pattern matches, as it is written in quotes; "" where there is none."""
    if pattern.kind == "glob":
        server, _, tool = pattern.text.partition("/")
        return f'"{server}"' if tool in ("*", "**") else ""
    server, slash, tool = pattern.text.partition("\\/")
    return f'"{server}"' if slash and tool in (".*", ".+") and server.replace("-", "").isalnum() else ""


def _condition(rule: Rule, condition: Condition) -> Iterator[Diagnostic]:
    for leaf in leaves(condition.formula):
        if isinstance(leaf, Test) and isinstance(leaf.subject, Field):
            yield from _mutable(rule, condition, leaf.subject)
            if isinstance(leaf.predicate, OneOf):
                yield from _patterns(rule, condition, leaf.subject.name, leaf.predicate)
            if isinstance(leaf.predicate, OneOf) and leaf.subject.name == "method":
                yield from _methods(rule, condition, leaf.predicate)


def _mutable(rule: Rule, condition: Condition, field: Field) -> Iterator[Diagnostic]:
    stays = IMMUTABLE.get(field.name)
    if stays and rule.effects.allow and not any(_names(c, stays) for c in rule.conditions):
        message = f"{field.name} can be renamed, and the name taken by another"
        yield from _at(rule, condition.span, "HG105", message, f'pin it with {stays} "…" beside it')


def _names(condition: Condition, attribute: str) -> bool:
    return any(isinstance(leaf, Test) and leaf.subject == Field(attribute) for leaf in leaves(condition.formula))


def _patterns(rule: Rule, condition: Condition, name: str, wanted: OneOf) -> Iterator[Diagnostic]:
    for pattern in wanted.patterns if name in _UNANCHORED else ():
        head = pattern.text.rstrip("*") if pattern.kind == "glob" else pattern.text.removesuffix(".*")
        open_end = pattern.text != head and len(head) > 1 and head[-1].isalnum()
        plain = "*" not in head if pattern.kind == "glob" else head.replace("-", "").replace("\\/", "").isalnum()
        if open_end and plain:
            shown = head.replace("\\/", "/")
            message = f'{pattern} also matches "{shown}-evil"'
            help_ = f'write "{shown}" alone, or end the fixed part with a sign: "{shown}/*", "{shown}-*"'
            yield from _at(rule, condition.span, "HG106", message, help_)
    if name == "provider":
        for word in sorted(wanted.exact - ATTESTS.keys()):
            near = nearest(word, ATTESTS)
            if near:
                yield from _at(rule, condition.span, "HG116", f'"{word}" is not a provider', f'did you mean "{near}"?')


# What is addressed by something else than its method, and the other methods that MCP knows.
_ADDRESSED = {
    "tools/call": 'a tool call is addressed by its tool: command "server/tool"',
    "resources/read": 'a resource is addressed by its URI: resource "file:///data/*"',
    "resources/subscribe": 'a subscription is addressed by its URI: resource "file:///data/*"',
    "resources/unsubscribe": 'a subscription is addressed by its URI: resource "file:///data/*"',
    "prompts/get": 'a prompt is addressed by its name: prompt "summary"',
}
_METHODS = (
    "initialize", "ping", "server/discover", "logging/setLevel", "tools/list", "resources/list",
    "resources/templates/list", "prompts/list", "completion/complete", "tasks/get", "tasks/list", "tasks/result",
    "tasks/cancel", "subscriptions/listen", "sampling/createMessage", "elicitation/create", "roots/list",
)  # fmt: skip


def _methods(rule: Rule, condition: Condition, wanted: OneOf) -> Iterator[Diagnostic]:
    for name in sorted(wanted.exact - set(_METHODS)):
        help_ = _ADDRESSED.get(name) or did_you_mean(name, _METHODS)
        if help_:
            message = f'no call is decided by the method "{name}"'
            yield from _at(rule, condition.span, "HG117", message, help_)


# ---- the text --------------------------------------------------------------------------------------------------------


def _text(scope: Scope) -> Iterator[Diagnostic]:
    yield from doubtful(scope)
    for name, (source, let) in scope.lets.items():
        if name not in scope.used:
            yield found(source, let.name.span, "HG114", f'the let "{name}" is not used', "drop it")
        yield from of_list(source, let.items)
    for (kind, name), (source, block) in scope.blocks.items():
        if kind == "given" and f"given {name}" not in scope.used:
            yield found(
                source, block.name.span, "HG114", f'the given "{name}" is not used', f'use it in a test: as "{name}"'
            )
        yield from of_block(source, block)


# ---- tests -----------------------------------------------------------------------------------------------------------


def _tests(meaning: Meaning, scope: Scope) -> Iterator[Diagnostic]:
    if meaning.trials:
        for entry in coverage(meaning).rules:
            if not entry.covered:
                message = f'no test meets the rule "{entry.rule.name}"'
                yield from _at(
                    entry.rule, _name_span(entry.rule), "HG108", message, "write a test whose request it applies to"
                )
    for trial in meaning.trials:
        reason = why_not(trial.request)
        if reason:
            block = scope.blocks[("test", trial.name)][1]
            yield found(trial.source, block.name.span, "HG112", f"no provider could produce this request: {reason}",
                        "state what the provider's token really says")  # fmt: skip
