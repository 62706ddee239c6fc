"""Recorded evidence -> what others are handed: bundles, reports, pages, drafts of certifications, redacted copies."""
