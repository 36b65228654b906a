"""What startup decides, on plain values."""
