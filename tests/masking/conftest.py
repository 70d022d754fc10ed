"""What several of the masker's tests measure with."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def benchmark() -> ModuleType:
    """`benchmarks/masking_model.py`, which is no package's."""
    path = Path(__file__).parents[2] / "benchmarks" / "masking_model.py"
    spec = importlib.util.spec_from_file_location("masking_model_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
