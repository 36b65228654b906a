"""What jurisdictions decides, on plain values."""
