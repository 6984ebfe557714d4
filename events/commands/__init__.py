"""What may be asked of events: one function per use case. Each locks, decides, writes and appends facts.

Locks are taken in one order, event, stands, slots, so that two commands never wait for each other in a ring.
"""
