"""From evidence to what others are handed: reports, pages, drafts of certifications, redacted copies."""
