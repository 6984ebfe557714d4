"""Pages of events: the public calendar and event, and the organisers' side. Thin: read, decide in commands, show."""
