"""A worker process whose work is made up: `python -m measure.paced_worker FOLDER`.

FOLDER holds `cluster.json` with the settings and the pace.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from diarist.bootstrap.services import services, worker_of
from diarist.settings import Settings
from diarist.workers.paced import Pace, PacedSteps

_FILE = "cluster.json"


def write_plan(folder: Path, settings: dict[str, Any], pace: Pace) -> None:
    """Say how the workers of a folder work."""
    plan = {"settings": settings, "pace": asdict(pace)}
    (folder / _FILE).write_text(json.dumps(plan), encoding="utf-8")


async def main(folder: Path) -> None:
    """Work until SIGTERM."""
    plan = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with TemporaryDirectory(prefix="diarist-") as scratch:
        async with services(Settings.model_validate(plan["settings"]), hears=True) as built:
            steps = PacedSteps(Pace(**plan["pace"]))
            worker = worker_of(built, Path(scratch), steps=steps)
            await worker.run_until(stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(main(Path(sys.argv[1])))
