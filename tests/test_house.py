"""What holds for the project as a whole: vocabularies that two packages share, and the public face."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import masking
import policy_lang

FACE = {
    "policy_lang": ["Decision", "PolicyError", "Request", "compile", "load"],
    "masking": ["ALL", "Masker"],
    "recorder": ["VerificationError", "open", "verify"],
    "gate": ["ClientRequest", "Principal", "Session", "open"],
}


@pytest.mark.parametrize("package", sorted(FACE))
def test_the_public_face_of_a_package_is_what_the_design_promises(package: str) -> None:
    module = importlib.import_module(package)
    assert set(FACE[package]) <= set(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_language_and_the_masker_know_the_same_kinds_and_methods() -> None:
    assert tuple(policy_lang.KINDS) == tuple(masking.KINDS)
    assert tuple(policy_lang.METHODS) == tuple(masking.METHODS)


@pytest.mark.parametrize("package", ["policy_lang", "masking", "recorder", "gate"])
def test_importing_a_package_imports_no_web_or_language_model(package: str) -> None:
    script = (
        f"import sys, {package}; heavy = {{'starlette', 'aiohttp', 'uvicorn', 'spacy', 'presidio_analyzer', 'mcp'}};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("package", ["policy_lang", "masking", "recorder", "gate", "adapter_asgi"])
def test_no_name_of_a_module_is_given_twice(package: str) -> None:
    """A second pattern of the same name would silently judge what the first was made for."""
    for file in (Path(__file__).resolve().parents[1] / package).rglob("*.py"):
        given = Counter(
            target.id
            for statement in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        )
        assert [name for name, times in given.items() if times > 1] == [], file
