"""A real Dask scheduler with workers, each a process of this machine, on the loopback address alone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent
SECONDS_TO_START = 60


@dataclass
class LocalCluster:
    """A scheduler's address, and its workers' processes."""

    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def kill_one(self) -> None:
        """End a worker in the middle of whatever it does, as a machine that loses its power would."""
        self.workers.pop().send_signal(signal.SIGKILL)


@contextlib.contextmanager
def local_cluster(folder: Path, workers: int) -> Iterator[LocalCluster]:
    """Give a cluster that is gone afterwards.

    Args:
        folder: for the files of scheduler and workers.
        workers: how many, one thread each; one that is killed does not come back.
    """
    path = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    environment = os.environ | {"PYTHONPATH": path, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    said = folder / "scheduler.json"
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    files = ["--scheduler-file", str(said)]
    with contextlib.ExitStack() as stack:

        def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
            log = stack.enter_context((folder / f"{module}-{time.monotonic_ns()}.log").open("wb"))
            command = [sys.executable, "-m", f"distributed.cli.{module}", *common, *arguments]
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
            stack.callback(_end, process)
            return process

        start("dask_scheduler", "--port", "0", *files)
        cluster = LocalCluster(_address(said))
        alone = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0"]
        cluster.workers += [start("dask_worker", cluster.address, *alone) for _ in range(workers)]
        yield cluster


def _address(said: Path) -> str:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return str(json.loads(said.read_text("utf-8"))["address"])
        time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
