"""`limit N [unit] per DURATION | run`: calls, or bytes of results."""

from __future__ import annotations

import pytest

import policy_lang

RULE = 'rule "r" {{ command "ehr/read"\n allow\n limit {} }}'


def limits(text: str) -> list[dict[str, object]]:
    policy = policy_lang.compile(RULE.format(text), name="l.hoop")
    request = policy_lang.Request.from_json({"command": "ehr/read", "provenance": "attested"})
    return policy.decide(request).to_json()["limits"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10 per 1h", {"count": 10, "per": 3600, "rule": "r"}),
        ("10 per run", {"count": 10, "per": "run", "rule": "r"}),
        ("500 bytes per run", {"count": 500, "per": "run", "rule": "r", "unit": "bytes"}),
        ("5 kB per 1d", {"count": 5_000, "per": 86400, "rule": "r", "unit": "bytes"}),
        ("5 MB per 1d", {"count": 5_000_000, "per": 86400, "rule": "r", "unit": "bytes"}),
        ("5 GB per 1d", {"count": 5_000_000_000, "per": 86400, "rule": "r", "unit": "bytes"}),
    ],
)
def test_a_limit_counts_calls_or_bytes(text: str, found: dict[str, object]) -> None:
    assert limits(text) == [found]


def test_an_unknown_unit_is_an_error_at_its_place() -> None:
    with pytest.raises(policy_lang.PolicyError) as error:
        policy_lang.compile(RULE.format("5 MiB per run"), name="l.hoop")
    assert "HG016" in str(error.value)
    assert "l.hoop:3:10" in str(error.value)


def test_the_digest_tells_bytes_from_calls_and_not_how_they_are_spelt() -> None:
    def digest(text: str) -> str:
        return policy_lang.compile(RULE.format(text), name="l.hoop").digest

    assert digest("5000 per run") != digest("5 kB per run") == digest("5000 bytes per run")


def test_a_test_may_expect_bytes_in_another_unit() -> None:
    text = RULE.format("2 MB per run") + '\ntest "t" { command "ehr/read" with {}\n expect limit 2000 kB per run }'
    policy_lang.compile(text, name="l.hoop")
    with pytest.raises(policy_lang.PolicyError):
        policy_lang.compile(text.replace("2000 kB", "2000"), name="l.hoop")
