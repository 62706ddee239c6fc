"""Pure rules per site: what a URL or page of a platform means."""
