"""The outside world, played: an SMS provider, phones and a case system in one process, with faults on demand."""
