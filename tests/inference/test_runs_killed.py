"""Runs survive a killed worker and a stopped Redis, and score no epoch twice."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from redis import ConnectionError as RedisConnectionError
from redis import Redis

from annotations.scoring.models import EpochRevision, EpochScore
from epochwise.celery import app
from epochwise.embedded import redis as embedded_redis
from inference.models import PreScoreRun, RunChunk
from inference.registry.bundles import find_bundle, register_bundle
from inference.runs import lifecycle, work
from inference.runs.entry import begin_run
from inference.runs.reading import gpu_workers
from jobs.tasks import sweep as sweep_jobs
from jobs.workers import connect
from tests.helpers.running_site import nobody_else_is_at_work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.torch]
ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 180


class OwnRedis:
    """A Redis of this test alone, without a disk: what it held is gone when it stops."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ew-redis-"))
        self.socket = self.folder / "redis.sock"
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        command = [str(embedded_redis.executable()), "--port", "0", "--save", ""]
        command += ["--unixsocket", str(self.socket), "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self.answers)

    def answers(self) -> bool:
        try:
            return bool(Redis(unix_socket_path=str(self.socket)).ping())
        except RedisConnectionError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


@pytest.fixture
def own_redis(settings) -> Iterator[OwnRedis]:
    """Point this process and the workers it starts at a Redis that may be stopped."""
    server = OwnRedis()
    before = app.conf.broker_url
    settings.REDIS_URL = server.url
    app.conf.broker_url = server.url.replace("unix://", "redis+socket://")
    app.amqp._producer_pool = None
    yield server
    app.conf.broker_url = before
    app.amqp._producer_pool = None
    server.stop()
    shutil.rmtree(server.folder)


class Worker:
    """A real Celery worker on the gpu queue, in a process group of its own."""

    def __init__(self, redis_url: str, log: Path) -> None:
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis_url,
            "MEDIA_ROOT": str(connection.settings_dict["MEDIA"]),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "SECRET_KEY": "only for the worker of a test " * 2,
            "PRESCORE_LEASE_S": "2",
            "OMP_NUM_THREADS": "1",
        }
        self.log = log
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "epochwise", "worker", "--queues", "gpu"]
        command += ["--concurrency", "1", "--without-gossip", "--without-mingle"]
        command += ["--hostname", f"{self.log.stem}@%h"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def send(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start_worker(
    own_redis: OwnRedis, media: Path, tmp_path: Path
) -> Iterator[Callable[[str], Worker]]:
    connection.settings_dict["MEDIA"] = media
    started: list[Worker] = []

    def start(name: str) -> Worker:
        started.append(Worker(own_redis.url, tmp_path / f"{name}.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
    wait_for(nobody_else_is_at_work)
    connection.settings_dict.pop("MEDIA")


@pytest.fixture
def worker(start_worker: Callable[[str], Worker]) -> Worker:
    return start_worker("worker")


def database_url() -> str:
    """The test database, as the settings of another process take it."""
    database = connection.settings_dict
    host = quote(str(database["HOST"]), safe="")
    port = f":{database['PORT']}" if database["PORT"] else ""
    secret = quote(str(database["PASSWORD"]), safe="")
    return f"postgres://{database['USER']}:{secret}@{host}{port}/{database['NAME']}"


@pytest.fixture
def run(noise_night, taught_bundle, monkeypatch) -> PreScoreRun:
    """Ten epochs in chunks of four, written by a tiny model, so a run lasts some seconds."""
    monkeypatch.setattr(lifecycle, "chunk_epochs", lambda _: 4)
    monkeypatch.setattr(work, "MESSAGE_LOST_AFTER_S", 1.0)
    bundle, _ = register_bundle(folder=taught_bundle)
    return lifecycle.start_run(recording=noise_night, bundle=bundle)


def wait_for(condition: Callable[[], object], meanwhile: Callable[[], object] = bool) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        meanwhile()
        time.sleep(0.05)


def done(run: PreScoreRun) -> int:
    run.refresh_from_db()
    return run.done


def finish(run: PreScoreRun) -> None:
    """Wait for the end, with the sweep that beat would send."""
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last > 1:
            sweep_jobs()
            last = time.monotonic()

    wait_for(lambda: done(run) == run.total and not run.is_live, beat)


def assert_every_epoch_once(run: PreScoreRun) -> None:
    assert (run.state, run.done, run.failed_count) == ("done", 10, 0)
    expected = list(range(10))
    for rows in (
        run.replies.filter(superseded=False),
        EpochScore.objects.filter(scoring=run.scoring),
        EpochRevision.objects.filter(scoring=run.scoring),
    ):
        assert sorted(rows.values_list("epoch", flat=True)) == expected


def kill_in_the_middle_of_a_chunk(worker: Worker, run: PreScoreRun) -> None:
    """Hold the worker still to look: between two chunks a kill would prove nothing."""

    def is_caught_at_work() -> bool:
        if not 0 < done(run) < run.total:
            return False
        worker.send(signal.SIGSTOP)
        if run.chunks.filter(state=RunChunk.State.RUNNING).exists():
            return True
        worker.send(signal.SIGCONT)
        return False

    wait_for(is_caught_at_work)
    worker.kill()


def test_a_worker_killed_in_the_middle_of_a_run_costs_no_epoch_and_doubles_none(run, worker):
    sweep_jobs()
    kill_in_the_middle_of_a_chunk(worker, run)
    stored = done(run)
    worker.start()
    finish(run)
    assert stored < run.total
    assert_every_epoch_once(run)
    assert RunChunk.objects.filter(run=run, attempt=2).exists()


def test_a_run_outlives_a_redis_that_stops_and_forgets_everything(run, worker, own_redis):
    sweep_jobs()
    wait_for(lambda: 0 < done(run) < run.total)
    own_redis.stop()
    sweep_jobs()
    own_redis.start()
    assert connect().keys("gpu*") == []
    finish(run)
    assert_every_epoch_once(run)


def test_a_run_can_be_started_while_redis_is_away(noise_night, own_redis):
    own_redis.stop()
    run = begin_run(recording=noise_night, bundle=find_bundle("rules"))
    own_redis.start()
    assert not run.chunks.filter(enqueued_at__isnull=False).exists()
    sweep_jobs()
    assert run.chunks.filter(enqueued_at__isnull=False).count() == run.chunks.count()


def close_connections_of_others() -> None:
    """What a restarted database does to every worker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_two_workers_share_a_study_though_the_database_lets_go_of_them(
    make_noise_night,
    start_worker,
    monkeypatch,
):
    monkeypatch.setattr(lifecycle, "chunk_epochs", lambda _: 1)
    nights = [make_noise_night(name=name) for name in ("S1", "S2", "S3")]
    study_runs = [lifecycle.start_run(recording=n, bundle=find_bundle("rules")) for n in nights]
    for name in ("first", "second"):
        start_worker(name)
    wait_for(lambda: gpu_workers().total == 2)
    sweep_jobs()
    wait_for(lambda: sum(map(done, study_runs)) > 2)
    close_connections_of_others()
    for each in study_runs:
        finish(each)
    for each in study_runs:
        assert_every_epoch_once(each)
    chunks = RunChunk.objects.filter(run__in=study_runs)
    assert chunks.values("worker").distinct().count() > 1
