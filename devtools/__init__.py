"""What `dev.py` does, one job a file; standard library only, since it runs before anything is installed."""
