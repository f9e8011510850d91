"""The logbook: one schema on SQLite or PostgreSQL, its migrations, and the one way to open it."""
