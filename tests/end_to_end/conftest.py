"""A whole stage (issuer, MCP server, gate) of real processes, once per module and again for tests that break one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter_asgi.demo import job
from adapter_asgi.demo.stage import Stage, example
from tests.ports import free_port


def loopback_stage(folder: Path) -> Stage:
    """A stage on ports that nobody uses, so that suites can run beside each other."""
    return Stage(folder, gate_port=free_port(), issuer_port=free_port(), server_port=free_port())


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with loopback_stage(tmp_path_factory.mktemp("stage")) as made:
        made.write_config()
        made.start_world()
        made.start_gate()
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stage]:
    """A stage whose configuration is written and of which nothing runs yet."""
    with loopback_stage(tmp_path / "stage") as made:
        made.write_config()
        yield made


@pytest.fixture
def token(stage: Stage) -> str:
    return job.fetch_token(stage.issuer, stage.gate)


@pytest.fixture(scope="session")
def clinic() -> Any:
    """The records that the example's server holds."""
    spec = importlib.util.spec_from_file_location("clinic_records", example() / "records.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Clinic()
