"""A CI token issuer for development, in the place of a GitLab instance: discovery, JWKS, and a mint for any claims.

Below ``/people`` it also signs people in to the console (`signin.py`), as an issuer of its own with the same key.
Run ``python issuer.py --port 9400``. It signs whatever it is asked to, so it listens on loopback only, and answers only
who calls it by a name of loopback. In a container (``--host 0.0.0.0``) publish its port on the host's loopback alone.
"""

from __future__ import annotations

import argparse
import time
import uuid
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from signin import SignIn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

LIFETIME = 300
"""Seconds; the five minutes that CI providers commonly give."""


def nightly_etl(audience: str) -> dict[str, Any]:
    """The claims that GitLab would put into the token of the clinic's nightly pipeline."""
    return {
        "aud": audience,
        "sub": "project_path:acme/etl:ref_type:branch:ref:main",
        "namespace_id": "72",
        "namespace_path": "acme",
        "project_id": "20",
        "project_path": "acme/etl",
        "job_namespace_id": "72",
        "job_namespace_path": "acme",
        "job_project_id": "20",
        "job_project_path": "acme/etl",
        "user_id": "1",
        "user_login": "alice",
        "user_email": "alice@acme.example",
        "pipeline_id": "574",
        "pipeline_source": "schedule",
        "job_id": "302",
        "job_source": "schedule",
        "ref": "main",
        "ref_type": "branch",
        "ref_path": "refs/heads/main",
        "ref_protected": "true",
        "environment": "production",
        "environment_protected": "true",
        "deployment_tier": "production",
        "runner_environment": "self-hosted",
        "sha": "6f1d2c9b4e8a7053c1d9e2f4a6b8c0d2e4f6a8b0",
        "ci_config_ref_uri": "gitlab.example/acme/etl//.gitlab-ci.yml@refs/heads/main",
    }


class Issuer:
    """One issuer with one RSA key, made when it starts."""

    def __init__(self, url: str) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": uuid.uuid4().hex, "use": "sig", "alg": "RS256"})
        self.people = SignIn(lambda claims: self.mint({"iss": self.people.url, **claims}))
        self.at(url)

    def at(self, url: str) -> None:
        """This is its address from now on."""
        self.url, self.people.url = url, f"{url}/people"

    def mint(self, claims: dict[str, Any]) -> str:
        """A signed token: ``claims`` over an issuer, a fresh ``jti`` and a lifetime of `LIFETIME` seconds."""
        now = int(time.time())
        times = {"iss": self.url, "iat": now, "nbf": now, "exp": now + LIFETIME, "jti": str(uuid.uuid4())}
        return jwt.encode({"alg": "RS256", "kid": self._key.kid, "typ": "JWT"}, {**times, **claims}, self._key)

    def app(self) -> Starlette:
        """``GET /.well-known/openid-configuration``, ``GET /jwks`` and ``POST /token`` (claims in, token out);
        people's sign-in below ``/people``."""
        return Starlette(
            routes=[
                *self.people.routes(),
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._jwks),
                Route("/token", self._token, methods=["POST"]),
            ],
            middleware=[
                Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
            ],
        )

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        asked = await request.json()
        return PlainTextResponse(self.mint({**nightly_etl(asked["aud"]), **asked}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A CI token issuer for development; it signs whatever it is asked to.")
    parser.add_argument("--port", type=int, default=9400)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; 0.0.0.0 in a container alone")
    args = parser.parse_args()
    uvicorn.run(Issuer(f"http://127.0.0.1:{args.port}").app(), host=args.host, port=args.port, log_level="warning")
