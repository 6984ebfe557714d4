"""The rules of who may come, decided without a database, a clock or a network."""
