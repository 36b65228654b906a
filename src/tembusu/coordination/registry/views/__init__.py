"""The registry's screens, by page: portfolio, study, versions, imports, places, saved views."""
