"""How quick the product is, beside the bare SQL that returns the same (ARCHITECTURE, *How speed is judged*)."""
