"""What may be done: one async function per use case, each inside the caller's transaction."""
