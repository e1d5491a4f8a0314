"""What ``manage.py up`` is made of: one machine runs web, worker and beat below one supervisor."""
