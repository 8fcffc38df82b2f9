"""The desks of the three roles; reads only."""
