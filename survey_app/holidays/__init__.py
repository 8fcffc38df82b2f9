"""The calendar of this installation: yearly notices an administrator imports, single days on top."""
