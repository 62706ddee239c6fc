"""A loopback site with every kind of traffic that a page can make, and a log of the exact bytes of each exchange."""
