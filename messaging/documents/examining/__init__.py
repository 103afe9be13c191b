"""What looks into a file, in a process of its own with little memory and time: whatever a file does, it does there.

Nothing of the service is imported here but the names of types and limits: no database, no keys, no settings.
"""
