"""Several processes on one database: the ground of the concurrency and crash tests."""
