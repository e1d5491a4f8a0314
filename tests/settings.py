"""The product's settings, made fit for tests: a scratch folder of its own for each test process, and speed.

``DATABASE_URL`` and ``REDIS_URL`` act as in production, so the same suite runs on both databases and
both brokers. Under pytest-xdist each process has its own database and its own Redis database number.
"""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit

_scratch = tempfile.mkdtemp(prefix="touchpoint-tests-")
_owner = os.getpid()


def _remove_scratch() -> None:
    """Only the process that made the folder removes it: a forked child also runs this at its end."""
    if os.getpid() == _owner:
        shutil.rmtree(_scratch, ignore_errors=True)


atexit.register(_remove_scratch)
os.environ["TOUCHPOINT_VAR"] = _scratch

_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
if redis := os.environ.get("REDIS_URL"):
    # Redis ships with 16 databases; number 0 is left to whoever looks at the server by hand.
    os.environ["REDIS_URL"] = urlsplit(redis)._replace(path=f"/{1 + int(_worker) % 15}").geturl()

from config.settings import *  # noqa: E402, F403 - the environment above must be set first
from config.settings import DATABASES, VAR_DIR  # noqa: E402

# Argon2 is slow on purpose; tests of sign-in need a hash, not a strong one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Whitenoise would otherwise list every static file for each test client.
WHITENOISE_AUTOREFRESH = True
# Lock-out counts failures per address, and every test has the same one; its own tests switch it on.
AXES_ENABLED = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: several processes and the live server's threads share it. A test
    # database may lose its last second, so it never waits for the disk.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
