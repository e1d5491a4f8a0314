"""Orders from files: reading and checking first, then writing in batches that can be repeated."""

from orders.importing.commit import Plan, commit_retail, import_retail
from orders.importing.problems import BrokenFile, Problem
from orders.importing.report import Report
from orders.importing.retail import read_retail
from orders.importing.retail_file import RetailFile

__all__ = [
    "BrokenFile",
    "Plan",
    "Problem",
    "Report",
    "RetailFile",
    "commit_retail",
    "import_retail",
    "read_retail",
]
