"""Settings from the environment; docs/deployment.md lists all names."""

import os
import sys
from pathlib import Path

import dj_database_url
import plotly
from celery.schedules import schedule
from csp.constants import NONE, SELF

from epochwise import embedded, site_address
from epochwise.demo.guard import why_no_demo
from epochwise.logs import LINE
from epochwise.secrets import secret_key

ROOT = Path(__file__).resolve().parents[2]
# Whatever is written first must not create the folder closed to the account of the servers.
VAR = embedded.make_var() if embedded.embedded_in_use() else embedded.var_dir()

DEBUG = os.environ.get("DEBUG") == "1"
DEMO = os.environ.get("EPOCHWISE_DEMO") == "1"
if (DEMO or {"up", "--demo"} <= set(sys.argv)) and (why := why_no_demo()):
    raise SystemExit(f"epochwise: {why}")  # a line without a traceback, for every kind of process
SECRET_KEY = secret_key(VAR)
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]
HTTPS = os.environ.get("HTTPS") == "1"
# How many proxies in front add to X-Forwarded-For. With HTTPS there is one that ends TLS.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES") or HTTPS)
SITE_URL = site_address.site_url(VAR)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "epochwise",
    "studies",
    "django.contrib.auth",  # after studies, whose commands record what those of Django do
    "recordings",
    "annotations",
    "inference",
]

MIDDLEWARE = [
    "epochwise.requests.RequestIds",
    "epochwise.demo.guard.RefuseForwarded",
    "django.middleware.security.SecurityMiddleware",
    "studies.audit.AddressOfRequest",
    "studies.readable.OnlyReadable",
    "epochwise.site.token_reads.RecordTokenReads",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "epochwise.requests.NoStore",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "studies.accounts.sessions.LastSeen",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studies.refusals.RefusalsOnPages",
    "epochwise.desk.archived.ArchivedStudiesAreReadOnly",
    "epochwise.requests.WritingNeedsRoom",
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
_address = dj_database_url.parse(os.environ.get("DATABASE_URL") or embedded.database_url())
DATABASES = {
    "default": {
        **_address,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ENGINE": "epochwise.database",
    }
}
# The disk of the embedded database must have room; it is not always that of VAR.
DATABASE_FOLDER = VAR if os.environ.get("DATABASE_URL") else embedded.data_dir()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL") or embedded.redis_url()

# The cache counts attempts to sign in, over all processes.
CACHES = {
    "default": {
        "BACKEND": "epochwise.cache.SteadyRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}

AUTH_USER_MODEL = "studies.User"
# The second keeps sessions of earlier versions; it is never asked about a password.
AUTHENTICATION_BACKENDS = [
    "studies.accounts.signing_in.AccountBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["studies.accounts.passwords.BoundedArgon2"]
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "email"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "studies.accounts.passwords.NotOnlyFigures"},
    {"NAME": "studies.accounts.passwords.NotEasyToGuess"},
]

# Accounts by django-allauth. Nobody signs up: accounts are created by accepting an invitation.
ACCOUNT_ADAPTER = "studies.accounts.signing_in.AccountAdapter"
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "studies.accounts.links.ResetTokens"
ACCOUNT_FORMS = {
    "login": "studies.accounts.forms.SignInForm",
    "change_password": "studies.accounts.forms.NewPasswordForm",
    "reset_password": "studies.accounts.forms.ForgottenForm",
    "reset_password_from_key": "studies.accounts.forms.PasswordByLinkForm",
    "user_token": "studies.accounts.forms.ResetLinkForm",
}
# By address (ip) and by account (key); `login` counts all attempts, `login_failed` failed ones.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "5/5m/key,20/5m/ip"}

# Mail is sent if EMAIL_HOST names a server; otherwise links are shown to leads.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
EMAIL_USE_SSL = os.environ.get("EMAIL_USE_SSL") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "epochwise@localhost")

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
MODELS_FOLDER = Path(os.environ.get("EPOCHWISE_MODELS", VAR / "models"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Without collected static files (tests, gunicorn alone), they are served from their sources.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "css").exists()

# Uploads stream to disk; the limits are checked before and while the worker reads the file. Only
# views of uploads take files, and set a handler that does.
INCOMING_ROOT = MEDIA_ROOT / "incoming"
FILE_UPLOAD_HANDLERS = ["recordings.uploads.NoFiles"]
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
        ("annotations.tasks.note_due_dates", 600.0),
        ("studies.tasks.send_digests", 300.0),
        ("annotations.tasks.sweep_export_files", 3600.0),
        ("recordings.tasks.sweep_files", 3600.0),
        ("epochwise.tasks.clear_sessions", 86_400.0),
        ("studies.tasks.clear_notices", 86_400.0),
    ]
}

# Limits of reading a file from outside. They end a file that hangs or swells long before the limits
# of tasks; a night of 30 channels takes seconds and some 300 MiB.
READ_LIMIT_S = float(os.environ.get("READ_LIMIT_S", "600"))
READ_LIMIT_BYTES = int(os.environ.get("READ_LIMIT_MIB", "2560")) * 2**20
# Recordings are read piece by piece, however large they are: 30 h of 8 channels at 512 Hz take 300.
READ_NIGHT_LIMIT_BYTES = min(READ_LIMIT_BYTES, 600 * 2**20)
# The largest file that reading one may write; its stores are smaller than the file itself.
READ_LIMIT_FILE_BYTES = 2 * UPLOAD_LIMIT_BYTES
# What each process of a worker allocates at most, unless it loads models.
WORKER_LIMIT_BYTES = int(os.environ.get("WORKER_LIMIT_MIB", "4096")) * 2**20
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
    "DEFAULT_PARSER_CLASSES": ["studies.parsers.JSONParser"],
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
