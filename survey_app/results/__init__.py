"""From tallies to a rating: collect, rate, snapshot, objection, final, publish."""
