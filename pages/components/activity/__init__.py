"""The activity page: jobs, ledger, quota, cache."""
