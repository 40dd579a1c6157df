"""A study as the tables of its file, one module for each kind of table."""
