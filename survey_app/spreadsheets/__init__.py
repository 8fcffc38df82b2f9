"""Spreadsheets that people send in: kept sealed, read in a child process with limits, columns guessed."""
