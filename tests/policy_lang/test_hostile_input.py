"""Hostile policy text and directories: a PolicyError with a code, in bounded time and memory, and nothing else.

Strategy: each hostile input is loaded by a process of its own that has a limit on CPU seconds and on memory, so that
"bounded" is enforced by the kernel and not read off a clock. A grammar fuzzer looks for anything that `compile` gives
beside a Policy or a PolicyError.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import policy_lang

_SECONDS = 20  # of CPU, for one load
_BYTES = 1 << 30  # of address space
_RULE = 'rule "r" {{ {} allow mask none }}\n'

_CHILD = """
import json, resource, sys
seconds, size, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_AS, (size, size))
import policy_lang
try:
    policy = policy_lang.load(path)
except policy_lang.PolicyError as error:
    shown = str(error)
    out = {"codes": [d.code for d in error.diagnostics][:50], "shown": shown[:4000], "size": len(shown), "message": error.message, "help": error.help}
else:
    long = "a" * 200_000
    request = policy_lang.Request.from_json({"provenance": "attested", "branch": long, "command": "s/" + long, "args": {"x": long}})
    out = {"codes": [], "rules": len(policy.rules), "effect": policy.decide(request).effect}
print(json.dumps(out))
"""  # noqa: E501 - it is short enough to read


def loaded(path: Path) -> dict[str, object]:
    """What a process with limits says about loading a path. Fails where it was killed or raised something else."""
    command = [sys.executable, "-c", _CHILD, str(_SECONDS), str(_BYTES), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr[-1500:]}"
    said: dict[str, object] = json.loads(done.stdout)
    return said


def refused(path: Path) -> dict[str, object]:
    said = loaded(path)
    assert said["codes"], f"was loaded: {said}"
    assert all(re.fullmatch(r"HG\d{3}", code) for code in said["codes"])
    assert said["message"]
    assert int(str(said["size"])) < 200_000, "an error is for a person to read"
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", str(said["shown"]))
    return said


# ---- texts ---------------------------------------------------------------------------------------------------------

MEGA = 1 << 20
REFUSED: dict[str, tuple[Callable[[], str], str | None]] = {
    "a line of 1 MB that is one word": (lambda: "x" * MEGA, "HG001"),
    "a string of 1 MB that does not end": (lambda: 'rule "' + "x" * MEGA, "HG006"),
    "a regex of 1 MB": (lambda: _RULE.format("branch /" + "a" * MEGA + "/"), "HG023"),
    "a name of 1 MB": (lambda: f'rule "{"n" * MEGA}" {{ {"y" * MEGA} "a" allow }}', None),
    "10,000 nested parentheses": (lambda: _RULE.format("when " + "(" * 10_000 + "args.x == 1" + ")" * 10_000), "HG005"),
    "10,000 parentheses that do not close": (lambda: _RULE.format("when " + "(" * 10_000), "HG005"),
    "10,000 times not": (lambda: _RULE.format("when " + "not " * 10_000 + "args.x == 1"), "HG005"),
    "10,000 nested lists": (
        lambda: 'test "t" { command "a/b" with { x: ' + "[" * 10_000 + "]" * 10_000 + " } expect deny }",
        "HG005",
    ),
    "10,000 nested objects": (
        lambda: 'test "t" { command "a/b" with ' + "{ x: " * 10_000 + "1" + "}" * 10_000 + " expect deny }",
        "HG005",
    ),
    "10,000 nested groups of a regex": (lambda: _RULE.format("branch /" + "(" * 10_000 + ")" * 10_000 + "/"), "HG023"),
    "a regex that repeats repetitions": (lambda: _RULE.format("branch /((((a{99}){99}){99}){99}){99}/"), "HG023"),
    "a look-ahead": (lambda: _RULE.format("branch /(?=a)a/"), "HG023"),
    "a back-reference": (lambda: _RULE.format(r"branch /(a)\1/"), "HG023"),
    "50 MB of rules": (lambda: _RULE.format('branch "main"') * (50 * MEGA // 45), "HG005"),
    "50 MB of comments": (lambda: "#\n" * (25 * MEGA), "HG005"),
    "a million errors": (lambda: "rule\n" * 1_000_000, None),
    "a hundred thousand unknown attributes": (lambda: _RULE.format('brunch "x" ' * 100_000), "HG010"),
    "a number of 100,000 digits": (lambda: _RULE.format("when args.x == " + "9" * 100_000), None),
    "an exponent beyond counting": (lambda: _RULE.format("when args.x == 1e99999999999"), None),
    "a duration beyond counting": (lambda: _RULE.format("limit 1 per 99999999999999999999y"), None),
    "exceptions that double": (
        lambda: (
            _RULE.format('branch "a"').replace('"r"', '"0"')
            + "".join(f'rule "{n}" {{ unless "{n - 1}", "{max(n - 2, 0)}" allow mask none }}\n' for n in range(1, 60))
        ),
        "HG005",
    ),
    "5,000 exceptions in a row": (
        lambda: (
            _RULE.format("").replace('"r"', '"0"')
            + "".join(f'rule "{n}" {{ unless "{n - 1}" allow mask none }}\n' for n in range(1, 5000))
        ),
        "HG005",
    ),
    "an exception of itself": (lambda: _RULE.format('unless "r"'), "HG034"),
    "a let made of itself": (lambda: "let a = b\nlet b = a\n" + _RULE.format("branch a"), "HG039"),
    "a NUL": (lambda: _RULE.format('branch "a\x00b"'), "HG003"),
    "a bidirectional override in a rule's name": (lambda: 'rule "a \u202e b" { allow mask none }', "HG003"),
    "a bidirectional isolate in a comment": (lambda: "# \u2066 x\n" + _RULE.format(""), "HG003"),
    "a zero-width space in a value": (lambda: _RULE.format('branch "ma\u200bin"'), "HG003"),
    "a tag character in a value": (lambda: _RULE.format('branch "main\U000e0041"'), "HG003"),
    "a variation selector in a value": (lambda: _RULE.format('branch "main\ufe0f"'), "HG003"),
    "a byte order mark inside": (lambda: _RULE.format('branch "a\ufeffb"'), "HG003"),
    "a Cyrillic letter in a let's name": (lambda: 'let trust\u0435d = "main"\n', None),
    "a Cyrillic letter in an attribute": (lambda: _RULE.format('br\u0430nch "main"'), None),
    "a Cyrillic letter among Latin ones in a rule's name": (
        lambda: 'rule "p\u0430yments" { allow mask none }',
        "HG004",
    ),
    "a Greek letter among Latin ones in a group": (
        lambda: 'rule "r" { allow mask none require approval from "\u03bfwners" }',
        "HG004",
    ),
    "full-width letters in a rule's name": (lambda: 'rule "\uff41dmin" { allow mask none }', "HG004"),
    "a glob of half a million stars": (lambda: _RULE.format('branch "' + "*x" * (MEGA // 2) + '"'), "HG005"),
    "50,000 globs on one line": (
        lambda: _RULE.format("branch " + ", ".join(f'"b{n}/*"' for n in range(50_000))),
        "HG005",
    ),
    "500 large regexes on one line": (
        lambda: _RULE.format("branch " + ", ".join(f"/(a|b)*{n}(a|b){{500}}/" for n in range(500))),
        "HG005",
    ),
    "an argument's path of 100,000 steps": (lambda: _RULE.format("when args" + ".a" * 100_000 + " == 1"), "HG005"),
    "5,000 lists in each other": (lambda: _RULE.format("when any args" + "[*]" * 5_000 + " == 1"), "HG005"),
    "an SQL text 5,000 lists deep": (lambda: _RULE.format("when sql(args" + "[0]" * 5_000 + ") reads"), "HG005"),
    "a path of 5,000 steps that is asked for": (lambda: _RULE.format("when exists args" + ".a" * 5_000), "HG005"),
    "10,000 lets in a circle": (
        lambda: "".join(f"let a{n} = a{(n + 1) % 10_000}\n" for n in range(10_000)) + _RULE.format("branch a0"),
        "HG039",
    ),
    "a carriage return that hides a rule in a comment": (lambda: "# all is well\r" + _RULE.format(""), "HG003"),
    "a carriage return alone as the end of lines": (lambda: 'rule "r" {\r allow\r}\r', "HG003"),
    "a bidirectional override that is escaped into a name": (
        lambda: 'rule "a \\u202e b" { allow mask none }',
        "HG004",
    ),
    "a line break that is escaped into a name": (lambda: 'rule "a\\nb" { allow mask none }', "HG004"),
    "a zero-width space that is escaped into a group": (
        lambda: 'rule "r" { allow mask none require approval from "ow\\u200bners" }',
        "HG004",
    ),
    "two names that look alike": (
        lambda: 'rule "\u0441\u0430\u0440" { allow mask none }\nrule "cap" { allow mask none }',
        "HG004",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_text_is_refused_in_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    text, code = REFUSED[name]
    path = tmp_path / "hostile.hoop"
    path.write_text(text(), encoding="utf-8")
    said = refused(path)
    assert code is None or code in said["codes"], said


LOADED: dict[str, Callable[[], str]] = {
    "a comment of 1 MB on one line": lambda: "#" + "x" * MEGA + "\n" + _RULE.format(""),
    "a string of 1 MB": lambda: _RULE.format('branch "' + "x" * MEGA + '"'),
    "20,000 alternatives on one line": lambda: _RULE.format(
        "branch " + ", ".join(f'"b{n:040}"' for n in range(20_000))
    ),
    "lets that double": lambda: (
        "".join(f"let a{n} = a{n - 1}, a{n - 1}\n" for n in range(1, 200))
        + 'let a0 = "main"\n'
        + _RULE.format("branch a199")
    ),
    "10,000 lets in a row": lambda: (
        'let a0 = "main"\n' + "".join(f"let a{n} = a{n - 1}\n" for n in range(1, 10_000)) + _RULE.format("branch a9999")
    ),
    "lets that hold thirty others each": lambda: (
        "".join(
            f"let a{n} = " + ", ".join([f'"v{n}"', *(f"a{m}" for m in range(max(0, n - 30), n))]) + "\n"
            for n in range(1_000)
        )
        + _RULE.format("branch a999")
    ),
    "line ends of two characters": lambda: _RULE.format("").replace(" ", "\r\n"),
    "a glob of a hundred stars": lambda: _RULE.format('branch "' + "*a" * 100 + '"'),
    "a regex that backtracking would never finish": lambda: _RULE.format("branch /(a|a|aa)*(a|aa)*b/"),
    "a regex with many states": lambda: _RULE.format("branch /(a|b)*a(a|b){200}/"),
    "a regex over an argument": lambda: _RULE.format("when args.x matches /(.*a){40}b/"),
    "10,000 conditions on one argument": lambda: _RULE.format("when " + " and ".join(["args.x == 1"] * 10_000)),
    "a byte order mark at the start": lambda: "\ufeff" + _RULE.format(""),
    "letters of one script that is not Latin": lambda: (
        'rule "\u043d\u043e\u0447\u043d\u043e\u0439" { allow mask none }'
    ),
    "accents and umlauts": lambda: 'rule "\u00e9tat f\u00fcr z\u00fcrich" { allow mask none }',
}


@pytest.mark.parametrize("name", LOADED)
def test_what_is_only_large_or_foreign_is_loaded_and_decided_in_bounded_time(name: str, tmp_path: Path) -> None:
    path = tmp_path / "large.hoop"
    path.write_text(LOADED[name](), encoding="utf-8")
    said = loaded(path)
    assert said["codes"] == [], said
    assert said["rules"] == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b'rule "\xc3\x28" { allow }',
        b'rule "\xed\xa0\x80" { allow }',
        b"\x00" * MEGA,
        b"# \xc0\xaf\n",
        b"\x80" * MEGA,
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_place(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bytes.hoop"
    path.write_bytes(data)
    assert set(refused(path)["codes"]) <= {"HG002", "HG003"}


def test_a_hidden_character_is_shown_by_its_number() -> None:
    with pytest.raises(policy_lang.PolicyError) as refusal:
        policy_lang.compile('rule "a\u202eb" { allow mask none }')
    assert "U+202E" in str(refusal.value)
    assert "\u202e" not in str(refusal.value)


def test_a_look_alike_is_shown_by_its_number() -> None:
    with pytest.raises(policy_lang.PolicyError) as refusal:
        policy_lang.compile('rule "p\u0430yments" { allow mask none }')
    assert "U+0430" in str(refusal.value)


def test_a_server_whose_name_is_a_megabyte_is_asked_about_in_bounded_memory() -> None:
    policy = policy_lang.compile('rule "r" { command "s/*"  allow  mask none }\nrule "t" { command "*/t"  allow }')
    session = policy.bind(policy_lang.Request.from_json({"provenance": "attested"}))
    assert session.could_server("x" * MEGA)  # too long to be told apart; a server that is there is never hidden
    assert session.decide("x" * MEGA + "/a").effect == "deny"


# ---- directories ---------------------------------------------------------------------------------------------------


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A directory with one good file."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "good.hoop").write_text(_RULE.format(""), encoding="utf-8")
    return folder


def test_a_fifo_is_refused_and_nobody_waits_for_it(policies: Path) -> None:
    os.mkfifo(policies / "pipe.hoop")
    said = refused(policies)
    assert said["codes"] == ["HG007"]
    assert "pipe.hoop" in str(said["shown"])


def test_a_fifo_by_itself_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.hoop")
    assert refused(tmp_path / "pipe.hoop")["codes"] == ["HG007"]


def test_a_file_that_links_to_itself_is_refused(policies: Path) -> None:
    (policies / "loop.hoop").symlink_to("loop.hoop")
    said = refused(policies)
    assert said["codes"] == ["HG007"]
    assert "loop.hoop" in str(said["shown"])


def test_a_directory_that_links_to_its_parent_is_refused(policies: Path) -> None:
    (policies / "inner").mkdir()
    (policies / "inner" / "up").symlink_to(policies, target_is_directory=True)
    said = refused(policies)
    assert said["codes"] == ["HG007"]
    assert "inner/up" in str(said["shown"])


def test_a_linked_directory_is_refused_so_that_no_rule_is_lost(policies: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "closed.hoop").write_text('rule "closed" { deny because "Closed." }', encoding="utf-8")
    (policies / "shared").symlink_to(tmp_path / "shared", target_is_directory=True)
    assert refused(policies)["codes"] == ["HG007"]


def test_a_hidden_link_is_passed_over_and_linked_files_are_read(policies: Path, tmp_path: Path) -> None:
    """As a mounted ConfigMap looks: `..data` links to a directory, the files link into it."""
    (policies / "..2026").mkdir()
    (policies / "..2026" / "more.hoop").write_text('rule "more" { allow mask none }', encoding="utf-8")
    (policies / "..data").symlink_to("..2026", target_is_directory=True)
    (policies / "more.hoop").symlink_to("..data/more.hoop")
    assert loaded(policies).get("rules") == 2


def test_a_directory_that_cannot_be_listed_is_refused(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (policies / "inner").mkdir()
    really = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(policy_lang.PolicyError) as refusal:
        policy_lang.load(policies)
    assert refusal.value.code == "HG007"
    assert "inner" in str(refusal.value)


def test_a_path_that_links_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert refused(tmp_path / "loop")["codes"] == ["HG007"]


def test_a_link_to_nothing_is_refused_so_that_no_rule_is_lost(policies: Path) -> None:
    (policies / "gone.hoop").symlink_to("nowhere.hoop")
    assert refused(policies)["codes"] == ["HG007"]


def test_a_directory_with_a_policys_name_is_not_read_as_a_file(policies: Path) -> None:
    (policies / "inner.hoop").mkdir()
    (policies / "inner.hoop" / "more.hoop").write_text('rule "more" { allow mask none }', encoding="utf-8")
    assert loaded(policies).get("rules") == 2


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/stdin"])
def test_a_device_is_refused(device: str, policies: Path) -> None:
    (policies / "device.hoop").symlink_to(device)
    assert refused(policies)["codes"][0] in ("HG007", "HG005")  # type: ignore[index]


def test_fifty_megabytes_over_many_files_are_refused(policies: Path) -> None:
    for number in range(50):
        (policies / f"large{number}.hoop").write_text("# x\n" * (MEGA // 4), encoding="utf-8")
    assert "HG005" in refused(policies)["codes"]  # type: ignore[operator]


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_policy_that_is_not_there_is_no_empty_policy(what: str, tmp_path: Path) -> None:
    if what == "empty":
        (tmp_path / what).mkdir()
    assert refused(tmp_path / what)["codes"] == ["HG007"]


# ---- the fuzzer ----------------------------------------------------------------------------------------------------

CLINIC = """
let contact = phone, email
let trusted = "main", "release/*"
rule "nightly" {
    repository "acme/etl"  branch trusted  job not "x-*"  command "ehr/read_*"
    when args.limit <= 500 and (args.notes default false) == false or any args.ids[*] startswith "p"
    during "Mon-Fri 09:00-17:00" in "Europe/Berlin"
    unless "reviewed"
    allow  mask name, contact  mask date with generalize  grant "reader" for 15m
    require approval from "office" count 2 within 30m  record full  retain 6y  limit 5 per 1h
}
observe rule "reviewed" { reviewed true  claim("x") == "y"  source_ip "10.0.0.0/8"  deny because "no" }
detector chart = /CH-\\d{7}/ near "chart"
never "n" { branch not trusted  allowed without approval }
given "g" { provider "gitlab"  repository "acme/etl" }
test "t" { as "g"  command "ehr/read_a" with { limit: 10, ids: ["p1", null] }  expect deny }
"""
_WORDS = st.sampled_from(sorted(set(re.findall(r'"[^"\n]*"|/[^/\n]+/|[\w.\[\]*]+|[^\s\w]+', CLINIC))))


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A good policy with pieces cut out, doubled, moved or replaced."""
    text = CLINIC
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        piece = draw(st.sampled_from([text[start:end], text[start:end] * 2, ""]) | _WORDS | st.text(max_size=6))
        text = text[:start] + piece + text[end:]
    return text


_TEXTS = st.text(max_size=200) | st.lists(_WORDS, max_size=60).map(" ".join) | broken()
_PLACES = {"command": "ehr/read_a", "args": {"limit": 1, "ids": ["p"]}, "provenance": "attested", "branch": "main"}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TEXTS)
@example(CLINIC)
@example("\ud800")
@example("rule")
@example('"')
@example("\\")
def test_any_text_is_a_policy_or_a_policy_error(text: str) -> None:
    try:
        policy = policy_lang.compile(text)
    except policy_lang.PolicyError as error:
        found = error.diagnostics
    else:
        assert policy.decide(policy_lang.Request.from_json(_PLACES)).effect in ("allow", "deny", "approval")
        return
    assert found
    for one in found:
        assert re.fullmatch(r"HG\d{3}", one.code)
        assert one.message
        assert 0 <= one.line <= text.count("\n") + 1
        assert all(line.isprintable() for line in str(one).split("\n"))
