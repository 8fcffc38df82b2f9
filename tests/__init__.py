"""The tests: a mirror of the three packages, the fixtures they share, and the guards of the house."""
