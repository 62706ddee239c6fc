"""Recorded evidence -> a bundle that proves itself without this program."""
