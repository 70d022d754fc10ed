"""A whole proxy around the gate, on asyncio alone: python asyncio_proxy.py POLICY STORE UPSTREAM_PORT PORT

It asks nobody, lends nothing and counts nothing: a rule that needs that is refused here. Everybody is the same caller.
"""

import asyncio
import secrets
import sys
from datetime import UTC, datetime

import gate
import policy_lang
import recorder
from gate.seal import Sealer

CLIENT = policy_lang.Request.from_json({"caller": "ci", "repository": "acme/etl", "provenance": "attested"})
Leg = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """One caller, one server on loopback, one connection a request."""

    def __init__(self, policy: policy_lang.Policy, log: recorder.Log, upstream: int) -> None:
        self.log, self.upstream = log, upstream
        who = gate.Principal(CLIENT, "local", "acme/etl", "acme/etl", same_as=("local", "acme/etl"))
        sealer = Sealer(secrets.token_bytes(32), "ehr", who.subject)
        self.session = gate.Session("one", "ehr", who, policy, secrets.token_bytes(32), sealer, ner="none")
        self.session.client_id = secrets.token_hex(16)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Drive one exchange: this loop is all that an embedder writes."""
        line, headers = await head(reader)
        body = await reader.readexactly(int(dict(headers).get("content-length", 0)))
        exchange = gate.open(self.session.principal, self.session, datetime.now(UTC))
        event: gate.Event | None = gate.ClientRequest(headers, body, line.split()[0])
        leg: Leg | None = None
        while event is not None and not exchange.done:
            following: gate.Event | None = None
            for effect in exchange.receive(event, datetime.now(UTC)):
                match effect:
                    case gate.Record():
                        await asyncio.wrap_future(self.log.submit(effect.entry))
                    case gate.Start():
                        writer.write(spell(f"HTTP/1.1 {effect.status} -", [*effect.headers, ("connection", "close")]))
                    case gate.Send():
                        writer.write(effect.data)
                        await writer.drain()
                    case gate.Forward():
                        leg, following = await self.forward(effect)
                    case gate.Hold():
                        following = gate.ApprovalRefused("none", "this proxy asks nobody")
                    case gate.Lease():
                        following = gate.LeaseFailed("this proxy lends nothing")
                    case gate.Spend():  # so there is never a Charge
                        following = gate.LimitReached(effect.limits[0].rule, "this proxy counts nothing")
            if following is None and leg is not None:
                data = await leg[0].read(65536)
                following = gate.UpstreamData(data) if data else gate.UpstreamEnded()
            event = following
        for open_one in (writer, *(leg[1:] if leg else ())):
            open_one.close()

    async def forward(self, effect: gate.Forward) -> tuple[Leg | None, gate.Event]:
        """HTTP/1.0, so that the answer ends where the connection does."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            size = ("content-length", str(len(effect.body)))
            headers = [*effect.headers, ("host", f"127.0.0.1:{self.upstream}"), size]
            writer.write(spell(f"{effect.method} /mcp HTTP/1.0", headers) + effect.body)
            line, found = await head(reader)
        except (OSError, asyncio.IncompleteReadError):
            return None, gate.UpstreamFailed("The server cannot be reached.")
        return (reader, writer), gate.UpstreamStarted(int(line.split()[1]), found)


async def head(reader: asyncio.StreamReader) -> tuple[str, list[tuple[str, str]]]:
    """The first line and the headers, names in lower case."""
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    return first, [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in rest)]


def spell(first: str, headers: list[tuple[str, str]]) -> bytes:
    """A first line and headers, ready to send."""
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


async def main(policy: str, store: str, upstream: str, port: str) -> None:
    """Serve until killed."""
    with recorder.open(store) as log:
        proxy = Proxy(policy_lang.load(policy), log, int(upstream))
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", int(port))
        print(f"serving http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
