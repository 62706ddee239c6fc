"""Evidence and trust to report. Imports no writer and opens no socket."""
