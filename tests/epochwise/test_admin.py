"""The admin is read-only and shows nothing that a rater must not know."""

import pytest
from django.contrib import admin

from annotations.rating.lifecycle import close_rating_study
from annotations.scoring.models import EpochScore
from studies.models import User
from tests.helpers.ratings import (
    EXPERT_NAME,
    MODEL_LABEL,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_of):
    return client_of(User.objects.create_superuser(username="root"))


def pages() -> list[str]:
    return [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in admin.site._registry]


def test_every_page_opens_and_none_of_ours_changes_anything(client, sources):
    ours = [page for page in pages() if "/auth/" not in page]
    assert len(ours) > 8
    for page in ours:
        assert client.get(page).status_code == 200, page
        assert client.get(f"{page}add/").status_code == 403, page
    detail = f"/admin/annotations/scoring/{sources[0].pk}/change/"
    assert client.get(detail).status_code == 200
    assert client.post(detail, {"state": "open"}).status_code == 403
    assert not admin.site.is_registered(EpochScore)


def test_scorings_under_an_open_rating_study_are_hidden(client, rating_study, sources):
    detail = f"/admin/annotations/ratingstudy/{rating_study.pk}/change/"
    for page in ["/admin/annotations/scoring/", detail]:
        text = client.get(page).content.decode()
        assert MODEL_LABEL not in text
        assert EXPERT_NAME not in text
    close_rating_study(rating_study=rating_study, user=None)
    assert MODEL_LABEL in client.get("/admin/annotations/scoring/").content.decode()
