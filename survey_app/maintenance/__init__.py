"""What an operator does with an installation: back it up, restore it, watch it."""
