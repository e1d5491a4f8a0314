"""How gunicorn serves the product; used by ``manage.py up`` and by the container alike."""

import os

from config import env

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = env.env_int("WEB_CONCURRENCY", 2, low=1, high=64)
threads = env.env_int("TOUCHPOINT_WEB_THREADS", 4, low=1, high=64)
timeout = 60
graceful_timeout = 20
# Workers are renewed now and then, not all at once, so that a slow leak never matters.
max_requests = 5000
max_requests_jitter = 1000
# The workers' signs of life are file times: in memory, where a busy disk cannot delay them.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  # gunicorn makes unnamed files there
# Gunicorn's own control socket would be one file for all installations of a user.
control_socket_disable = True
accesslog = "-"
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s bytes %(M)s ms'
