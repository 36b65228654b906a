"""Django's settings, made from the environment (see ``environment.py``)."""

from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from tembusu.config import environment

ENV = environment.read()

SECRET_KEY = ENV.secret_key
DEBUG = False
PRODUCTION = ENV.production
ALLOWED_HOSTS = ENV.hosts
ORIGIN = ENV.origin
CSRF_TRUSTED_ORIGINS = [ENV.origin]
ROOT_URLCONF = "tembusu.config.urls"
WSGI_APPLICATION = "tembusu.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "tembusu.foundation.ui",
    "tembusu.foundation.core",
    "tembusu.foundation.people",
    "tembusu.foundation.exchange",
    "tembusu.foundation.jurisdictions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "tembusu.coordination.registry",
    "tembusu.coordination.submissions",
    "tembusu.coordination.startup",
    "tembusu.insight",
    "tembusu.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tembusu.foundation.core.http.RequestIdMiddleware",
    "tembusu.config.api.ProblemMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tembusu.foundation.core.http.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tembusu.foundation.people.sessions.SessionLimitsMiddleware",
    "tembusu.foundation.core.http.WrongMethodMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tembusu.foundation.ui.context.shell",
            ],
            "builtins": ["django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "tembusu.foundation.ui.forms.Renderer"


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` address."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    options: dict[str, Any] = {}
    if ENV.database_pool:
        options["pool"] = {"min_size": 1, "max_size": ENV.database_pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(query.get("port", parts.port or "")),
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


DATABASES = {"default": database(ENV.database_url or "postgresql:///tembusu")}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

# -- sign-in ------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tembusu.foundation.people.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account exists only through an invitation by e-mail
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Failed attempts with a password or a code. One account from one network address has little room,
# so that a stranger is shut out and not the owner; the account alone has the hundred of NIST SP
# 800-63B, section 3.2.2; a network address has much, since many people of a hospital share one.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,100/d/key",
    "failed_from_here": "5/5m/key,20/d/key",
}
MFA_ADAPTER = "tembusu.foundation.people.sign_in.MfaAdapter"
MFA_FORMS = {
    "authenticate": "tembusu.foundation.people.sign_in.CodeForm",
    "reauthenticate": "tembusu.foundation.people.sign_in.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = ENV.brand_name
# A code opens once; the neighbouring ones are taken, so that clocks may differ by half a minute.
MFA_TOTP_TOLERANCE = 1
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = ENV.session_hours * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE = timedelta(minutes=ENV.idle_minutes)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.secure_cookies or PRODUCTION
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# -- words and times ----------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone

# -- files, mail, jobs --------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = ENV.data_folder / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
FILES_ROOT = ENV.data_folder / "files"
FILE_UPLOAD_TEMP_DIR = None
UPLOAD_LIMIT = ENV.upload_limit_mib * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FIELD_KEYS_FILE = ENV.field_keys_file

DEFAULT_FROM_EMAIL = ENV.mail_from
if ENV.mail_url:
    _mail = urlsplit(ENV.mail_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ENV.data_folder / "mail"

DIGEST_HOUR = ENV.digest_hour

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# -- audit of rows: see core/history.py -----------------------------------------------------------
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# -- this deployment ----------------------------------------------------------------------------
TEMBUSU_SYNTHETIC = ENV.synthetic
TEMBUSU_BRAND = {"name": ENV.brand_name, "strapline": ENV.brand_strapline}
TEMBUSU_HOME_COUNTRY = ENV.home_country
TEMBUSU_HOME_COUNTRY_NAME = ENV.home_country_name
TEMBUSU_JURISDICTION = ENV.jurisdiction
TEMBUSU_OWN_REGISTRY = ENV.own_registry
TEMBUSU_WEBHOOK_LOOPBACK = ENV.webhook_loopback

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    "loggers": {"django.request": {"level": "ERROR"}, "procrastinate": {"level": "WARNING"}},
}
