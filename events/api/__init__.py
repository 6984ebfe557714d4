"""JSON below /api/v1/: `public` reads the calendar, `console` edits events, `stands` what is at them, `plans` where."""
