"""The rules of events: pure functions over plain values. No await, no database, no clock of their own."""
