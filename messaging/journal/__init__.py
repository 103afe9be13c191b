"""What the case system must know: events in gapless streams, their delivery, receipts and reconciliation."""
