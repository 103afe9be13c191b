"""Pages for those who run the service: texts, staff, keys, channels, the journal and the background work."""
