"""Sealed to recorded: appends to the ledger and repairs what a crash left."""
