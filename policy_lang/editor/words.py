"""What the language's words mean, in a sentence each: for hovering and completing."""

from __future__ import annotations

__all__ = ["ATTRIBUTES", "CLAUSES", "DECLARATIONS", "KIND_WORDS", "METHOD_WORDS"]

DECLARATIONS: dict[str, str] = {
    "rule": "what is said of the requests that meet every line of its block",
    "observe": "`observe rule`: decided and recorded, but it changes nothing; for trying a rule out",
    "let": "a name for a list of literals",
    "detector": "a kind of data of this site, found by a regular expression near its words",
    "never": "what no request may ever be allowed; proved when the policy is checked",
    "given": "a caller by name, for tests",
    "test": "a request, and what must be decided of it",
}

ATTRIBUTES: dict[str, str] = {
    "caller": '"ci", "person" or "agent"',
    "provider": 'who issued the token: "github", "gitlab", "buildkite" …',
    "issuer": "the token's issuer, a URL",
    "tenant": "the owner of the repository, by id",
    "repository": "the repository by name, which can be renamed; pin it with `repository_id`",
    "repository_id": "the repository's id, which stays",
    "workflow": "the file that defines the pipeline",
    "job": "the job's name; most providers do not attest it, so the gate asks them",
    "branch": "the branch of the run; none on a tag, unknown on what looks like a pull request",
    "tag": "the tag of the run; none on a branch",
    "commit": "the commit that runs",
    "environment": "the deployment environment; none where the job has none",
    "event": "what started the run",
    "actor": "who started the run, by name",
    "actor_id": "who started the run, by id",
    "group": "holds if one of the caller's groups matches",
    "run": "the pipeline's run",
    "protected": "whether the branch or tag is protected",
    "source_ip": "the caller's address; networks in CIDR",
    "reviewed": "whether the code that runs was reviewed; false on forks and pull requests",
    "server": "the server's name: `command` up to its first slash",
    "command": "a tool call as `server/tool`; `*` stops at a slash, `**` does not",
    "resource": "the URI of `resources/read`",
    "prompt": "the name of `prompts/get`",
    "method": "the JSON-RPC method of everything else",
}

CLAUSES: dict[str, str] = {
    "when": "a condition: `and or not == != < <= > >= in matches startswith endswith contains exists`",
    "unless": "not where the conditions of the rules named hold",
    "during": 'the gate\'s clock: `during "Mon-Fri 09:00-17:00" in "Europe/Berlin"`',
    "claim": '`claim("x") == "y"`: a raw claim of the token',
    "asserted": "accepts a value that the caller merely asserts; only beside `allow`",
    "allow": "permits; nothing else does",
    "deny": '`deny because "…"`: forbids, whatever else permits',
    "require": '`require approval from "group" count 2 within 30m`: waits for people',
    "mask": "`mask name, ssn with redact`, `mask all except id`, `mask none`: what the answer must not show",
    "record": "`record full`, `masked`, `digest` or `off`: what the recorder keeps",
    "retain": "`retain 6y`: how long it is kept",
    "grant": '`grant "profile" for 15m`: the credential that the call gets',
    "limit": "`limit 100 per 1h`, `limit 5 MB per run`: a budget",
    "allowed": "`allowed without approval`, `allowed without mask ssn`: in a `never`, what must not come about",
    "as": '`as "name"`: in a test, the caller of that `given`',
    "expect": "`expect allow`, `expect not mask ssn`: in a test, what must be decided",
}

KIND_WORDS: dict[str, str] = {
    "name": "names of people",
    "address": "streets, places, ZIP codes",
    "date": "dates that concern a person",
    "age": "ages",
    "phone": "telephone numbers",
    "fax": "fax numbers",
    "email": "e-mail addresses",
    "url": "web addresses",
    "ip": "IP and MAC addresses",
    "ssn": "social security numbers",
    "mrn": "medical record numbers",
    "health_plan": "health plan numbers",
    "account": "account numbers",
    "license": "certificate and licence numbers",
    "vehicle": "vehicle identifiers and plates",
    "device": "device identifiers and serial numbers",
    "biometric": "biometric identifiers",
    "photo": "photographs and comparable images",
    "id": "other unique identifiers",
    "secret": "passwords, keys and tokens",
    "card": "payment cards",
}

METHOD_WORDS: dict[str, str] = {
    "redact": "nothing is left but the kind",
    "token": "the same value always becomes the same token, in one session",
    "generalize": "what is coarser remains: the year, the decade, the region",
    "shift": "dates move together, by one distance for a session",
    "partial": "the last characters remain",
}
