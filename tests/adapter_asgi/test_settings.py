"""hoopgate.toml is read whole or not at all, and says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapter_asgi import settings
from adapter_asgi.settings import SettingsError
from adapter_asgi.upstream.pool import Origin

GITHUB = """
[identity.github]
issuer = "https://token.actions.githubusercontent.com"
tenant = "123456"
audience = "https://gate.example.org"
"""
TOP = 'policy = "policies/"\nstore = "var/evidence"\n'
SERVER = '[server.ehr]\nurl = "http://127.0.0.1:9000/mcp"\n'


def _load(folder: Path, text: str, **environ: str) -> settings.Settings:
    file = folder / "hoopgate.toml"
    file.write_text(text)
    return settings.load(file, environ)


def _refused(folder: Path, text: str, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        _load(folder, text, **environ)
    return caught.value


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("HOOPGATE_"):
            monkeypatch.delenv(name)


def test_the_documented_example_loads_with_paths_relative_to_the_file(tmp_path: Path) -> None:
    loaded = _load(tmp_path, 'listen = "127.0.0.1:8080"\n' + TOP + GITHUB + SERVER)
    assert (loaded.host, loaded.port) == ("127.0.0.1", 8080)
    assert loaded.policy == tmp_path / "policies"
    assert loaded.store == tmp_path / "var/evidence"
    assert loaded.state == tmp_path / "var/evidence.state"
    assert loaded.identity.tables["github"].provider == "github"
    assert loaded.server["ehr"].url == "http://127.0.0.1:9000/mcp"
    assert loaded.public_url == "http://127.0.0.1:8080"
    assert not loaded.development


@pytest.mark.parametrize(
    ("text", "key", "suggestion"),
    [
        ('polcy = "x"\n' + TOP + GITHUB, "polcy", "policy"),
        (TOP + GITHUB.replace("audience", "audiense"), "audiense", "audience"),
        (TOP + GITHUB + SERVER.replace("url", "ulr"), "ulr", "url"),
        (TOP + '[identity.unsafe_loopback]\nbrnch = "main"\n', "brnch", "branch"),
    ],
)
def test_an_unknown_key_is_named_with_its_file_and_what_was_meant(
    tmp_path: Path, text: str, key: str, suggestion: str
) -> None:
    error = _refused(tmp_path, text)
    assert error.code == "CFG03"
    assert key in error.message
    assert "hoopgate.toml" in error.message
    assert suggestion in error.help


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    error = _refused(tmp_path, 'policy = "p"\n' + GITHUB)
    assert (error.code, '"store"' in error.message) == ("CFG04", True)


def test_text_that_is_not_toml_gives_the_line(tmp_path: Path) -> None:
    error = _refused(tmp_path, "listen = \n")
    assert error.code == "CFG02"
    assert "line 1" in error.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CFG01"):
        settings.load(tmp_path / "none.toml", {})


@pytest.mark.parametrize("listen", ["8080", "host:", "host:99999", "::1:8080"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, listen: str) -> None:
    assert _refused(tmp_path, f'listen = "{listen}"\n' + TOP + GITHUB).code == "CFG04"


@pytest.mark.parametrize(
    ("issuer", "accepted"),
    [
        ("http://127.0.0.1:9400", True),
        ("http://localhost:9400", True),
        ("http://[::1]:9400", True),
        ("https://ci.example", True),
        ("http://ci.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("https://user@ci.example", False),
        ("https://ci.example/?x=1", False),
        ("ftp://ci.example", False),
    ],
)
def test_a_plain_http_issuer_is_for_loopback_only(tmp_path: Path, issuer: str, accepted: bool) -> None:
    text = TOP + f'[identity.gitlab]\nissuer = "{issuer}"\naudience = "x"\ntenant = "72"\n'
    if accepted:
        assert _load(tmp_path, text).identity.tables["gitlab"].issuer == issuer
    else:
        assert _refused(tmp_path, text).code == "CFG04"


@pytest.mark.parametrize(
    ("name", "issuer"),
    [
        ("github", "https://token.actions.githubusercontent.com"),
        ("github", "https://token.actions.githubusercontent.com/"),
        ("gitlab", "https://gitlab.com"),
        ("buildkite", "https://agent.buildkite.com"),
        ("circleci", "https://oidc.circleci.com"),
        ("azure_devops", "https://vstoken.dev.azure.com/0a1b2c3d-0000-0000-0000-000000000000"),
        ("hcp_terraform", "https://app.terraform.io"),
        ("google_cloud", "https://accounts.google.com"),
    ],
)
def test_an_issuer_that_signs_for_everybody_needs_a_tenant(tmp_path: Path, name: str, issuer: str) -> None:
    error = _refused(tmp_path, TOP + f'[identity.{name}]\nissuer = "{issuer}"\naudience = "x"\n')
    assert error.code == "CFG05"
    assert "tenant" in error.message


def test_a_generic_table_does_not_get_around_the_tenant_of_a_shared_issuer(tmp_path: Path) -> None:
    text = (
        '[identity.ours]\nprovider = "generic"\nissuer = "https://gitlab.com"\naudience = "x"\nclaims = {actor="sub"}\n'
    )
    assert "tenant" in _refused(tmp_path, TOP + text).message


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://mcp.example/a b", "percent-encoding"),
        ("https://mcp.example/caf\u00e9", "percent-encoding"),
        ("https://mcp.example/a?q=\u00fc", "percent-encoding"),
        ("https://mcp .example/", "percent-encoding"),
        ("https://mcp.example:99999/", "[Pp]ort"),
        ("https://" + "\u00e9" * 80 + ".example/", "looked up"),
        ("ftp://mcp.example/", "http or https"),
    ],
)
def test_an_upstream_that_no_request_could_reach_is_refused_at_load(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Origin.of(url)
    error = _refused(tmp_path, TOP + f'[server.far]\nurl = "{url}"\n')
    assert error.code == "CFG04"
    assert re.search(words, f"{error.message} {error.help}")


@pytest.mark.parametrize("tenant", ["acme", "72; drop", "*", "12345678901234567890"])
def test_a_name_that_can_be_taken_over_is_no_tenant(tmp_path: Path, tenant: str) -> None:
    error = _refused(tmp_path, TOP + GITHUB.replace("123456", tenant))
    assert error.code == "CFG05"
    assert "repository_owner_id" in error.help


def test_a_table_of_an_unknown_provider_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    error = _refused(tmp_path, TOP + GITHUB.replace("identity.github", "identity.githib"))
    assert "github" in error.help
    assert "generic" in error.help


def test_any_other_name_needs_generic_and_a_mapping(tmp_path: Path) -> None:
    table = '[identity.company]\nprovider = "generic"\nissuer = "https://login.example"\naudience = "x"\n'
    assert "claims" in _refused(tmp_path, TOP + table).message
    loaded = _load(
        tmp_path, TOP + table + 'caller = "person"\nclaims = { actor = "email", group = ["realm", "roles"] }\n'
    )
    assert loaded.identity.tables["company"].claims["group"] == ("realm", "roles")


@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS1", "ES256K"])
def test_only_asymmetric_signatures_can_be_configured(tmp_path: Path, algorithm: str) -> None:
    assert _refused(tmp_path, TOP + GITHUB + f'algorithms = ["{algorithm}"]\n').code == "CFG04"


def test_an_unsafe_identity_needs_a_loopback_listener(tmp_path: Path) -> None:
    unsafe = '[identity.unsafe_loopback]\nrepository = "acme/etl"\n'
    assert _refused(tmp_path, 'listen = "0.0.0.0:8080"\n' + TOP + unsafe).code == "CFG05"
    assert _refused(tmp_path, 'url = "https://gate.example"\n' + TOP + unsafe).code == "CFG05"
    loaded = _load(tmp_path, TOP + unsafe)
    assert loaded.identity.unsafe_loopback is not None
    assert loaded.identity.unsafe_loopback.repository == "acme/etl"
    assert loaded.development


def test_without_any_identity_nothing_starts(tmp_path: Path) -> None:
    assert _refused(tmp_path, TOP).code == "CFG05"


def test_one_issuer_stands_in_one_table(tmp_path: Path) -> None:
    other = GITHUB.replace("[identity.github]", '[identity.second]\nprovider = "github"')
    assert _refused(tmp_path, TOP + GITHUB + other).code == "CFG05"


def test_a_server_has_one_way_to_it(tmp_path: Path) -> None:
    assert _refused(tmp_path, TOP + GITHUB + "[server.ehr]\n").code == "CFG04"
    assert _refused(tmp_path, TOP + GITHUB + SERVER + 'command = ["x"]\n').code == "CFG04"
    assert _refused(tmp_path, TOP + GITHUB + SERVER.replace("ehr", '"e/hr"')).code == "CFG04"


def test_the_keys_may_not_lie_in_what_they_protect(tmp_path: Path) -> None:
    assert _refused(tmp_path, TOP + 'keys = "var/evidence/keys"\n' + GITHUB).code == "CFG04"


def test_a_store_that_is_not_a_directory_is_refused(tmp_path: Path) -> None:
    assert "directory" in _refused(tmp_path, 'policy = "p"\nstore = "postgresql://x"\n' + GITHUB).message


def test_a_variable_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("HOOPGATE_LISTEN", "127.0.0.1:9999")
    monkeypatch.setenv("HOOPGATE_IDENTITY__GITHUB__AUDIENCE", "https://other.example")
    loaded = _load(tmp_path, TOP + GITHUB, **os.environ)
    assert loaded.port == 9999
    assert loaded.identity.tables["github"].audience == "https://other.example"
    assert loaded.identity.tables["github"].tenant == "123456"


def test_an_unknown_variable_is_refused_but_not_what_kubernetes_sets(tmp_path: Path) -> None:
    assert _refused(tmp_path, TOP + GITHUB, HOOPGATE_LISTN="x").code == "CFG06"
    kubernetes = {
        "HOOPGATE_SERVICE_HOST": "10.0.0.1",
        "HOOPGATE_SERVICE_PORT_HTTP": "80",
        "HOOPGATE_PORT": "tcp://10.0.0.1:80",
        "HOOPGATE_PORT_80_TCP_ADDR": "10.0.0.1",
        "HOOPGATE_TOKEN": "secret",
    }
    _load(tmp_path, TOP + GITHUB, **kubernetes)


def test_no_secret_is_in_an_error(tmp_path: Path) -> None:
    text = TOP + GITHUB + '[grant.x]\nheaders = "Bearer s3cret"\n'
    assert "s3cret" not in str(_refused(tmp_path, text))


def test_there_are_fewer_than_thirty_settings() -> None:
    assert len(settings.Settings.model_fields) < 30


def test_workers_are_between_one_and_sixty_four(tmp_path: Path) -> None:
    text = 'policy = "p"\nstore = "s"\nworkers = {}\n[identity.unsafe_loopback]\n'
    assert _load(tmp_path, text.format(64)).workers == 64
    for count in (0, 65, '"many"'):
        with pytest.raises(SettingsError) as error:
            _load(tmp_path, text.format(count))
        assert '"workers"' in error.value.message
