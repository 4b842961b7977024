"""Uploads to web processes that are killed: what arrived stays, and a kept client goes on."""

import hashlib

import pytest
import requests
from django.urls import reverse
from tusclient.client import TusClient

from recordings.incoming import incoming_path, part_path
from recordings.intake.models import IntakeFile
from recordings.intake.receiving import open_queue
from tests.helpers.running_site import wait_for
from tests.helpers.web_processes import identity

pytestmark = pytest.mark.django_db(transaction=True)
DATA = bytes(range(256)) * 4096 * 5


def test_an_upload_goes_on_where_it_broke_off_after_the_server_was_killed(
    web, client_of, lead, annotator, study, tmp_path
):
    queue = open_queue(study=study, user=lead)
    uploads = reverse("recordings:api-intake-uploads", args=[study.slug, queue.pk])
    path = tmp_path / "night.edf"
    path.write_bytes(DATA)
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(DATA))}
    refused = requests.post(
        f"http://localhost:{web.port}{uploads}", headers={**identity(client_of(annotator)), **tus}
    )
    assert refused.status_code == 403
    site = f"http://localhost:{web.port}"
    tus_client = TusClient(site + uploads, headers=identity(client_of(lead)))
    uploader = tus_client.uploader(
        str(path), chunk_size=2**20, metadata={"filename": "S01/night.edf"}
    )
    uploader.upload_chunk()
    url = uploader.url
    piece = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(2**20),
        "Content-Type": "application/offset+octet-stream",
    }
    address = url.removeprefix(site)
    broken = web.begin(client_of(lead), address, length=2**22, method="PATCH", headers=piece)
    with broken:
        broken.sendall(DATA[2**20 : 3 * 2**20])
        file = IntakeFile.objects.get()
        part = part_path(file.path)
        wait_for(lambda: part.stat().st_size > 2**20, every_s=0.02)
        web.kill()
    web.start()
    again = tus_client.uploader(str(path), chunk_size=2**20, url=url)
    assert again.offset > 2**20
    again.upload()
    file.refresh_from_db()
    assert file.state == IntakeFile.State.WAITING
    arrived = incoming_path(file.path).read_bytes()
    assert hashlib.sha256(arrived).hexdigest() == hashlib.sha256(DATA).hexdigest()
