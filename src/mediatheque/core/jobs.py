"""Jobs of the core (PostgreSQL queue, Procrastinate)."""
