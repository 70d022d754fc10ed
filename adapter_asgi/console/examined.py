"""What a policy's own tests and proofs say, worked out once for each policy, in a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

import policy_lang

__all__ = ["Examined", "Examiner"]

_KEPT = 4


@dataclass(frozen=True, slots=True)
class Examined:
    """Plain texts. `tests`: (name, failures; none where it passed). `proofs`: (what, verdict, why). `changes`: (what,
    directions) against the policy before, in words; `complete`: those are all. `other`: the texts are another policy's.
    """

    tests: tuple[tuple[str, tuple[str, ...]], ...] = ()
    proofs: tuple[tuple[str, str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    complete: bool = True
    other: bool = False


class Examiner:
    """One for all visits. `of` gives None until the answer is there. Tests can change while the digest does not."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="examiner")
        self._found: dict[tuple[str, str, str], Future[Examined]] = {}

    def of(
        self, policy: policy_lang.Policy, texts: Mapping[str, str], before: policy_lang.Policy | None
    ) -> Examined | None:
        """The examination of this policy, whose sources these are; begun when it is first asked for."""
        said = sha256(repr(sorted(texts.items())).encode("utf-8", "surrogatepass")).hexdigest()
        key = (policy.digest, before.digest if before is not None else "", said)
        found = self._found.get(key)
        if found is None:
            while len(self._found) >= _KEPT:
                self._found.pop(next(iter(self._found))).cancel()
            found = self._found[key] = self._thread.submit(_examined, policy, dict(texts), before)
        return found.result() if found.done() else None

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _examined(policy: policy_lang.Policy, texts: Mapping[str, str], before: policy_lang.Policy | None) -> Examined:
    from policy_lang.examination import examination
    from policy_lang.proof import diff, prove
    from policy_lang.source import Source

    answer = examination([Source(name, text) for name, text in texts.items()])
    if answer.policy is None or answer.policy.digest != policy.digest:
        return Examined(other=True)
    difference = diff(before, policy) if before is not None else None
    return Examined(
        tests=tuple((one.trial.name, tuple(failure.message for failure in one.failures)) for one in answer.verdicts),
        proofs=tuple((one.never.name, one.verdict, one.because) for one in prove(policy)),
        warnings=tuple(f"{one.file}:{one.line} {one.code} {one.message}" for one in answer.diagnostics),
        changes=tuple(("; ".join(one.what), " and ".join(sorted(one.directions))) for one in difference.changes[:100])
        if difference
        else (),
        summary=difference.summary if difference else "",
        complete=difference.complete if difference else True,
    )
