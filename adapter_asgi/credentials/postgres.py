"""A PostgreSQL role of its own for every lease: made for a time, and gone afterwards with every session it opened.

The role's name is the lease's id, chosen before it is made, so that a crash at any moment leaves something that the
sweep finds. `VALID UNTIL` stops new logins; revoking ends open sessions too, which PostgreSQL alone would not do.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapter_asgi.credentials.lease import CredentialError, Lease, Remember, Wanted

__all__ = ["PostgresRole"]

_NAME = re.compile(r"[a-z0-9_-]{1,63}")


class PostgresRole:
    """`dsn` is a connection that may create roles; the new role is a member of `member_of` and can do what that can."""

    def __init__(self, dsn: str, member_of: str, headers: Mapping[str, str]) -> None:
        self._dsn = dsn
        self._member_of = member_of
        self._headers = headers

    async def lease(self, wanted: Wanted, remember: Remember) -> Lease:
        """A role and its password. Raises `CredentialError` CRED03, CRED04."""
        role, password = f"hoopgate-{wanted.id}".lower(), secrets.token_urlsafe(24)
        remember({"role": role})
        ends = _in(wanted.seconds)
        await self._run(
            f"CREATE ROLE {_quoted(role)} LOGIN PASSWORD '{password}' VALID UNTIL '{ends.isoformat()}' "
            f"IN ROLE {_quoted(self._member_of)}"
        )
        data = {"username": role, "password": password}
        headers = tuple((name.lower(), template.format_map(data)) for name, template in self._headers.items())
        return Lease(headers, wanted.id, ends)

    async def prolong(self, handle: Mapping[str, Any], seconds: int) -> datetime | None:
        """The role may log in for longer."""
        role = _ours(handle)
        if role is None:
            return None
        ends = _in(seconds)
        await self._run(f"ALTER ROLE {_quoted(role)} VALID UNTIL '{ends.isoformat()}'")
        return ends

    async def revoke(self, handle: Mapping[str, Any]) -> None:
        """No new session, no open one, no role."""
        role = _ours(handle)
        if role is None:
            return
        await self._run(
            f"""
            DO $$ BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    ALTER ROLE {_quoted(role)} NOLOGIN;
                    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}';
                    EXECUTE 'REASSIGN OWNED BY {_quoted(role)} TO CURRENT_USER';
                    EXECUTE 'DROP OWNED BY {_quoted(role)}';
                    DROP ROLE {_quoted(role)};
                END IF;
            END $$
            """  # noqa: S608 (the name matched the pattern above)
        )

    async def _run(self, statement: str) -> None:
        import asyncpg  # type: ignore[import-untyped]

        try:
            link = await asyncpg.connect(self._dsn, timeout=10)
            try:
                await link.execute(statement)
            finally:
                await link.close()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise CredentialError("CRED03", f"PostgreSQL refused ({type(error).__name__})") from None


def _ours(handle: Mapping[str, Any]) -> str | None:
    """The name of a role that was made here."""
    role = str(handle.get("role", ""))
    return role if role.startswith("hoopgate-") and _NAME.fullmatch(role) else None


def _in(seconds: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
