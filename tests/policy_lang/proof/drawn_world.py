"""Dice that also draw what is hard to prove about: lists in lists, huge and close numbers, SQL, odd letters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drawn_policies import Dice

_TESTS = [
    'any args.a[*] contains "a"', "all args.l[*] != 1", 'any args.l[*] != "a"', "any args.l[*] >= 9007199254740993",
    'all args.l[*] in ("a", 1, true)', "args.l[3] == 1", "exists args.l[2]", 'any args.l[*][1] == "a"',
    "args.l[0][0] == 1", "any args.a[*].b[*].c == 1", 'all args.a[*].b[0] startswith "a"', "exists args.a.b[0]",
    "args.l contains true", "args.l contains 1.5", '(args.a.b default "x") == "x"', "(args.a[1] default 3) != 3",
    "not (exists args.l[0])", "any args.l[*] matches /a.*b|x/", "all args.l[*] matches /[^é]*/",
    "args.s matches /a|b|(ab)+/", "args.s matches /.*\\n.*/", 'args.s matches "*/*"', 'args.s contains "é"',
    'args.s endswith "a" and args.s startswith "a"', "args.n == 9007199254740993",
    "args.n < 1e400 and args.n > 1e399", "args.n >= -1e-300", "args.f == true or args.f == 1",
    'sql(args.q, "postgres") reads', 'sql(args.q, "postgres") writes', 'sql(args.q, "postgres") touches "t"',
]  # fmt: skip
_NUMBERS = ["1e400", "-1e-300", "9007199254740993", "9007199254740992", "0.1", "0.30000000000000004", "-5"]
_VALUES = [
    Decimal("1e400"), 9007199254740993, 9007199254740992, 0.30000000000000004, Decimal("-1e-300"), "ab\n", "É", "a/b/c",
]  # fmt: skip
_STATEMENTS = ["SELECT * FROM t", "DELETE FROM t", "SELECT 1", "x", "DROP TABLE t; SELECT 1", 5, "SELECT f() FROM t"]


class Drawn(Dice):
    """Draws policies and requests."""

    def literal(self) -> str:
        return self.choice(_NUMBERS) if self.chance(4) else super().literal()

    def test(self) -> str:
        return self.choice(_TESTS) if self.chance(5) else super().test()

    def json(self, depth: int = 3) -> Any:
        return self.choice(_VALUES) if self.chance(8) else super().json(depth)

    def arguments(self) -> dict[str, Any]:
        more: dict[str, Any] = {"q": self.choice(_STATEMENTS), "l": [self.json(1) for _ in range(self.randrange(5))]}
        return super().arguments() | {key: value for key, value in more.items() if self.randrange(2)}
