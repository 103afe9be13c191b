"""The shell that the rooms' pages and routes stand in: layout, headers, sign-in hook, error format, API base."""
