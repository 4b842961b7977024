"""/healthz: state of database, Redis and workers."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis import RedisError

from jobs.workers import connect, live_workers


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _redis() -> bool:
    try:
        return bool(connect().ping())
    except RedisError:
        return False


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if database and Redis answer. A missing worker is reported, but is no fault."""
    parts = {"database": _database(), "redis": _redis(), "worker": bool(live_workers())}
    fine = parts["database"] and parts["redis"]
    words = {name: "ok" if alive else "down" for name, alive in parts.items()}
    return JsonResponse({"status": "ok" if fine else "down", **words}, status=200 if fine else 503)
