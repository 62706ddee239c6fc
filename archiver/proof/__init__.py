"""Pure mathematics over formats: Merkle trees, signatures, timestamps. No clock, disk or network."""
