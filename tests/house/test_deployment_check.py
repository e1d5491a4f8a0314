"""Django's own checks for production find nothing, and would find something."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "TOUCHPOINT_TLS": "1",
    "TOUCHPOINT_PROXIES": "1",
    "TOUCHPOINT_HOSTS": "crm.example.com",
    "TOUCHPOINT_SECRET_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": "postgres://touchpoint:secret@postgres:5432/touchpoint",
    "REDIS_URL": "redis://default:secret@redis:6379/0",
}


def check(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**inherited, "TOUCHPOINT_VAR": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_production_settings_pass_every_deployment_check(tmp_path: Path) -> None:
    result = check(tmp_path, **PRODUCTION)

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_the_check_does_find_an_installation_without_tls(tmp_path: Path) -> None:
    result = check(tmp_path, **{**PRODUCTION, "TOUCHPOINT_TLS": "0"})

    assert result.returncode == 1
    assert "security.W008" in result.stderr
