"""The ways a message can take. One folder per channel, with everything about it inside."""
