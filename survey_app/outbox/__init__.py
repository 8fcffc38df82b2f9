"""Messages and jobs, written in the transaction and done after it."""
