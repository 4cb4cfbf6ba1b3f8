"""Dates as they are written here, by language; what is not said is Django's own."""
