"""Frozen values that every stage speaks. Imports nothing but the standard library."""
