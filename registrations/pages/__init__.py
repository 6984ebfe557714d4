"""HTML pages: `register`, `my_booking`, `ticket` and `interest` for visitors; the rest for those who run the event."""
