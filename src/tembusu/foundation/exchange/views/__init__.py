"""Pages of extracts and of webhooks."""
