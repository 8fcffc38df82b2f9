"""The identified side: lookup, issue, links, slips, reminders."""
