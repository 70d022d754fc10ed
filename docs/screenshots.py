"""Makes the console's pictures in docs/images/ anew, from a real gate: `python docs/screenshots.py`.

It needs what the tests need (`pip install 'hoopgate[dev]'`) and Debian's chromium. The records are synthetic.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from adapter_asgi.demo import job
from adapter_asgi.demo.stage import Stage, free_port

IMAGES = Path(__file__).parent / "images"
MOST = 150_000
"""Bytes of one picture."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"]


def main() -> None:
    """A pipeline reads, is refused twice, and waits; a person looks."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder)) as stage:
        run = asyncio.run(_pipeline(stage))
        waiting = threading.Thread(target=lambda: asyncio.run(_waits(stage, run)))
        waiting.start()
        with _signed_in(stage, "dana") as page:
            page.get_by_role("link", name="ehr/update_patient").first.wait_for()
            _shoot(page, "console-now")
            page.get_by_role("link", name="ehr/update_patient").first.click()
            page.get_by_role("heading", name="Decide").wait_for()
            call = page.url
            _shoot(page, "console-approval")
            page.get_by_role("link", name="Sessions").click()
            page.get_by_role("main").get_by_role("row").nth(2).get_by_role("link").first.click()
            page.get_by_role("heading", name="Over time").wait_for()
            page.get_by_text("Compare with another run").evaluate("one => one.scrollIntoView()")
            _shoot(page, "console-replay")
            page.goto(call)
            page.get_by_label("Why not").fill("only for the pictures")
            page.get_by_role("button", name="Refuse").click()
        waiting.join()


@contextmanager
def _stage(folder: Path) -> Iterator[Stage]:
    with Stage(folder, gate_port=free_port(0), issuer_port=free_port(0), server_port=free_port(0)) as stage:
        stage.write_config()
        stage.start_world()
        stage.start_gate()
        yield stage


async def _pipeline(stage: Stage) -> str:
    """The calls of the nightly pipeline; gives the id of a patient."""
    async with job.connect(f"{stage.gate}/mcp/ehr", job.fetch_token(stage.issuer, stage.gate)) as client:
        await client.list_tools()
        found = await job.call(client, "search_patients", {"limit": 2})
        patient = str(found.data["entry"][0]["resource"]["id"])
        await job.call(client, "read_observations", {"patient_id": patient})
        await job.call(client, "read_notes", {"patient_id": patient})
        await job.call(client, "search_patients", {"limit": 5000})
        await job.call(client, "delete_patient", {"patient_id": patient})
    return patient


async def _waits(stage: Stage, patient: str) -> None:
    token = job.fetch_token(stage.issuer, stage.gate, pipeline_id="575", job_id="303")
    async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
        await client.list_tools()
        await job.call(client, "update_patient", {"patient_id": patient, "phone": "(413) 555-0100"})


@contextmanager
def _signed_in(stage: Stage, name: str) -> Iterator[Page]:
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("needs Debian's chromium: apt-get install chromium fonts-dejavu-core")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 820}, base_url=stage.gate, color_scheme="light")
        page.goto("/console/")
        page.get_by_label("or somebody else").fill(name)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/console/")
        yield page
        browser.close()


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("load")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > MOST:
        raise SystemExit(f"{path} is larger than {MOST} bytes")
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
