"""Whatever can be configured, typed or refused is in the reference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from adapter_asgi import settings
from adapter_asgi.credentials import tables
from adapter_asgi.identity.providers import ALIASES, PROVIDERS

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "docs/reference/configuration.md").read_text()
COMMANDS = (ROOT / "docs/reference/command-line.md").read_text()
IDENTITY = (ROOT / "docs/reference/identity.md").read_text()
MODELS = [
    settings.Settings,
    settings.IdentityTable,
    settings.UnsafeLoopback,
    settings.ServerTable,
    settings.WebhookTable,
    tables.StaticTable,
    tables.OAuthTable,
    tables.OpenBaoTable,
    tables.PostgresTable,
    tables.AwsTable,
]
OWN = [
    path for path in (ROOT / "adapter_asgi").rglob("*.py")
    if not path.is_relative_to(ROOT / "adapter_asgi" / "upstream") and "demo" not in path.parts
]  # fmt: skip
CODES = {
    code
    for path in OWN
    for code in re.findall(r'"((?:CFG|ID|APR|ADM|STA|SRV|TOK|CLI|BUD|OTL)\d{2})"', path.read_text())
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_of_the_configuration_is_documented(model: type[BaseModel]) -> None:
    for name in model.model_fields:
        assert f"`{name}`" in CONFIGURATION or f"[{name}" in CONFIGURATION or f"`{name}," in CONFIGURATION, name


def test_every_code_is_documented() -> None:
    text = CONFIGURATION + COMMANDS + IDENTITY
    assert {code for code in CODES if code not in text} == set()
    assert len(CODES) > 40


def test_every_provider_is_documented() -> None:
    assert {name for name in PROVIDERS if name not in IDENTITY} == set()
    assert {name for name in ("azure_devops", "hcp_terraform") if name not in ALIASES or name not in IDENTITY} == set()


def test_every_command_of_the_adapter_is_documented() -> None:
    import argparse

    from adapter_asgi.command import add_commands

    commands = argparse.ArgumentParser().add_subparsers()
    add_commands(commands)
    assert {name for name in commands.choices if f"hoopgate {name}" not in COMMANDS} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "how-to").glob("*.md")), ids=lambda page: page.stem)
def test_every_whole_configuration_in_a_how_to_loads(page: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    for block in blocks:
        if not re.search(r"^store", block, re.MULTILINE):
            unsafe = "" if "[identity." in block else "[identity.unsafe_loopback]\n"
            block = 'policy = "p"\nstore = "s"\n' + block + unsafe
        (tmp_path / "hoopgate.toml").write_text(block)
        settings.load(tmp_path / "hoopgate.toml", {})
