"""How long anything is kept, its destruction when the time is over, and the record of both."""
