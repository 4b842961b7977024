"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO, "upload_limit_mib": settings.UPLOAD_LIMIT_BYTES // 2**20}
