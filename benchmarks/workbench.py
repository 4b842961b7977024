"""Page turns of the workbench in Chromium, compared with the same view drawn by Plotly.

    python benchmarks/workbench.py [--epochs 960] [--turns 300] [--pause-ms 140] [--json]

A complete site runs as with `manage.py up`, with a simulated night in which every 40th epoch is
unscored. The complete page is shown (neighbours, hypnogram, spectrogram). Measured are:

- cold turns: N jumps 40 epochs ahead, to signals that are not yet fetched;
- page turns: → at the pace of a fast scorer, slightly irregular, so that keys come at any time
  within a frame;
- saves: a stage key, which also turns the page, after the previous save is acknowledged.

A turn lasts from the time stamp of the key to a message posted from the frame that shows the
epoch. At 60 frames per second, a turn without any work would take 8 ms at the median. `draw` is
the work of the page for a turn: key handlers and callbacks of the frame. `frame` is the turn
without the wait for the next frame: the draw, and style, layout, paint and pixels by the browser.
`cpu` is the processor time of all processes of the browser for a turn, including the worker that
finds what the traces of further epochs cover, and the compositor. Plotly (SVG) is measured in the
same browser with the same method, epochs and size. Ratios are Plotly's time divided by ours, for
whole frames, since most of Plotly's work is done by the browser. `floor` is the least that a turn
can cost on this machine: a page of its own puts a ready picture of the same size on a canvas.
Memory after a long night: `--epochs 5000 --turns 4950 --pause-ms 20`.
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
from dataclasses import dataclass
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
FLOOR_TURNS = 100
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
# A stage key turns the page: the display setting of scorers without rationales.
TURN_AFTER_STAGE = (
    """localStorage.setItem("epochwise.display", JSON.stringify({ advanceFine: true }))"""
)
CLEAR = "[meter.turns, meter.draws, meter.frames, meter.longTasks].forEach((a) => (a.length = 0))"
chance = random.Random(1)
Measures = dict[str, float]


@dataclass(frozen=True)
class Turns:
    """Times of page turns in ms, and processor time per turn."""

    turns: list[float]
    draws: list[float]
    frames: list[float]
    long_tasks: list[float]
    cpu_ms: float


@dataclass(frozen=True)
class BrowserProcess:
    """A process of the browser and the processor time it has used."""

    pid: int
    cpu_s: float


class Meter:
    """Measures page turns with workbench_meter.js, and processor time and memory of the browser."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.page = page
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("Performance.enable")
        self.browser_cdp: CDPSession = browser.new_browser_cdp_session()

    def press(self, key: str, times: int, *, pause_s: float) -> Turns:
        """Press a key repeatedly and return the times of the page turns."""
        self.page.evaluate(CLEAR)
        before_s = self._cpu_s()
        for _ in range(times):
            self.page.keyboard.press(key)
            time.sleep(pause_s * chance.uniform(0.85, 1.15))
        self.page.wait_for_function("times => meter.turns.length >= times", arg=times)
        cpu_ms = 1000 * (self._cpu_s() - before_s) / times
        meter = self.page.evaluate("JSON.parse(JSON.stringify(meter))")
        return Turns(
            turns=meter["turns"],
            draws=meter["draws"],
            frames=meter["frames"],
            long_tasks=meter["longTasks"],
            cpu_ms=round(cpu_ms, 1),
        )

    def heap_mib(self) -> float:
        """Return the JavaScript memory of the page after garbage collection."""
        self.cdp.send("HeapProfiler.collectGarbage")
        metrics = self.cdp.send("Performance.getMetrics")["metrics"]
        used = next(entry["value"] for entry in metrics if entry["name"] == "JSHeapUsedSize")
        return round(used / MIB, 1)

    def browser_mib(self) -> int:
        """Return the memory of all browser processes; shared pages count once."""
        processes = [psutil.Process(process.pid) for process in self._processes()]
        return round(sum(process.memory_full_info().pss for process in processes) / MIB)

    def _cpu_s(self) -> float:
        return sum(process.cpu_s for process in self._processes())

    def _processes(self) -> list[BrowserProcess]:
        answer = self.browser_cdp.send("SystemInfo.getProcessInfo")
        return [
            BrowserProcess(process["id"], process["cpuTime"]) for process in answer["processInfo"]
        ]


def signed_in(
    browser: Browser, site: RunningSite, person: Person, **options: Any
) -> BrowserContext:
    context = browser.new_context(base_url=site.url, viewport=VIEWPORT, **options)
    context.add_cookies([{"name": "sessionid", "value": person.session, "url": site.url}])
    context.add_init_script(TURN_AFTER_STAGE)
    context.add_init_script(path=HERE / "workbench_meter.js")
    return context


def open_workbench(context: BrowserContext, person: Person) -> Page:
    page = context.new_page()
    page.goto(f"/scorings/{person.scoring}/score/?epoch=0")
    page.wait_for_selector("[data-workbench][data-ready]")
    page.wait_for_selector('[data-part="traceCanvas"]:not([data-waiting])')
    page.wait_for_function("document.querySelector('.night__spectrogram').complete")
    time.sleep(2)
    return page


def turn_pages(meter: Meter, *, epochs: int, turns: int, pause_s: float) -> Measures:
    cold = meter.press("n", epochs // LEFT_OPEN_EVERY, pause_s=1.0)
    meter.page.keyboard.press("Home")
    time.sleep(2)
    warm = meter.press("ArrowRight", turns, pause_s=pause_s)
    return {
        **percentiles("draw", warm.draws),
        **percentiles("frame", warm.frames),
        **percentiles("key_to_frame", warm.turns),
        **percentiles("cold_key_to_frame", cold.turns),
        "cpu_ms_a_turn": warm.cpu_ms,
        "long_tasks": len(warm.long_tasks),
        "longest_task_ms": round(max(warm.long_tasks, default=0)),
        "heap_mib": meter.heap_mib(),
        "browser_mib": meter.browser_mib(),
    }


def save_scores(meter: Meter, *, saves: int) -> Measures:
    """Score epochs in order, each after the previous score is saved."""
    page = meter.page
    page.keyboard.press("Home")
    page.evaluate("meter.watchSaves(document.querySelector('[data-part=saveState]'))")
    turns: list[float] = []
    for number in range(saves):
        # A stage that differs from the present stage, since otherwise nothing is saved.
        now = page.locator('[data-part="stages"] [aria-pressed="true"]')
        key = "3" if now.get_attribute("data-stage") == "N2" else "2"
        # Nothing is staged before its signal is there.
        page.wait_for_selector("body:not([data-unseen])")
        turns += meter.press(key, 1, pause_s=0.2).turns
        page.wait_for_function("count => meter.saves.length >= count", arg=number + 1)
    return {
        **percentiles("save", page.evaluate("meter.saves")),
        **percentiles("stage_key_to_frame", turns),
    }


def draw_with_plotly(
    browser: Browser, context: BrowserContext, person: Person, size: Sequence[int]
) -> Measures:
    page = context.new_page()
    page.goto("/livez")
    page.add_script_tag(url="/static/plotly/plotly.min.js")
    width, height = size
    view: dict[str, float] = {"night": person.night, "widthPx": width, "heightPx": height}
    view |= {"sideShare": SIDE_SHARE, "turns": PLOTLY_TURNS}
    page.evaluate((HERE / "workbench_plotly.js").read_text(), view)
    plotly = Meter(browser, page).press("ArrowRight", PLOTLY_TURNS, pause_s=0.25)
    return {
        **percentiles("plotly_frame", plotly.frames),
        **percentiles("plotly_key_to_frame", plotly.turns),
        "plotly_cpu_ms_a_turn": plotly.cpu_ms,
    }


def draw_floor(browser: Browser, context: BrowserContext, size: Sequence[int]) -> Measures:
    page = context.new_page()
    page.goto("/livez")
    width, height = size
    page.evaluate((HERE / "workbench_floor.js").read_text(), {"widthPx": width, "heightPx": height})
    floor = Meter(browser, page).press("ArrowRight", FLOOR_TURNS, pause_s=0.14)
    return {
        **percentiles("floor_frame", floor.frames),
        **percentiles("floor_key_to_frame", floor.turns),
        "floor_cpu_ms_a_turn": floor.cpu_ms,
    }


def percentiles(name: str, values_ms: Sequence[float]) -> Measures:
    return {
        f"{name}_p{share}_ms": round(float(np.percentile(values_ms, share)), 1)
        for share in (50, 95)
    }


def measure(*, epochs: int, turns: int, pause_s: float) -> Measures:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with site_with_night(people=1, epochs=epochs) as (site, (person,)), sync_playwright() as play:
        score_night(site, up_to=epochs, left_open_every=LEFT_OPEN_EVERY)
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        meter = Meter(browser, open_workbench(signed_in(browser, site, person), person))
        measures = turn_pages(meter, epochs=epochs, turns=turns, pause_s=pause_s)
        measures |= save_scores(meter, saves=min(SAVES, epochs))
        box = meter.page.locator('[data-part="traces"]').bounding_box()
        size = (round(box["width"]), round(box["height"])) if box else (1400, 560)
        meter.page.close()
        context = signed_in(browser, site, person, bypass_csp=True)
        measures |= draw_with_plotly(browser, context, person, size)
        measures |= draw_floor(browser, context, size)
        browser.close()
    return {"epochs": epochs, "turns": turns, **measures, **ratios(measures)}


def ratios(measures: Measures) -> Measures:
    """Plotly's time divided by ours: for a frame, and as processor time of the browser."""
    frame = measures["plotly_frame_p50_ms"] / measures["frame_p50_ms"]
    cpu = measures["plotly_cpu_ms_a_turn"] / measures["cpu_ms_a_turn"]
    return {"ratio_plotly": round(frame, 1), "ratio_plotly_cpu": round(cpu, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=960)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--pause-ms", type=float, default=140, help="between keys, on average")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
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
