"""The worker that uses the servers of this machine."""

import time
from pathlib import Path

import redis

import epochwise.celery
from epochwise.supervisor import Service
from inference.adapters.table import ONLY
from jobs.beats import last_beat

_TICKED_WITHIN_S = 60.0


def gpu_worker(*, var: Path, variable: str) -> Service:
    """Return a worker for the queue `gpu` that finds the servers of this machine.

    It has a single process, whose requests to the servers are open together. It loads no model
    itself, for the servers have the memory of the cards.
    """
    name = variable.lower().replace("_", "-")
    arguments = ["worker", "--queues", "gpu", "--concurrency", "1"]
    arguments += ["--hostname", f"{name}@%h", "--loglevel", "warning"]
    arguments += ["--without-gossip", "--without-mingle"]
    # Addresses in the shell that called would come before those of this machine.
    env = {"CELERY_SKIP_CHECKS": "1", ONLY: "openai", variable: "", f"{variable}_KEY": ""}
    log = var / "log" / f"{name}-worker.log"
    return Service("gpu worker", epochwise.celery.app.worker_main, arguments, log=log, env=env)


def why_runs_may_stop() -> str:
    """Return why waiting runs would not be continued; empty if a site runs."""
    try:
        at = last_beat()
    except redis.RedisError:
        return "Redis does not answer: workers get no work."
    if at is not None and time.time() - at < _TICKED_WITHIN_S:
        return ""
    return "No site runs (beat does not tick): runs that wait are not continued. Start it too."
