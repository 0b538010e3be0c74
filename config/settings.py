"""One settings module for every way to run; all differences come from the environment (.env.example)."""

from pathlib import Path

from celery.schedules import schedule as every
from django.utils.translation import gettext_lazy as _

from config import env
from config.databases import database

BASE_DIR = Path(__file__).resolve().parent.parent
# embedded: one process, SQLite, secrets made in DATA_DIR. production: everything is given, nothing is guessed.
MODE = env.choice("MODE", ("embedded", "production"), "embedded")
EMBEDDED = MODE == "embedded"
EMAIL_HOST = env.text("EMAIL_HOST")
# Production with a mail server keeps nothing there.
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "data", needed=EMBEDDED or not EMAIL_HOST)
DEBUG = False
PARTS_PAGE = env.boolean("PARTS_PAGE", default=False)

HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, low=1, high=65535)
_site = env.site_address("SITE_URL", f"http://localhost:{PORT}" if EMBEDDED else "")
SITE_URL = _site.geturl()
HTTPS = _site.scheme == "https"

if EMBEDDED:
    SECRET_KEY = env.text("SECRET_KEY") or env.kept_secret(DATA_DIR / "secret_key", env.new_secret())
    CONTENT_KEYS = env.words("CONTENT_KEYS") or [env.kept_secret(DATA_DIR / "content_key", env.new_content_key())]
else:
    SECRET_KEY = env.text("SECRET_KEY")
    CONTENT_KEYS = env.words("CONTENT_KEYS")
    if len(SECRET_KEY) < 50 or "change-me" in SECRET_KEY:
        raise env.BadSetting("SECRET_KEY must be set to at least 50 random characters of your own.")
    if not CONTENT_KEYS or any("change-me" in key for key in CONTENT_KEYS):
        raise env.BadSetting("CONTENT_KEYS must be set: see .env.example for how to make one.")

# Loopback is always answered: health checks ask there.
ALLOWED_HOSTS = [*(env.words("ALLOWED_HOSTS") or [_site.hostname or ""]), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

# Who may make an account, and who may start a circle.
REGISTRATION = env.choice("REGISTRATION", ("open", "invite"), "open" if EMBEDDED else "invite")
CIRCLE_CREATION = env.choice("CIRCLE_CREATION", ("anyone", "invited", "staff"), "anyone")

INSTALLED_APPS = [
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "accounts",
    "notifications",
    "circles",
    "agreements",
    "sessions.apps.SessionsConfig",
    "programmes",
    "pages",
    "demonstration",
    "config.apps.ConfigConfig",
]
# Sign-in through the organisation: one provider of OpenID Connect, if it is given.
OIDC_SERVER_URL = env.text("OIDC_SERVER_URL")
OIDC_NAME = env.text("OIDC_NAME", "your organisation")
_organisation = {
    "provider_id": "oidc",
    "name": OIDC_NAME,
    "client_id": env.text("OIDC_CLIENT_ID"),
    "secret": env.text("OIDC_CLIENT_SECRET"),
    "settings": {"server_url": OIDC_SERVER_URL, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "pages.organisation.Organisation",
        "APPS": [_organisation] if OIDC_SERVER_URL else [],
    }
}
# A link, not a form: `form-action 'self'` stops the way from a form to the provider, and on to wherever that leads.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 8

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.security_headers",
    "config.middleware.plain_requests",
    "config.middleware.known_browsers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.Compressed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.person_locale",
    "config.middleware.AskedFirst",
    "config.middleware.sealed_words",
    "config.middleware.Refusals",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
            # Each app has the tags of what it knows; no page needs to load them.
            "builtins": [
                "config.templatetags.look",
                "config.templatetags.parts",
                "accounts.templatetags.forms",
                "accounts.templatetags.numbers",
                "accounts.templatetags.times",
                "circles.templatetags.rings",
                "notifications.templatetags.mail",
                "pages.templatetags.places",
                "programmes.templatetags.charts",
                "sessions.templatetags.plans",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("piece",)
CRISPY_TEMPLATE_PACK = "piece"

_sqlite = f"sqlite:///{DATA_DIR / 'talking-piece.sqlite3'}"
# PostgreSQL gives up on a statement, on waiting for a lock, and on whoever does nothing inside a transaction.
_limits = {
    "statement_timeout": env.number("DB_STATEMENT_SECONDS", 20, low=1, high=600) * 1000,
    "lock_timeout": env.number("DB_LOCK_SECONDS", 5, low=1, high=60) * 1000,
    "idle_in_transaction_session_timeout": env.number("DB_IDLE_SECONDS", 60, low=5, high=3600) * 1000,
}
DATABASES = {"default": database(env.text("DATABASE_URL") or _sqlite, _limits)}
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if not EMBEDDED and not (REDIS_URL and env.text("DATABASE_URL")):
    raise env.BadSetting("In production both DATABASE_URL and REDIS_URL must be set.")
# Only limits are counted in it, so it lives where nobody can empty it and no other server has to be there.
CACHES = {"default": {"BACKEND": "accounts.cache_services.Rows"}}

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pages:today"
ACCOUNT_ADAPTER = "pages.adapter.FreshSignInAdapter"
SOCIALACCOUNT_ADAPTER = "pages.organisation.OrganisationAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.library_forms.SignIn",
    "signup": "accounts.library_forms.SignUp",
    "change_password": "accounts.library_forms.ChangePassword",
    "set_password": "accounts.library_forms.SetPassword",
    "reset_password": "accounts.library_forms.AskReset",
    "request_login_code": "accounts.library_forms.AskCode",
    "reset_password_from_key": "accounts.library_forms.ResetPassword",
    "add_email": "accounts.library_forms.ChangeAddress",
    "confirm_login_code": "accounts.library_forms.ConfirmLoginCode",
    "confirm_email_verification_code": "accounts.library_forms.ConfirmAddressCode",
    "user_token": "accounts.library_forms.ResetLink",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupExtra"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_CHANGE_EMAIL = True
# Address, password and second factor are changed after a fresh sign-in, and the person hears of it.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# How often, in how long, for what (accounts/limits.py). `key` is what is aimed at, be it an account, an address or a
# secret: ten wrong tries an hour from everywhere together. `ip` is a place: a full room's first evening fits.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "signup": "120/m/ip,300/h/ip",
    "request_login_code": "120/m/ip,3/m/key,10/h/key",
    "reset_password": "120/m/ip,3/m/key,10/h/key",
    "reset_password_from_key": "120/m/ip",
    "confirm_email": "1/10s/key,20/h/key",
    "change_password": "10/h/user",
    # Second steps, which are asked after the password.
    "login_failed": "10/h/key",
    # Ours.
    "wrong_password": "100/10m/ip,10/h/key",
    "wrong_code": "100/10m/ip,10/h/key",
    "wrong_secret": "100/10m/ip,10/h/key",
    # Addresses of calendars that one person has looked into.
    "busy_calendar": "1/20s/key,10/h/key",
    # Tables of a whole programme, for one administrator.
    "programme_table": "30/h/key",
}
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_FORMS = {
    "add_webauthn": "accounts.passkey_forms.AddPasskey",
    "edit_webauthn": "accounts.passkey_forms.RenamePasskey",
    "authenticate_webauthn": "accounts.passkey_forms.SecondStepByPasskey",
    "login_webauthn": "accounts.passkey_forms.SignInByPasskey",
    "reauthenticate_webauthn": "accounts.passkey_forms.ConfirmByPasskey",
}
MFA_ADAPTER = "pages.second_steps.SecondStepAdapter"
MFA_TOTP_ISSUER = "Talking Piece"
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, low=0, high=5)
if HTTPS and not ALLAUTH_TRUSTED_PROXY_COUNT:
    raise env.BadSetting(
        "SITE_URL begins with https, and TRUSTED_PROXY_COUNT is 0: only a proxy of yours can speak TLS, and without "
        "believing it every page would lead to itself. Say how many proxies there are."
    )

# Security headers and cookies
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
# How far browsers are told that this host speaks TLS only: for a year, subdomains too, to be built into browsers.
HSTS = env.choice("HSTS", ("off", "host", "subdomains", "preload"), "preload") if HTTPS else "off"
SECURE_HSTS_SECONDS = 0 if HSTS == "off" else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS in ("subdomains", "preload")
SECURE_HSTS_PRELOAD = HSTS == "preload"
SECURE_REFERRER_POLICY = "same-origin"
# With the prefix, browsers take the cookie from this host alone, and only over TLS.
_host = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_host}sessionid"
CSRF_COOKIE_NAME = f"{_host}csrftoken"
THEME_COOKIE_NAME = f"{_host}theme"
KNOWN_COOKIE_NAME = f"{_host}known"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
SESSION_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
BODY_LIMIT_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE

# Language and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "config.styles.StyleFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# Where the files are served from, named after what is in them and compressed: `collectstatic` puts them there, and
# `manage.py run` does by itself.
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static" if EMBEDDED else BASE_DIR / "staticfiles")))
WHITENOISE_AUTOREFRESH = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.styles.NamedByContent"},
}

# Mail: without a server it is written to DATA_DIR/mail and the pages say so.
EMAIL_PORT = env.number("EMAIL_PORT", 587 if EMAIL_HOST else 25, low=1, high=65535)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_USER"), env.text("EMAIL_HOST_PASSWORD")
env.go_together("EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_USE_SSL = env.boolean("EMAIL_USE_SSL", default=EMAIL_PORT == 465)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise env.BadSetting("EMAIL_USE_TLS and EMAIL_USE_SSL are both on. Leave EMAIL_USE_TLS out with EMAIL_PORT=465.")
EMAIL_TIMEOUT, EMAIL_FILE_PATH = 10, DATA_DIR / "mail"
# Python's TLS reads the variable itself, and passes over a path that is wrong without a word.
env.existing_file("SSL_CERT_FILE")
EMAIL_BACKEND = "notifications.smtp.TimedRelay" if EMAIL_HOST else "config.mail.ReadableFiles"
SERVER_EMAIL = DEFAULT_FROM_EMAIL = env.sender("MAIL_FROM", f"Talking Piece <circles@{_site.hostname}>")

# Where the answers of people's calendars go; without it nobody is invited by calendar, and all is as it was.
ANSWER_ADDRESS = env.answer_address("ANSWER_ADDRESS")
# The mailbox in which they are, and the secret of whoever hands them in as a signed POST: one of the two, or both.
ANSWER_IMAP_HOST, ANSWER_IMAP_FOLDER = env.text("ANSWER_IMAP_HOST"), env.text("ANSWER_IMAP_FOLDER", "INBOX")
ANSWER_IMAP_PORT = env.number("ANSWER_IMAP_PORT", 993, low=1, high=65535)
ANSWER_IMAP_SECURITY = env.choice("ANSWER_IMAP_SECURITY", ("tls", "starttls", "none"), "tls")
ANSWER_IMAP_USER, ANSWER_IMAP_PASSWORD = env.text("ANSWER_IMAP_USER"), env.text("ANSWER_IMAP_PASSWORD")
ANSWER_DOOR_SECRET = env.text("ANSWER_DOOR_SECRET")
if bool(ANSWER_ADDRESS) != bool(ANSWER_IMAP_HOST or ANSWER_DOOR_SECRET):
    raise env.BadSetting("ANSWER_ADDRESS needs a mailbox (ANSWER_IMAP_HOST) or ANSWER_DOOR_SECRET, and both need it.")
if ANSWER_DOOR_SECRET and len(ANSWER_DOOR_SECRET) < 32:
    raise env.BadSetting("ANSWER_DOOR_SECRET must be at least 32 random characters of your own.")
env.go_together("ANSWER_IMAP_HOST", "ANSWER_IMAP_USER", "ANSWER_IMAP_PASSWORD")
BUSY_CALENDARS, BUSY_NEVER = env.boolean("BUSY_CALENDARS", default=True), env.networks("BUSY_NEVER")  # docs/calendar.md

# Jobs: the same tasks run in one embedded thread or under Celery's worker and beat.
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise env.BadSetting("REDIS_URL must begin with redis://, rediss:// or unix://.")
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = EMBEDDED
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
# Shown beside “I’d like a word”: what help the organisation offers.
ORGANISATION_HELP = env.text("ORGANISATION_HELP")[:2000].replace("\\n", "\n")
# After how many sessions hosted well by members a circle is asked whether it wants to run itself.
INDEPENDENT_AFTER = env.number("INDEPENDENT_AFTER", 3, low=1, high=24)
# A second press within so many milliseconds is the first once more, and what others press within twice that is asked.
PRESS_APART_MS = env.number("PRESS_APART_MS", 1000, low=0, high=5000)
HOST_AWAY_SECONDS = env.number("HOST_AWAY_SECONDS", 120, low=10, high=3600)
TICK_SECONDS = env.number("TICK_SECONDS", 10, low=1, high=60)
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": every(seconds), "options": {"expires": seconds}}
    for name, task, seconds in (
        ("send due mail", "notifications.tasks.send_due", TICK_SECONDS),
        ("plan session reminders", "sessions.tasks.plan_reminders", TICK_SECONDS * 12),
        ("announce roles", "sessions.tasks.announce_roles", TICK_SECONDS * 6),
        ("look after what is planned", "sessions.tasks.look_after", 1800),
        ("plan commitment reminders", "agreements.tasks.plan_reminders", TICK_SECONDS * 6),
        ("settle proposals", "agreements.tasks.settle_proposals", 60),
        ("close forgotten sessions", "sessions.tasks.close_forgotten", 60),
        ("read answers of calendars", "sessions.tasks.read_answers", TICK_SECONDS * 6),
        ("forget which answers were read", "sessions.tasks.forget_answers", 3600),
        ("look into calendars", "sessions.tasks.read_busy", TICK_SECONDS),
        ("clear away", "accounts.tasks.clear_away", 3600),
        ("write over what was deleted", "accounts.tasks.sweep_deleted", 60 if SQLITE else 3600),  # dear on PostgreSQL
        ("take second steps off that were lost", "pages.tasks.second_steps_due", 3600),
        ("seal second steps", "pages.tasks.seal_second_steps", 3600),
        ("delete issues that are old", "sessions.tasks.prune", 600),
        ("put announced changes into force", "pages.tasks.changes_due", 60),
        ("tend circles", "pages.tasks.tend_circles", 300),
        ("delete old trails", "circles.tasks.prune_audit", 3600),
        ("tend the shelf", "sessions.tasks.tend_shelf", 60),
        ("clear rehearsals", "sessions.tasks.clear_rehearsals", 3600),
        ("count what circles did", "programmes.tasks.keep_figures", 300),
        ("open and close pulses", "programmes.tasks.tend_pulses", 300),
        ("invite the people of large files", "programmes.tasks.invite_kept", TICK_SECONDS),
        ("work out circles", "programmes.tasks.work_out_circles", TICK_SECONDS),
        ("begin journeys of programmes", "programmes.tasks.begin_journeys", 300),
        ("tell of new administrators", "programmes.tasks.tell_of_administrators", 60),
        ("forget who never answered", "programmes.tasks.forget_invited", 3600),
        ("empty closed circles", "circles.tasks.empty_closed", 3600),
        ("empty ended programmes", "programmes.tasks.empty_ended", 3600),
    )
}

# Logs name paths and codes, never what was said: see config/logs.py.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_content": {"()": "config.logs.NoContent"}, "seldom": {"()": "config.logs.Seldom"}},
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["seldom", "no_content"]}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "talking_piece": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
WEB_THREADS = env.number("WEB_THREADS", 8, low=2, high=64)
