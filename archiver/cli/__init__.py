"""Speaks to people: commands, output, exit codes. No logic."""
