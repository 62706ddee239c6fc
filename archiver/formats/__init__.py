"""Bytes to values and back: pure, strict, bounded. Each module names its page in docs/formats/."""
