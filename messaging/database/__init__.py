"""Engine, transactions, column types, the table of changes and the migrations; the same on SQLite and PostgreSQL."""
