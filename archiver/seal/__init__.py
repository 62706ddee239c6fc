"""Capture to sealed: builds the manifest, signs it, and asks time-stamping authorities."""
