"""Taking an event's attendees out as a file: read row by row, written row by row, and written down who did it."""
