"""A real gate, the example's issuer and server as processes of their own, and Debian's Chromium that looks at them.

    def test_x(stage, visit, call):
        page = visit("dana")                              # a signed-in Playwright page; width=360, scheme="dark"
        page.goto(stage.gate + "/console/sessions")
        call("ehr", "search_patients", {"limit": 1})       # one call of a real MCP client; job.Seen
        waiting = calling("ehr", "update_patient", {…})    # the same in a thread: a Future

One stage and one Chromium for the whole run of a worker: tests look at what they made themselves.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from adapter_asgi.demo import job
from adapter_asgi.demo.stage import Stage
from tests.ports import free_port

sys.path.insert(0, str(Path(__file__).parent))

from yesterday import seed

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
Visit = Callable[..., Page]
Call = Callable[..., job.Seen]
Calling = Callable[..., "Future[job.Seen]"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever a browser does is slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The example, running, with a day-old refusal in its store."""
    folder = tmp_path_factory.mktemp("stage")
    made = Stage(folder, gate_port=free_port(), issuer_port=free_port(), server_port=free_port())
    with made:
        made.write_config()
        seed(made.config)
        made.start_world()
        made.start_gate()
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("the browser tests need Chromium: apt-get install chromium fonts-dejavu-core fonts-noto-core")
    expect.set_options(timeout=60_000)  # the page renews itself every few seconds
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(stage: Stage, chromium: Browser) -> Iterator[Visit]:
    """`visit("dana")`: a page of the console that this person has signed in to; `to` is where it leads.

    Whatever the page's console or an exception in a script says fails the test at its end.
    """
    contexts, said = [], []

    def open_(name: str, to: str = "/console/", *, width: int = 1440, scheme: Any = "light", **options: Any) -> Page:
        size = {"width": width, "height": 900}
        context = chromium.new_context(viewport=size, color_scheme=scheme, base_url=stage.gate, **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"a dialog: {dialog.message}") or dialog.dismiss())
        sign_in(page, name, to)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [words for words in said if "status of 4" not in words and "frame-ancestors" not in words] == []


def sign_in(page: Page, name: str, to: str = "/console/") -> None:
    """As a person does: the page asks who one is, the provider sends one back, the page goes on by itself."""
    page.goto(to)
    page.get_by_label("or somebody else").fill(name)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{to}")


@pytest.fixture
def call(calling: Calling) -> Call:
    """One call of a pipeline's real MCP client: `call("ehr", "search_patients", {"limit": 1}, pipeline_id="900")`."""
    return lambda *said, **claims: calling(*said, **claims).result(timeout=300)


@pytest.fixture
def calling(stage: Stage) -> Calling:
    """The same, going on: a Future of what the job saw. What nobody decides on is left waiting."""

    async def once(server: str, tool: str, arguments: dict[str, Any], claims: dict[str, Any]) -> job.Seen:
        token = await asyncio.to_thread(job.fetch_token, stage.issuer, stage.gate, **claims)
        async with job.connect(f"{stage.gate}/mcp/{server}", token) as client:
            return await job.call(client, tool, arguments)

    def begin(server: str, tool: str, arguments: dict[str, Any] | None = None, **claims: Any) -> Future[job.Seen]:
        seen: Future[job.Seen] = Future()

        def run() -> None:
            try:
                seen.set_result(asyncio.run(once(server, tool, arguments or {}, claims)))
            except BaseException as error:  # noqa: BLE001 - handed to the test that asks for the result
                seen.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return seen

    return begin


@pytest.fixture
def patient(call: Call) -> str:
    """The id of one of the server's patients."""
    found = call("ehr", "search_patients", {"limit": 1}, pipeline_id="800")
    return str(found.data["entry"][0]["resource"]["id"])
