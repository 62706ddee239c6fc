"""Draft to citations: reads drafts, finds what they link and embed, reads citation lists."""
