"""Page turns of the workbench in a real Chromium, beside Plotly drawing the same view.

    python benchmarks/workbench.py [--epochs 960] [--turns 300] [--pause-ms 140] [--json]

A whole site runs as `manage.py up` runs it, over a simulated night that is scored but for every
40th epoch. With the whole page shown (neighbours, hypnogram, spectrogram):

- cold turns: N jumps 40 epochs on, to signals that were never fetched;
- page turns: → at the pace of a fast scorer, a little uneven so that keys meet frames anywhere;
- saves: a stage key, which turns the page as well, once the save before is acknowledged.

A turn lasts from the key's time stamp to a message posted from the frame that shows the epoch. The
screen has 60 frames a second: a turn that costs nothing would take 8 ms at the median. `draw` is
what the page does for a turn, its key handlers and the frame's callbacks; `frame` is the turn less
the wait for its frame: the draw, and the browser's style, layout, paint and pixels. `cpu` is the
processor time of all the browser's processes for a turn, which counts the worker that draws
pictures ahead, the compositor, and the screen. Plotly (SVG) is measured in the same browser the
same way, on the same epochs, at the same size; ratios are Plotly's time over ours, of whole frames,
since what Plotly leaves to the browser is most of its work. For memory at the end of a long night:
`--epochs 5000 --turns 4950 --pause-ms 20`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Page,
    ViewportSize,
    sync_playwright,
)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.simulated_site import Person, score_night, site_with_night
from tests.helpers.running_site import RunningSite

HERE = Path(__file__).resolve().parent
LEFT_OPEN_EVERY = 40
PLOTLY_TURNS = 60
SAVES = 100
SIDE_SHARE = 0.145
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
MIB = 2**20
# A stage key turns the page, as scorers without rationales have it.
GO_ON = """localStorage.setItem("epochwise.display", JSON.stringify({ advanceFine: true }))"""
CLEAR = "[meter.turns, meter.draws, meter.frames, meter.longTasks].forEach((a) => (a.length = 0))"
chance = random.Random(1)


class Meter:
    """What a page measured since it was last asked, and what the browser did meanwhile."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.page = page
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("Performance.enable")
        self.browser_cdp: CDPSession = browser.new_browser_cdp_session()

    def press(self, key: str, times: int, *, pause_s: float) -> dict[str, Any]:
        """Press a key again and again; times in ms, processor time in ms a turn."""
        self.page.evaluate(CLEAR)
        before_s = self._cpu_s()
        for _ in range(times):
            self.page.keyboard.press(key)
            time.sleep(pause_s * chance.uniform(0.85, 1.15))
        self.page.wait_for_function("times => meter.turns.length >= times", arg=times)
        cpu_ms = 1000 * (self._cpu_s() - before_s) / times
        found: dict[str, Any] = self.page.evaluate("JSON.parse(JSON.stringify(meter))")
        return {**found, "cpuMs": round(cpu_ms, 1)}

    def heap_mib(self) -> float:
        """JavaScript's memory in use on the page, garbage taken away."""
        self.cdp.send("HeapProfiler.collectGarbage")
        metrics = self.cdp.send("Performance.getMetrics")["metrics"]
        used = next(entry["value"] for entry in metrics if entry["name"] == "JSHeapUsedSize")
        return round(used / MIB, 1)

    def browser_mib(self) -> int:
        """Memory of all the browser's processes, pages that they share counted once."""
        processes = [psutil.Process(process["id"]) for process in self._processes()]
        return round(sum(process.memory_full_info().pss for process in processes) / MIB)

    def _cpu_s(self) -> float:
        return sum(process["cpuTime"] for process in self._processes())

    def _processes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.browser_cdp.send("SystemInfo.getProcessInfo")[
            "processInfo"
        ]
        return found


def signed_in(
    browser: Browser, site: RunningSite, person: Person, **options: Any
) -> BrowserContext:
    context = browser.new_context(base_url=site.url, viewport=VIEWPORT, **options)
    context.add_cookies([{"name": "sessionid", "value": person.session, "url": site.url}])
    context.add_init_script(GO_ON)
    context.add_init_script(path=HERE / "workbench_meter.js")
    return context


def open_workbench(context: BrowserContext, person: Person) -> Page:
    page = context.new_page()
    page.goto(f"/scorings/{person.scoring}/score/?epoch=0")
    page.wait_for_selector("[data-workbench][data-ready]")
    page.wait_for_selector('[data-part="traceCanvas"]:not([data-waiting])')
    page.wait_for_function("document.querySelector('[data-part=spectrogram]').complete")
    time.sleep(2)
    return page


def turn_pages(meter: Meter, *, epochs: int, turns: int, pause_s: float) -> dict[str, Any]:
    cold = meter.press("n", epochs // LEFT_OPEN_EVERY, pause_s=1.0)
    meter.page.keyboard.press("Home")
    time.sleep(2)
    warm = meter.press("ArrowRight", turns, pause_s=pause_s)
    return {
        **percentiles("draw", warm["draws"]),
        **percentiles("frame", warm["frames"]),
        **percentiles("key_to_frame", warm["turns"]),
        **percentiles("cold_key_to_frame", cold["turns"]),
        "cpu_ms_a_turn": warm["cpuMs"],
        "long_tasks": len(warm["longTasks"]),
        "longest_task_ms": round(max(warm["longTasks"], default=0)),
        "heap_mib": meter.heap_mib(),
        "browser_mib": meter.browser_mib(),
    }


def save_scores(meter: Meter, *, saves: int) -> dict[str, Any]:
    """Stage epoch after epoch, each once the one before is saved."""
    page = meter.page
    page.keyboard.press("Home")
    page.evaluate("meter.watchSaves(document.querySelector('[data-part=saveState]'))")
    turns: list[float] = []
    for number in range(saves):
        # Another stage than the epoch has, or there is nothing to save.
        now = page.locator('[data-part="stages"] [aria-pressed="true"]')
        key = "3" if now.get_attribute("data-stage") == "N2" else "2"
        turns += meter.press(key, 1, pause_s=0.2)["turns"]
        page.wait_for_function("count => meter.saves.length >= count", arg=number + 1)
    return {
        **percentiles("save", page.evaluate("meter.saves")),
        **percentiles("stage_key_to_frame", turns),
    }


def draw_with_plotly(
    browser: Browser, context: BrowserContext, person: Person, size: Sequence[int]
) -> dict[str, Any]:
    page = context.new_page()
    page.goto("/healthz")
    page.add_script_tag(url="/static/plotly/plotly.min.js")
    width, height = size
    view: dict[str, float] = {"night": person.night, "widthPx": width, "heightPx": height}
    view |= {"sideShare": SIDE_SHARE, "turns": PLOTLY_TURNS}
    page.evaluate((HERE / "workbench_plotly.js").read_text(), view)
    found = Meter(browser, page).press("ArrowRight", PLOTLY_TURNS, pause_s=0.25)
    return {
        **percentiles("plotly_frame", found["frames"]),
        **percentiles("plotly_key_to_frame", found["turns"]),
        "plotly_cpu_ms_a_turn": found["cpuMs"],
    }


def percentiles(name: str, values_ms: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}_p{share}_ms": round(float(np.percentile(values_ms, share)), 1)
        for share in (50, 95)
    }


def measure(*, epochs: int, turns: int, pause_s: float) -> dict[str, Any]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with site_with_night(people=1, epochs=epochs) as (site, (person,)), sync_playwright() as play:
        score_night(site, up_to=epochs, left_open_every=LEFT_OPEN_EVERY)
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        meter = Meter(browser, open_workbench(signed_in(browser, site, person), person))
        found = turn_pages(meter, epochs=epochs, turns=turns, pause_s=pause_s)
        found |= save_scores(meter, saves=min(SAVES, epochs))
        box = meter.page.locator('[data-part="traces"]').bounding_box()
        size = (round(box["width"]), round(box["height"])) if box else (1400, 560)
        meter.page.close()
        context = signed_in(browser, site, person, bypass_csp=True)
        found |= draw_with_plotly(browser, context, person, size)
        browser.close()
    return {"epochs": epochs, "turns": turns, **found, **ratios(found)}


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """Plotly's time over ours: on the page's own thread, and of everything in the browser."""
    frame = found["plotly_frame_p50_ms"] / found["frame_p50_ms"]
    cpu = found["plotly_cpu_ms_a_turn"] / found["cpu_ms_a_turn"]
    return {"ratio_plotly": round(frame, 1), "ratio_plotly_cpu": round(cpu, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=960)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--pause-ms", type=float, default=140, help="between keys, on average")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    result = measure(
        epochs=arguments.epochs, turns=arguments.turns, pause_s=arguments.pause_ms / 1000
    )
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:30} {value}")


if __name__ == "__main__":
    main()
