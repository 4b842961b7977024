"""Uploads to real web processes: refused before the body is sent, killed while it arrives."""

import os
import signal
from contextlib import suppress

import pytest
from django.urls import reverse

from recordings import incoming as incoming_files
from recordings.orphans import sweep_store
from recordings.quarantine import quarantined_files
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import files_below, incoming, make_old
from tests.helpers.running_site import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
MIB = bytes(2**20)
START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="Lovelace.edf"\r\n\r\n'


def test_an_upload_leaves_nothing_when_its_process_is_killed(
    web, client_of, lead, annotator, study, media
):
    url = reverse("recordings:upload", args=[study.slug])
    with web.begin(client_of(annotator), url) as refused:
        assert b" 403 " in refused.recv(4096)  # although nothing of the body was sent
    with web.begin(client_of(lead), url) as sent:
        sent.sendall(START + 3 * MIB)
        wait_for(web.spooled, every_s=0.02)
        web.kill()
    assert files_below(media) == []
    left = [path.name for path in files_below(web.temp)]
    assert not any(".upload" in name or "Lovelace" in name for name in left)


def test_a_process_killed_between_file_and_row_leaves_a_part_that_the_sweep_deletes(
    study, own_store, monkeypatch
):
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            monkeypatch.setattr(
                incoming_files, "queue_ingest", lambda **_: os.kill(os.getpid(), signal.SIGKILL)
            )
            incoming_files.receive_recording(study=study, file=incoming(edf_bytes()))
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    [left] = files_below(own_store / "incoming")
    assert left.suffix == ".part"
    make_old(left)
    sweep_store()
    assert not left.exists()
    assert quarantined_files() == []


def test_an_upload_leaves_nothing_when_its_sender_goes(web, client_of, lead, study, media):
    url = reverse("recordings:upload", args=[study.slug])
    with web.begin(client_of(lead), url) as sent:
        sent.sendall(START + 3 * MIB)
        wait_for(web.spooled, every_s=0.02)
    wait_for(lambda: not web.spooled(), every_s=0.02)
    assert files_below(media) == []
    assert files_below(web.temp) == [] or "Lovelace" not in str(files_below(web.temp))
