"""Use cases: one file each. Wires the stages; the clock, ids and configuration live here."""
