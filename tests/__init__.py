"""The test suite; a package so that ``tests.settings`` is this one whatever else is installed."""
