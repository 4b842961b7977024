"""Settings from the environment; docs/deployment.md lists all names."""

import os
import sys
from pathlib import Path

import dj_database_url
import plotly
from celery.schedules import schedule
from csp.constants import NONE, SELF

from epochwise import database, embedded, site_address
from epochwise.demo.guard import why_no_demo
from epochwise.logs import LINE
from epochwise.secrets import secret_key

ROOT = Path(__file__).resolve().parents[2]
VAR = embedded.var_dir()

DEBUG = os.environ.get("DEBUG") == "1"
DEMO = os.environ.get("EPOCHWISE_DEMO") == "1"
if (DEMO or {"up", "--demo"} <= set(sys.argv)) and (why := why_no_demo()):
    raise SystemExit(f"epochwise: {why}")  # a line without a traceback, for every kind of process
SECRET_KEY = secret_key(VAR)
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]
HTTPS = os.environ.get("HTTPS") == "1"
SITE_URL = os.environ.get("SITE_URL") or site_address.remembered(VAR)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "csp",
    "epochwise",
    "studies",
    "recordings",
    "annotations",
    "inference",
]

MIDDLEWARE = [
    "epochwise.requests.RequestIds",
    "epochwise.demo.guard.RefuseForwarded",
    "django.middleware.security.SecurityMiddleware",
    "studies.audit.AddressOfRequest",
    "epochwise.site.token_reads.RecordTokenReads",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "epochwise.requests.NoStore",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studies.refusals.RefusalsOnPages",
    "epochwise.room.WritingNeedsRoom",
    "epochwise.requests.HeadLikeGet",
]

ROOT_URLCONF = "epochwise.urls"
WSGI_APPLICATION = "epochwise.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "epochwise.site_address.site",
            ],
        },
    }
]

# PostgreSQL everywhere. Without DATABASE_URL and REDIS_URL the embedded servers are used.
DATABASES = {
    "default": {
        **dj_database_url.parse(os.environ.get("DATABASE_URL") or embedded.database_url()),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ENGINE": "epochwise.database",
        "OPTIONS": database.options(),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL") or embedded.redis_url()

AUTH_USER_MODEL = "studies.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [
    ROOT / "static",
    ("plotly", Path(plotly.__file__).parent / "package_data"),
]
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o750
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", VAR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Without collected static files (tests, gunicorn alone), they are served from their sources.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "css").exists()

# Uploads stream to disk; the limits are checked before and while the worker reads the file.
INCOMING_ROOT = MEDIA_ROOT / "incoming"
FILE_UPLOAD_TEMP_DIR = os.environ.get("FILE_UPLOAD_TEMP_DIR")
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
UPLOAD_LIMIT_BYTES = int(os.environ.get("UPLOAD_LIMIT_MIB", "4096")) * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"inference.tasks.score_next": {"queue": "gpu"}}
CELERY_TASK_SOFT_TIME_LIMIT = 50 * 60
CELERY_TASK_TIME_LIMIT = 55 * 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60 * 60,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "epochwise.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": schedule(every_s), "options": {"expires": every_s}}
    for name, every_s in [
        ("jobs.tasks.sweep", 15.0),
        ("annotations.tasks.sweep_export_files", 3600.0),
        ("recordings.tasks.sweep_files", 3600.0),
        ("epochwise.tasks.clear_sessions", 86_400.0),
    ]
}

# Time after which work that waits while its workers finish nothing is reported as stuck.
STUCK_AFTER_S = float(os.environ.get("STUCK_AFTER_S", "300"))

# Time after which an ingest is taken from a worker that no longer renews its lease.
INGEST_LEASE_S = float(os.environ.get("INGEST_LEASE_S", "60"))

# Time after which a chunk of a run is taken from a worker that no longer renews its lease.
PRESCORE_LEASE_S = float(os.environ.get("PRESCORE_LEASE_S", "60"))

# Prompts of the fine-tuning samples of a release; annotations must not import inference.
RELEASE_PROMPTS = "inference.releases.release_prompts"

# Training instructions on the page of a release; named here for the same reason.
RELEASE_TRAINING = "inference.releases.release_training"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "studies.authentication.SessionAuthentication",
        "studies.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "studies.refusals.json_answer",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "epochwise.logs.SafeFormatter", "format": LINE, "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    # Django's own handlers would write lines that keep their secrets, and mail them.
    "loggers": {
        "django": {"handlers": []},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
