"""Settings: one file, read from the environment (see docs/configuration.md)."""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from mailhold import env
from mailhold.databases import database_from_url

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where things lie -------------------------------------------------------------------------------------------
DATA_DIR = Path(env.text("MAILHOLD_DATA_DIR", str(BASE_DIR / "var"))).absolute()
try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"MAILHOLD_DATA_DIR {DATA_DIR} cannot be made: {error.strerror}.") from error

# --- secrets ----------------------------------------------------------------------------------------------------
SECRET_KEY = env.generated("MAILHOLD_SECRET_KEY", DATA_DIR / "secret.key", env.new_key)
# The master key ring, newest first: each key 32 bytes as URL-safe base64. The first one seals, all of them open.
SEALING_KEYS = (
    env.generated("MAILHOLD_SEALING_KEYS", DATA_DIR / "sealing.keys", env.new_key).replace(",", " ").split()
)

# --- the web ----------------------------------------------------------------------------------------------------
DEBUG = env.switch("MAILHOLD_DEBUG", False)
WEB_BIND = env.text("MAILHOLD_WEB_BIND", "127.0.0.1:8000")
WEB_PROCESSES = env.number("MAILHOLD_WEB_PROCESSES", 2, least=1)
WEB_THREADS = env.number("MAILHOLD_WEB_THREADS", 4, least=1)
BASE_URL = env.text("MAILHOLD_BASE_URL", f"http://{WEB_BIND}").rstrip("/")
SECURE = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("MAILHOLD_ALLOWED_HOSTS", "") or [
    urlsplit(BASE_URL).hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
# `no-referrer` would make Chromium send `Origin: null` with a link page's POST, which Django refuses.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# How many reverse proxies stand before the web process; 0 means that the peer is the client.
TRUSTED_PROXIES = env.number("MAILHOLD_TRUSTED_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- mail in ----------------------------------------------------------------------------------------------------
SMTP_BIND = env.words("MAILHOLD_SMTP_BIND", "127.0.0.1:2525")
SMTP_PROCESSES = env.number("MAILHOLD_SMTP_PROCESSES", 1, least=1)
SMTP_HOSTNAME = env.text("MAILHOLD_SMTP_HOSTNAME", ALLOWED_HOSTS[0])
SMTP_TLS_CERT = env.text("MAILHOLD_SMTP_TLS_CERT")
SMTP_TLS_KEY = env.text("MAILHOLD_SMTP_TLS_KEY")
SMTP_MAX_BYTES = env.number("MAILHOLD_SMTP_MAX_BYTES", 50 * 1024 * 1024, least=1024)
SMTP_MAX_RECIPIENTS = env.number("MAILHOLD_SMTP_MAX_RECIPIENTS", 1000, least=100)
SMTP_MAX_CONNECTIONS = env.number("MAILHOLD_SMTP_MAX_CONNECTIONS", 200, least=1)
SMTP_MAX_CONNECTIONS_PER_ADDRESS = env.number("MAILHOLD_SMTP_MAX_CONNECTIONS_PER_ADDRESS", 100, least=1)
SMTP_TIMEOUT_SECONDS = env.number("MAILHOLD_SMTP_TIMEOUT_SECONDS", 300, least=1)
# Offering AUTH on a connection without TLS shows passwords to the network: for trials on one machine only.
SMTP_AUTH_WITHOUT_TLS = env.switch("MAILHOLD_SMTP_AUTH_WITHOUT_TLS", False)
TRUSTED_NETWORKS = env.networks("MAILHOLD_TRUSTED_NETWORKS", "127.0.0.0/8,::1")

# --- people and mail out ----------------------------------------------------------------------------------------
DOMAINS = [domain.lower() for domain in env.words("MAILHOLD_DOMAINS", "example.test")]
if not DOMAINS:
    raise ImproperlyConfigured("MAILHOLD_DOMAINS must name at least one own domain, such as example.co.jp.")
ORGANISATION = env.text("MAILHOLD_ORGANISATION", DOMAINS[0])
SMARTHOST = env.text("MAILHOLD_SMARTHOST")
# A PEM file of the authorities to trust for the smarthost's certificate, instead of the system's.
SMARTHOST_CA_FILE = env.text("MAILHOLD_SMARTHOST_CA_FILE")
# Seconds to wait for a reply to a command, and for the reply to the final dot (RFC 5321 4.5.3.2).
SMARTHOST_TIMEOUT = env.number("MAILHOLD_SMARTHOST_TIMEOUT", 300, least=1)
DOT_TIMEOUT = env.number("MAILHOLD_DOT_TIMEOUT", 600, least=1)
NOTICE_ADDRESS = env.text("MAILHOLD_NOTICE_ADDRESS", f"mailhold@{DOMAINS[0]}")
RETRY_SECONDS = env.numbers(
    "MAILHOLD_RETRY_SECONDS", "60,300,900,1800,3600,7200,14400,14400,14400,14400,14400,14400"
)
# Seconds in which an approver can take an approval back before the mail leaves.
UNDO_SECONDS = env.number("MAILHOLD_UNDO_SECONDS", 30)
# A lease: how long a worker may be silent about a message before another one takes it over.
LEASE_SECONDS = env.number("MAILHOLD_LEASE_SECONDS", 60, least=5)
# Whether a change of the policies waits until a second administrator has agreed to it. Not one of the rules kept with the
# policies: there a single administrator could switch it off.
POLICY_SECOND_ADMINISTRATOR = env.switch("MAILHOLD_POLICY_SECOND_ADMINISTRATOR", False)
DEMO = env.switch("MAILHOLD_DEMO", False)
# clamd: the path of its socket, or host:port; empty: no message is checked for malware.
# What one look into a message may cost the process that looks: seconds of CPU, megabytes of memory.
INSPECTION_SECONDS = env.number("MAILHOLD_INSPECTION_SECONDS", 10, least=1)
INSPECTION_MEGABYTES = env.number("MAILHOLD_INSPECTION_MEGABYTES", 512, least=128)
CLAMD = env.text("MAILHOLD_CLAMD")
CLAMD_TIMEOUT = env.number("MAILHOLD_CLAMD_TIMEOUT", 30, least=1)

# --- the pieces -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "mailhold.apps.MailholdConfig",
    "mailhold.directory.apps.DirectoryConfig",
    "mailhold.mailstore.apps.MailstoreConfig",
    "mailhold.gateway.apps.GatewayConfig",
    "audit.apps.AuditConfig",
    "policies.apps.PoliciesConfig",
    "approvals.apps.ApprovalsConfig",
    "mailhold.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_q",
    "csp",
    "ninja",
]
MIDDLEWARE = [
    "mailhold.middleware.HealthMiddleware",
    "mailhold.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "mailhold.middleware.AdminStyleMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mailhold.middleware.PersonLocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "policies.middleware.RefusedChangeMiddleware",
]
ROOT_URLCONF = "mailhold.urls"
WSGI_APPLICATION = "mailhold.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mailhold.context.product",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": database_from_url(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'mailhold.sqlite3'}"))
}
CACHES = {
    # Limits count over all processes, so the cache is one that all of them share.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "mailhold_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # django-q2 notes its own state every second: that stays in its process.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}

# --- django-q2: a bell, never the truth (ADR 0004) ----------------------------------------------------------------
WORKERS = env.number("MAILHOLD_WORKERS", 2, least=1)
Q_CLUSTER = {
    "name": "mailhold",
    "orm": "default",
    "broker_class": "mailhold.pulse.ProbingBroker",
    "cache": "process",
    # The dispatcher is the clock; one bad Schedule row would stop all of them.
    "scheduler": False,
    "workers": WORKERS,
    # A slow smarthost may take ten minutes to answer the final dot (RFC 5321 4.5.3.2.6), and a task has several mails.
    "timeout": 3600,
    "retry": 4000,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "bulk": 10,
    "queue_limit": 20,
    "poll": 0.1,
    "catch_up": False,
    "max_rss": 500_000,
    "recycle": 10_000,
    "guard_cycle": 1,
    "label": "django-q2",
}

# --- signing in ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "mailhold.directory.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# Addresses belong to the directory: nobody adds one to an account, and strangers are sent nothing.
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Addresses come from an administrator: nobody signs up with one that is somebody else's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = "mailhold"
# Django's own mail (password resets) takes the same road as our notices.
EMAIL_BACKEND = "mailhold.delivery.backend.SmarthostBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = NOTICE_ADDRESS

# --- words and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.text("MAILHOLD_LANGUAGE", "ja")
LANGUAGE_COOKIE_NAME = "mailhold_language"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
if LANGUAGE_CODE not in {"ja", "en"}:
    raise ImproperlyConfigured("MAILHOLD_LANGUAGE must be ja or en.")
# mailhold.delivery is no Django app, so its texts must be named.
LOCALE_PATHS = [BASE_DIR / "mailhold" / "locale", BASE_DIR / "mailhold" / "delivery" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("MAILHOLD_TIME_ZONE", "Asia/Tokyo")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"MAILHOLD_TIME_ZONE must be a name such as Asia/Tokyo, not {TIME_ZONE!r}.")

# --- files of the pages -------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("MAILHOLD_STATIC_DIR", str(DATA_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- what is asked of /readyz and `mailhold doctor`; dotted names, so that the plant imports nothing above it -----
READINESS_CHECKS = [
    "mailhold.health.database",
    "approvals.health.dispatcher",
    "approvals.health.worker",
    "approvals.health.oldest_due_hold",
]

DOCTOR_CHECKS = [
    "mailhold.health.database",
    "mailhold.examination.migrations",
    "mailhold.examination.durability",
    "mailhold.examination.integrity",
    "mailhold.examination.shared_cache",
    "mailhold.examination.clock",
    "mailhold.examination.disk_space",
    "mailhold.examination.disk_writes",
    "mailhold.examination.newest_content",
    "mailhold.examination.smarthost",
    "policies.examination.second_administrator",
    "approvals.conservation.check",
]

# --- what `mailhold up` and `mailhold init` do at every start, and with demo data; dotted names as above -------------
START_STEPS = ["policies.defaults.install_defaults", "policies.versions.complete_newest"]
DEMO_STEPS = ["approvals.demo.install"]

LOG_LEVEL = env.text("MAILHOLD_LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "mailhold.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Its lines hold what clients sent: addresses and AUTH attempts.
        "mail.log": {"level": "ERROR"},
        "django.server": {"handlers": ["console"], "propagate": False},
        # Three lines a task otherwise.
        "django-q": {"level": "WARNING"},
    },
}
