"""Target to attempt: fetches a source and keeps what came over the wire. Never raises for a bad source."""
