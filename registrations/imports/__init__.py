"""Bringing a list of people into an event: read, looked at row by row, and then booked through the one door."""
