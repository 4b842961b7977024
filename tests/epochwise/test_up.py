"""`manage.py up`: start, stop, and recovery after a kill."""

import signal
import socket
import urllib.error
import urllib.request

import psutil
import pytest

from tests.helpers.running_site import RunningSite, wait_for

pytestmark = pytest.mark.long


def test_a_second_site_over_the_same_folder_is_refused(running_site: RunningSite):
    second = RunningSite(running_site.var).manage("up", "--port", "0")
    assert second.returncode != 0
    assert "already" in second.stderr


def test_a_database_or_redis_that_dies_is_started_again(running_site: RunningSite):
    process = running_site.processes[-1]
    servers = [
        child
        for child in psutil.Process(process.pid).children()
        if child.name() in {"postgres", "redis-server"}
    ]
    assert len(servers) == 2
    for server in servers:
        server.kill()
    psutil.wait_procs(servers, timeout=60)
    wait_for(lambda: {running_site.health().get(name) for name in ("database", "redis")} == {"ok"})
    assert process.poll() is None


def test_up_killed_outright_leaves_nothing_behind_and_starts_again_with_its_data(
    running_site: RunningSite,
):
    first = running_site.processes[-1]
    made = running_site.manage("create_study", "kept", "--json")  # joins the servers of `up`
    assert made.returncode == 0, made.stderr
    family = psutil.Process(first.pid).children(recursive=True)
    assert {"postgres", "redis-server"} <= {process.name() for process in family}
    first.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not [process.name() for process in alive]
    running_site.start()
    again = running_site.manage("create_study", "kept")
    assert again.returncode != 0
    assert "already" in again.stderr


def test_a_port_in_use_is_named_with_what_to_do(site: RunningSite):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = site.manage("up", "--port", str(port))
    assert done.returncode != 0
    assert f"port {port} is in use" in done.stderr
    assert "--port" in done.stderr


def test_a_command_on_a_fresh_machine_makes_its_own_database(site: RunningSite):
    answer = site.manage_json("create_study", "first", "--lead", "lead@example.org")
    assert answer["slug"] == "first"
    assert "/invitations/" in str(answer["invitation"])


def test_the_log_of_the_web_server_names_requests_and_keeps_no_link(running_site: RunningSite):
    secret = "kJ3xsecret9Qz81nBvT"
    address = f"{running_site.url}/invitations/{secret}/?token={secret}"
    request = urllib.request.Request(address, headers={"X-Request-ID": "asked-by-the-test"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.headers["X-Request-ID"] == "asked-by-the-test"
    log = running_site.var / "log" / "web.log"
    wait_for(lambda: "GET /invitations/[hidden]/" in log.read_text())  # written after the answer
    lines = [line for line in log.read_text().splitlines() if "/invitations/" in line]
    assert all("asked-by-the-test" in line for line in lines)
    assert secret not in log.read_text()
    head = urllib.request.Request(f"{running_site.url}/login/", method="HEAD")
    with urllib.request.urlopen(head, timeout=30) as answer:
        assert (answer.status, answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 500
