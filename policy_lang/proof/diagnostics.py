"""What proofs and whole-policy analysis have to say, as findings with a place in the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policy_lang import nodes
from policy_lang.conflict import as_written
from policy_lang.decision import Decision
from policy_lang.diagnostic import Diagnostic, found, listing
from policy_lang.formula import Field, OneOf, RawClaim, Subject, Test, leaves
from policy_lang.meaning import Meaning, Never, Rule
from policy_lang.policy import Policy
from policy_lang.proof.analysis import Finding, findings
from policy_lang.proof.ground import Ground
from policy_lang.proof.jsontext import request_text
from policy_lang.proof.never import Proof, proofs

_MOST_INFIX = 8


def unproved(policy: Policy, ground: Ground | None = None) -> list[Diagnostic]:
    """An error for every `never` that is violated or not proved: what nobody has shown is not so."""
    return [said for proof in proofs(policy.meaning, policy, ground) for said in _of_proof(proof)]


def _of_proof(proof: Proof) -> Iterator[Diagnostic]:
    never = proof.never
    if never.source is None or proof.verdict == "proved":
        return
    span = _head(never)
    if proof.request is None or proof.decision is None:
        message = f'not proved: never "{never.name}", because {proof.because}'
        help_ = "nothing was shown either way; say what is meant in fewer or simpler patterns, or split the policy"
        yield found(never.source, span, "HG041", message, help_)
        return
    let_through = listing([f'"{name}"' for name in proof.decision.rules])
    message = f'never "{never.name}" is violated: {_broken(never, proof.decision)} by {let_through}'
    text = request_text(proof.request)
    finding = found(never.source, span, "HG046", message)
    yield replace(finding, help=f"decide this request to see it: {text}", request=proof.request)


def _broken(never: Never, decision: Decision) -> str:
    """How a request that is not denied breaks a `never`."""
    parts = []
    if never.approval is not None:
        of_whom = f" of {listing(never.approval)}" if never.approval else ""
        parts.append(f"without approval{of_whom}")
    for kind in never.mask or ():
        method = decision.mask.get(kind)
        if method is None:
            parts.append(f"with {kind} unmasked")
        elif never.method not in (None, method):
            parts.append(f"with {kind} masked by {method}")
    held = " once it is approved" if decision.effect == "approval" and never.approval is None else ""
    return f"a request is permitted{held} {' and '.join(parts)}".rstrip()


def _head(block: Never | Rule) -> nodes.Span:
    """The first line of a block's text."""
    start, end = block.span
    brace = block.source.text.find("{", start, end) if block.source else -1
    head = block.source.text[start:brace].rstrip() if block.source and brace > 0 else ""
    return (start, start + len(head)) if head else (start, end)


# ---- rules as parts of their policy ----------------------------------------------------------------------------------


def analysed(policy: Policy, ground: Ground, known: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is wrong with rules as parts of their policy; `known` is what their own lines have shown already."""
    known = list(known)
    out: list[Diagnostic] = []
    for finding in findings(ground, policy):
        said = _of_finding(finding)
        if said is not None and not _is_known(said, finding, known):
            out.append(said)
    return out


def _is_known(said: Diagnostic, finding: Finding, known: list[Diagnostic]) -> bool:
    if finding.what != "dead" or finding.rule.source is None:
        return False
    end_line, _ = finding.rule.source.position(finding.rule.span[1])
    return any(one.code == said.code and one.file == said.file and said.line <= one.line <= end_line for one in known)


def _of_finding(finding: Finding) -> Diagnostic | None:
    rule, others = finding.rule, [f'"{other.name}"' for other in finding.others]
    if rule.source is None:
        return None
    if finding.what == "dead":
        message = f'the rule "{rule.name}" can never match: no request meets all its conditions'
        return found(rule.source, _head(rule), "HG036", message, "lines are joined by and; drop what contradicts")
    if finding.what == "overridden":
        denying = f"{' and '.join(others)} {'denies' if len(others) == 1 else 'deny'}"
        message = f'"{rule.name}" never permits anything: {denying} whatever it matches'
        return found(rule.source, _head(rule), "HG102", message, "narrow the deny, or drop this rule")
    if finding.what == "nothing":
        one = len(others) == 1
        message = (
            f'"{rule.name}" adds nothing to {" and ".join(others)}, which {"says" if one else "say"} the same of more'
            if others
            else f'"{rule.name}" adds nothing: mask none shows nothing where its own rule permits nothing'
        )
        return found(rule.source, _head(rule), "HG101", message, "drop it, or say what is different about it")
    return _clash(finding)


def _clash(finding: Finding) -> Diagnostic | None:
    other, rule = as_written(finding.rule, finding.others[0])
    first, second = other.effects.grant, rule.effects.grant
    if rule.source is None or first is None or second is None or finding.request is None:
        return None
    message = (
        f'"{other.name}" grants "{first.profile}" and "{rule.name}" grants "{second.profile}", '
        "and one request matches both"
    )
    said = found(rule.source, rule.granted, "HG037", message)
    help_ = f"a call gets one credential; narrow one of the two rules. Both match {request_text(finding.request)}"
    return replace(said, help=help_, request=finding.request)


def merged(known: Sequence[Diagnostic], better: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings of both; where two say that the same credentials clash, at the place of the first."""
    clashes = {frozenset(one.message.split('"')[1::2]): one for one in better if one.code == "HG037"}
    out = []
    for one in known:
        shown = clashes.pop(frozenset(one.message.split('"')[1::2]), None) if one.code == "HG037" else None
        out.append(replace(one, help=shown.help, request=shown.request) if shown else one)
    return [*out, *(one for one in better if one.code != "HG037"), *clashes.values()]


# ---- patterns that cost much -----------------------------------------------------------------------------------------


def costly(meaning: Meaning) -> list[Diagnostic]:
    """A warning where more patterns look for an infix of one attribute than can be told apart exactly."""
    seen: dict[Subject, set[str]] = defaultdict(set)
    out: list[Diagnostic] = []
    for rule in meaning.rules:
        for condition in rule.conditions:
            for leaf in leaves(condition.formula):
                if not isinstance(leaf, Test) or not isinstance(leaf.predicate, OneOf):
                    continue
                texts = {pattern.text for pattern in leaf.predicate.patterns if _is_infix(pattern.text)}
                before = len(seen[leaf.subject])
                seen[leaf.subject] |= texts
                if before <= _MOST_INFIX < len(seen[leaf.subject]) and rule.source:
                    message = f"more than {_MOST_INFIX} patterns look for something inside {_named(leaf.subject)}"
                    help_ = "each doubles what a proof has to tell apart: say how the text begins, or name whole values"
                    out.append(found(rule.source, condition.span, "HG118", message, help_))
    return out


def _is_infix(glob: str) -> bool:
    return glob.startswith("*") and glob.endswith("*") and bool(glob.strip("*"))


def _named(subject: Subject) -> str:
    return subject.name if isinstance(subject, (Field, RawClaim)) else "an argument"
