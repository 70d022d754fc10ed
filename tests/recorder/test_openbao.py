"""The transit provider against a real OpenBao server in development mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import recorder
from recorder.keys import Keys
from recorder.providers import TransitKey
from recorder.reader import Payloads, Store
from tests.adapter_asgi.real_servers import bao, openbao
from tests.recorder.conftest import call

pytestmark = pytest.mark.slow

Api = Callable[..., Any]


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with openbao() as (url, token):

        def ask(method: str, path: str, **body: Any) -> Any:
            return bao(url, token, method, path, **body)

        ask("POST", "sys/mounts/transit", type="transit")
        ask("POST", "transit/keys/hoopgate", type="aes256-gcm96")
        yield ask


def transit(api: Api) -> TransitKey:
    def request(path: str, body: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = api("POST", f"transit/{path}", **body)["data"]
        return found

    return TransitKey("hoopgate", request)


def keys(api: Api, store: Path) -> Keys:
    return Keys(kek=transit(api), signer=Keys.in_directory(store.parent / ".hoopgate-keys").signer)


def test_a_store_is_written_and_read_under_a_transit_key_also_after_its_rotation(api: Api, store: Path) -> None:
    with recorder.open(store, keys=keys(api, store)) as log:
        log.append(call(1, payload=b"before"))
    api("POST", "transit/keys/hoopgate/rotate", name="hoopgate")
    with recorder.open(store, keys=keys(api, store)) as log:
        log.append(call(2, payload=b"after"))
    recorder.verify(store)
    payloads = Payloads(Store(store), keys(api, store))
    assert [payloads.payload(record) for record in Store(store).records(session="s1")] == [b"before", b"after"]


def test_a_file_key_hands_over_to_transit_without_rewriting_payloads(api: Api, store: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1, payload=b"before"))
    file = Keys.in_directory(store.parent / ".hoopgate-keys")
    moved = Keys(kek=transit(api), signer=file.signer, previous_kek=file.kek)
    with recorder.open(store, keys=moved) as log:
        log.append(call(2, payload=b"after"))
    recorder.verify(store)
    payloads = Payloads(Store(store), keys(api, store))
    assert [payloads.payload(record) for record in Store(store).records(session="s1")] == [b"before", b"after"]


def test_a_key_that_transit_does_not_know_is_said(api: Api, store: Path) -> None:
    recorder.open(store, keys=keys(api, store)).close()

    def request(path: str, body: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = api("POST", f"transit/{path}", **body)["data"]
        return found

    other = Keys(kek=TransitKey("another", request), signer=keys(api, store).signer)
    with pytest.raises(recorder.KeysError, match="transit:another did not decrypt"):
        recorder.open(store, keys=other)
