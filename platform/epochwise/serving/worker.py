"""The worker that uses the servers of this machine."""

from pathlib import Path

from epochwise.supervisor import Service
from inference.adapters.table import ONLY


def gpu_worker(*, var: Path, variable: str) -> Service:
    """Return a worker for the queue `gpu` that finds the servers of this machine.

    It has a single process, whose requests to the servers are open together. It loads no model
    itself, for the servers have the memory of the cards.
    """
    name = variable.lower().replace("_", "-")
    command = ["celery", "-A", "epochwise", "worker", "--queues", "gpu", "--concurrency", "1"]
    command += ["--hostname", f"{name}@%h", "--loglevel", "warning"]
    command += ["--without-gossip", "--without-mingle"]
    # Addresses in the shell that called would come before those of this machine.
    env = {"CELERY_SKIP_CHECKS": "1", ONLY: "openai", variable: "", f"{variable}_KEY": ""}
    return Service("gpu worker", command, log=var / "log" / f"{name}-worker.log", env=env)
