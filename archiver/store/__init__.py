"""The only code that writes evidence to disk, and the read-only view that verification uses."""
