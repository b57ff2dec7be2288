"""The saved page in a real browser: phone to desktop, light and dark, by mouse and keyboard."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from midcli.cli.main import app
from midcli.views.page.styles import DARK, LIGHT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
WIDTHS = (360, 800, 1400)
CHECKS = Path(__file__).parent / "page_checks.js"

pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser: none of {', '.join(BROWSERS)} is there")


def run(*arguments: object) -> None:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, song: Path) -> list[Path]:
    """Two pieces with audio, one that changes, one whose long name cannot be broken; compared; found."""
    folder = tmp_path_factory.mktemp("report")
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * 22_050)
    tone = 0.5 * np.sin(np.arange(4 * 22_050) * 2 * np.pi * 440 / 22_050)
    soundfile.write(folder / "changing.wav", np.concatenate([noise, tone]), 22_050)
    shutil.copy(song, folder / f"{'unbreakable' * 12}.wav")
    pieces = sorted(folder.glob("*.wav"))
    report, comparison, reel = (folder / f"{name}.html" for name in ("report", "comparison", "reel"))
    library = folder / "library.jsonl"
    run("explain", *pieces, "--save", report, "--embed-audio", "--model", tiny_model)
    run("compare", *pieces, "--save", comparison, "--model", tiny_model)
    run("predict", *pieces, "--output", library, "--model", tiny_model, "--jobs", 1)
    run("find", library, "--min", "dissonance=1", "--save", reel, "--model", tiny_model)
    return [report, comparison, reel]


def shown(pages: Sequence[Path], folder: Path, dark: bool) -> tuple[list[dict[str, Any]], str]:
    """What the checks find in frames of several widths, and what the browser logged."""
    contents = [html.escape(page.read_text("utf-8")) for page in pages]
    frames = "".join(
        f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{content}"></iframe>'
        for content in contents
        for width in WIDTHS
    )
    around = folder / "around.html"
    script = CHECKS.read_text(encoding="utf-8")
    around.write_text(
        f'<!DOCTYPE html><meta charset="utf-8">{frames}<pre id="found"></pre><script>{script}</script>',
        "utf-8",
    )
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr",
        f"--user-data-dir={folder / 'profile'}",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--window-size=1500,1000",
        "--virtual-time-budget=10000",
        "--dump-dom",
        around.as_uri(),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | {"LANG": "C.UTF-8"}
    )
    found = re.search(r'<pre id="found">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(html.unescape(found[1])), done.stderr


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_page_in_a_browser(pages: list[Path], tmp_path: Path, dark: bool) -> None:
    found, log = shown(pages, tmp_path, dark)
    assert [line for line in log.splitlines() if "CONSOLE" in line] == []
    paper = (DARK if dark else LIGHT)["paper"]
    numbers = json.loads(re.search(r'class="numbers">(.+?)</script>', pages[0].read_text("utf-8"))[1])
    tension = numbers["over_time"]["emotions"]["tension"]
    assert [one["width"] for one in found] == [*WIDTHS] * len(pages)
    assert [one["used"] is not None for one in found] == [page == pages[0] for page in pages for _ in WIDTHS]
    for one in found:
        assert one["scroll_width"] <= one["width"]
        assert one["background"] == [int(paper[place : place + 2], 16) for place in (1, 3, 5)]
        assert one["contrast"]["ratio"] >= 4.5, one["contrast"]
        assert one["unreachable"] == []
        assert (one["smallest_text"]["height"] or 99) >= 10, one["smallest_text"]
        used = one["used"]
        if used is None:
            continue
        assert used["slider"] == pytest.approx(used["expected_slider"], abs=1e-3)
        assert float(used["read"].replace("−", "-")) == pytest.approx(tension[used["cell"]], abs=0.051)
        assert used["click"] == pytest.approx(0.25, abs=0.01)
        assert used["jump"] == pytest.approx(used["expected_jump"], abs=0.05)
        assert used["audio_error"] is None
        assert used["audio_duration"] == pytest.approx(used["duration"], abs=0.15)
        assert used["audio_time"] == pytest.approx(used["expected_jump"], abs=0.05)
